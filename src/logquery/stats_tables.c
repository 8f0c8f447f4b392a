/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables and totals by name. */
#include "logquery/stats.h"

enum {
	OCTETS = 1 << STATS_COLUMN_OCTETS,
	TIMES = OCTETS | 1 << STATS_COLUMN_DELIVERED | 1 << STATS_COLUMN_DEFERRED | 1 << STATS_COLUMN_BOUNCED |
		1 << STATS_COLUMN_REJECTED,
	RECIPIENTS = OCTETS | 1 << STATS_COLUMN_DELIVERED | 1 << STATS_COLUMN_DEFERRED | 1 << STATS_COLUMN_BOUNCED |
		     1 << STATS_COLUMN_DELAY,
	ORIGINS = OCTETS | 1 << STATS_COLUMN_RECIPIENTS | 1 << STATS_COLUMN_DELIVERED | 1 << STATS_COLUMN_DEFERRED |
		  1 << STATS_COLUMN_BOUNCED | 1 << STATS_COLUMN_LAST,
};

/* What went wrong stands first. */
const struct stats_table_row stats_tables[] = {
	{STATS_BOUNCE_REASONS, "bounce_reasons", "Why bounced or given up", 0, TOP_BY_COUNT},
	{STATS_DEFERRAL_REASONS, "deferral_reasons", "Why deferred (tries)", 0, TOP_BY_COUNT},
	{STATS_REJECT_REASONS, "reject_reasons", "Why refused here", 0, TOP_BY_COUNT},
	{STATS_REJECTED_CLIENTS, "rejected_clients", "Clients refused", 0, TOP_BY_COUNT},
	{STATS_REJECT_WARNING_REASONS, "reject_warnings", "What rules on trial would have refused", 0, TOP_BY_COUNT},
	{STATS_FAILED_NAMES, "failed_logins", "Failed logins by name", 0, TOP_BY_COUNT},
	{STATS_FAILED_CLIENTS, "failed_login_clients", "Failed logins by client", 0, TOP_BY_COUNT},
	{STATS_WARNING_REASONS, "warnings", "Warnings", 0, TOP_BY_COUNT},
	{STATS_BY_DAY, "days", "By day", TIMES, TOP_BY_NAME},
	{STATS_BY_HOUR_OF_DAY, "hours_of_day", "By hour of the day", TIMES, TOP_BY_NAME},
	{STATS_BY_HOUR, "hours", "By hour (UTC)", TIMES, TOP_BY_NAME},
	{STATS_ORIGINS, "origins", "Who handed messages over", ORIGINS, TOP_BY_COUNT},
	{STATS_SENDERS, "senders", "Senders by messages", OCTETS, TOP_BY_COUNT},
	{STATS_SENDERS, "senders_by_size", "Senders by size", OCTETS, STATS_VALUE_OCTETS},
	{STATS_SENDER_DOMAINS, "sender_domains", "Sender domains", OCTETS, TOP_BY_COUNT},
	{STATS_CLIENTS, "clients", "Sending hosts", OCTETS, TOP_BY_COUNT},
	{STATS_RECIPIENTS, "recipients", "Recipients by messages", RECIPIENTS, TOP_BY_COUNT},
	{STATS_RECIPIENTS, "recipients_by_size", "Recipients by size", RECIPIENTS, STATS_VALUE_OCTETS},
	{STATS_RECIPIENT_DOMAINS, "recipient_domains", "Recipient domains", RECIPIENTS, TOP_BY_COUNT},
	{STATS_RELAYS, "relays", "Hosts that mail was sent to", RECIPIENTS, TOP_BY_COUNT},
	{STATS_CONNECTED_CLIENTS, "connected_clients", "SMTP connections by client", 0, TOP_BY_COUNT},
	{STATS_LOGIN_NAMES, "logins", "Logins", 0, TOP_BY_COUNT},
};
const size_t stats_table_count = sizeof(stats_tables) / sizeof(stats_tables[0]);

const char *stats_total_text(enum stats_total which)
{
	static const char *const names[] = {
		[STATS_RECEIVED] = "received",
		[STATS_NOTICES] = "notices",
		[STATS_RECIPIENTS_TOTAL] = "recipients",
		[STATS_DELIVERED] = "delivered",
		[STATS_DELIVERED_LOCAL] = "delivered_local",
		[STATS_DELIVERED_REMOTE] = "delivered_remote",
		[STATS_FORWARDED] = "forwarded",
		[STATS_REDIRECTED] = "redirected",
		[STATS_DEFERRED] = "deferred",
		[STATS_DEFERRALS] = "deferrals",
		[STATS_WAITING] = "waiting",
		[STATS_BOUNCED] = "bounced",
		[STATS_EXPIRED] = "expired",
		[STATS_REJECTED] = "rejected",
		[STATS_REJECT_WARNINGS] = "reject_warnings",
		[STATS_HELD] = "held",
		[STATS_REMOVED] = "removed",
		[STATS_DISCARDED] = "discarded",
		[STATS_WARNINGS] = "warnings",
		[STATS_OCTETS_RECEIVED] = "octets_received",
		[STATS_OCTETS_DELIVERED] = "octets_delivered",
		[STATS_CONNECTIONS] = "connections",
		[STATS_CONNECTION_MS] = "connection_ms",
		[STATS_CONNECTIONS_ENDED] = "connections_ended",
		[STATS_LOGINS] = "logins",
		[STATS_LOGIN_FAILURES] = "login_failures",
	};
	return names[which];
}

const struct top_entry *const *stats_rows(struct stats *s, const struct stats_table_row *row, size_t *ret_count)
{
	return top_sorted(stats_table(s, row->table), row->by, ret_count);
}
