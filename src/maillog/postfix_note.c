/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines without a queue id: connections, passwords tried, warnings. */
#include "maillog/postfix.h"

static const char *const quiet[] = {
	"lost connection",
	"timeout after",
	"Anonymous TLS",
	"Untrusted TLS",
	"Trusted TLS",
	"Verified TLS",
	"Invalid TLS",
	"setting up TLS",
	"SSL_accept",
	"SSL_connect",
	"TLS SNI",
	"TLS library",
	"too many errors",
	"improper command",
	"statistics:",
	"CONNECT from",
	"PASS ",
	"DISCONNECT",
	"HANGUP",
	"PREGREET",
	"DNSBL rank",
	"BLACKLISTED",
	"WHITELISTED",
	"ALLOWLIST",
	"ALLOWLISTED",
	"DENYLISTED",
	"WHITELIST VETO",
	"ALLOWLIST VETO",
	"NOQUEUE:",
	"COMMAND ",
	"BARE NEWLINE",
	"NON-SMTP",
	"cache ",
	"addr ",
	"connect to ",
	"daemon started",
	"terminating on signal",
	"starting the Postfix",
	"stopping the Postfix",
	"refreshing the Postfix",
	"reload",
	"postfix-script",
	"name_mask:",
	"dict_",
	"Host offered STARTTLS",
	"certificate verification",
	"Peer ",
	"table ",
	"mynetworks",
	"server features",
	"using ",
	"Server certificate",
	"enabling PIX",
	"subject=",
	"issuer=",
	"fingerprint=",
	"Matched ",
	"closing ",
	"entering ",
	"ADMIN",
	"close database",
	"max ",
	"host ",
	"disconnect",
	"rate ",
	"end of ",
	"milter",
	"Policy ",
	"summary:",
	"redirect",
	"Deleted:",
	"Placed on hold:",
	"Released from hold:",
	"Requeued:",
	"policy-spf",
	"prepend",
	"action=",
	"Deferred:",
	"client ",
	"seed ",
	"tls_",
	"smtp_",
	"smtpd_",
	"initializing",
	"reporting",
	"maximal",
	"status=",
	"uncaught",
	"read ",
	"Pass",
	"New ",
	"Received-SPF",
	"None;",
	"Softfail;",
	"Fail;",
	"Neutral;",
	"Temperror;",
	"Permerror;",
	"looks like",
	"sql_",
	"postmaster",
	"command ",
	"open database",
	"BYPASS",
};

/* "warning: NAME[IP]: SASL LOGIN authentication failed: reason, sasl_username=admin". */
static bool password(struct span text, struct mail_event *e)
{
	static const char words[] = "]: SASL ";
	const uint8_t *found = memmem(text.at, text.len, words, sizeof(words) - 1);
	struct span peer, rest;
	uint16_t port;
	if (!found || !memmem(found, (size_t)(text.at + text.len - found), " authentication ", 16))
		return false;
	peer = span_of(text.at + 9, (size_t)(found - text.at) - 8);
	part_peer(peer, &e->client_name, &e->client, &port);
	rest = span_of(found + sizeof(words) - 1, (size_t)(text.at + text.len - found) - sizeof(words) + 1);
	e->kind = EVENT_LOGIN;
	e->good = false;
	e->method = span_of(rest.at, span_find(rest, ' '));
	part_value(rest, "sasl_username=", &e->login);
	return true;
}

static enum line_result connection(struct span text, size_t skip, enum mail_event_kind kind, uint32_t want,
				   struct mail_event *e)
{
	struct span peer = span_from(text, skip);
	uint16_t port;
	if (!(want & WANT_CONNECTIONS))
		return LINE_QUIET;
	if (kind == EVENT_DISCONNECT)
		peer.len = span_find(peer, ' ');
	e->kind = kind;
	part_peer(peer, &e->client_name, &e->client, &port);
	return LINE_EVENT;
}

enum line_result postfix_note(enum postfix_daemon daemon, struct span text, uint32_t want, struct mail_event *e)
{
	if (postfix_starts(text, "connect from "))
		return connection(text, 13, EVENT_CONNECT, want, e);
	if (postfix_starts(text, "disconnect from "))
		return connection(text, 16, EVENT_DISCONNECT, want, e);
	if (postfix_starts(text, "warning: ") && password(text, e))
		return LINE_EVENT;
	if (postfix_starts(text, "warning: ") || postfix_starts(text, "error: ") || postfix_starts(text, "fatal: ") ||
	    postfix_starts(text, "panic: ")) {
		e->kind = EVENT_WARNING;
		e->reply = text;
		return LINE_EVENT;
	}
	if (daemon == POSTFIX_QUIET || daemon == POSTFIX_NONE || daemon == POSTFIX_OTHER)
		return LINE_QUIET;
	for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		if (postfix_starts(text, quiet[i]))
			return LINE_QUIET;
	return LINE_UNKNOWN;
}
