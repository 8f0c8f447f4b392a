/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGQUERY_STATS_H
#define OFFLIST_LOGQUERY_STATS_H

#include "base/buf.h"
#include "logjoin/maillog.h"
#include "logquery/top.h"

/* What a log says in numbers: totals, which are exact, and tables by name, which are exact up to a number of names. */

enum { STATS_NAMES_MAX = 50000 }; /* names of a table that are counted exactly */

enum stats_total {
	STATS_RECEIVED,         /* messages that came in or were made by programs of this host */
	STATS_NOTICES,          /* bounces and notices made here */
	STATS_RECIPIENTS_TOTAL, /* the sum of all outcomes */
	STATS_DELIVERED,        /* recipients */
	STATS_DELIVERED_LOCAL,
	STATS_DELIVERED_REMOTE,
	STATS_FORWARDED,  /* recipients for whom another message was made by an alias or forward file */
	STATS_REDIRECTED, /* recipients delivered to another server in place of an address of ours */
	STATS_DEFERRED,   /* recipients that had to wait */
	STATS_DEFERRALS,  /* tries that ended so */
	STATS_WAITING,    /* recipients not delivered when the log ends, tried before or not */
	STATS_BOUNCED,    /* recipients */
	STATS_EXPIRED,
	STATS_REJECTED,        /* refused at our door */
	STATS_REJECT_WARNINGS, /* rules on trial would have refused these */
	STATS_HELD,            /* recipients kept in the queue by a rule or by the administrator */
	STATS_REMOVED,         /* recipients taken out of the queue by the administrator */
	STATS_DISCARDED,
	STATS_WARNINGS,
	STATS_OCTETS_RECEIVED,
	STATS_OCTETS_DELIVERED,
	STATS_CONNECTIONS,
	STATS_CONNECTION_MS, /* sum of those whose end is in the log */
	STATS_CONNECTIONS_ENDED,
	STATS_LOGINS,
	STATS_LOGIN_FAILURES,
	STATS_TOTALS,
};

enum stats_table {
	STATS_BY_HOUR,        /* name: "2026-11-24T12:00:00Z" */
	STATS_BY_DAY,         /* name: "2026-11-24" in the log's zone */
	STATS_BY_HOUR_OF_DAY, /* name: "00" to "23" in the log's zone */
	STATS_SENDERS,
	STATS_SENDER_DOMAINS,
	STATS_RECIPIENTS,
	STATS_RECIPIENT_DOMAINS,
	STATS_CLIENTS,
	STATS_RELAYS,
	STATS_ORIGINS, /* "login alice", "script /var/www/x.php", "user www-data", "client 192.0.2.1" */
	STATS_DEFERRAL_REASONS,
	STATS_BOUNCE_REASONS,
	STATS_REJECT_REASONS,
	STATS_REJECT_WARNING_REASONS,
	STATS_WARNING_REASONS,
	STATS_REJECTED_CLIENTS,
	STATS_CONNECTED_CLIENTS,
	STATS_LOGIN_NAMES,
	STATS_FAILED_NAMES,
	STATS_FAILED_CLIENTS,
	STATS_TABLES,
};

/* Values of an entry. The count is of messages, of recipients' tables of recipients, of times of messages received. */
enum stats_value {
	STATS_VALUE_OCTETS,
	STATS_VALUE_DELIVERED,
	STATS_VALUE_DEFERRED, /* recipients that had to wait; of times: deferrals */
	STATS_VALUE_BOUNCED,
	STATS_VALUE_DELAY_MS, /* sum of the recipients' */
	STATS_VALUE_DELAY_MAX_MS,
	STATS_VALUE_REJECTED = 4,   /* of times */
	STATS_VALUE_RECIPIENTS = 4, /* of origins */
	STATS_VALUE_LAST_MS = 5,    /* of origins: last seen */
};

/** How a table is shown. */
struct stats_table_row {
	enum stats_table table;
	const char *name, *heading; /* in JSON; on a screen */
	uint32_t columns;           /* bits 1 << enum stats_column */
	int by;                     /* its order: as top_sorted() takes it */
};
enum stats_column {
	STATS_COLUMN_OCTETS,
	STATS_COLUMN_DELIVERED,
	STATS_COLUMN_DEFERRED,
	STATS_COLUMN_BOUNCED,
	STATS_COLUMN_DELAY,
	STATS_COLUMN_REJECTED,
	STATS_COLUMN_RECIPIENTS,
	STATS_COLUMN_LAST,
};
extern const struct stats_table_row stats_tables[];
extern const size_t stats_table_count;

enum { STATS_DELAYS = 9 };
extern const int64_t stats_delay_limits_ms[STATS_DELAYS - 1]; /* the last class has no limit */

struct stats;

/** @param zone  of hours; NULL: UTC; kept. @param names  0: STATS_NAMES_MAX. @return NULL: no memory. */
struct stats *stats_new(const struct zone *zone, size_t names);
void stats_free(struct stats *s);
/** What maillog_new() is given. */
struct mail_sink stats_sink(struct stats *s);
/** Memory was used up while counting. */
bool stats_failed(const struct stats *s);

uint64_t stats_total(const struct stats *s, enum stats_total which);
struct top *stats_table(const struct stats *s, enum stats_table which);
/** Deliveries by time on this server; `remote`: those by SMTP alone. */
uint64_t stats_delays(const struct stats *s, unsigned class, bool remote);
/** Names of a table that are counted exactly. */
size_t stats_names(const struct stats *s);
/** The entries of a table in its order. As top_sorted(). */
const struct top_entry *const *stats_rows(struct stats *s, const struct stats_table_row *row, size_t *ret_count);

/** Name of a total in JSON. */
const char *stats_total_text(enum stats_total which);

#endif
