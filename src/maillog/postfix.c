/* SPDX-License-Identifier: BSD-2-Clause */
/* Postfix 3.x: which daemon, which queue id. The rest is in postfix_*.c. */
#include "maillog/postfix.h"

#include "base/ascii.h"

enum { QUEUE_ID_MIN = 5, QUEUE_ID_MAX = 30 };

struct daemon_row {
	const char *name;
	enum postfix_daemon daemon;
};

static const struct daemon_row daemons[] = {
	{"smtpd", POSTFIX_SMTPD},
	{"smtp", POSTFIX_SMTP},
	{"cleanup", POSTFIX_CLEANUP},
	{"qmgr", POSTFIX_QMGR},
	{"nqmgr", POSTFIX_QMGR},
	{"oqmgr", POSTFIX_QMGR},
	{"pickup", POSTFIX_PICKUP},
	{"lmtp", POSTFIX_LMTP},
	{"local", POSTFIX_LOCAL},
	{"virtual", POSTFIX_LOCAL},
	{"pipe", POSTFIX_PIPE},
	{"error", POSTFIX_ERROR},
	{"retry", POSTFIX_ERROR},
	{"discard", POSTFIX_DISCARD},
	{"bounce", POSTFIX_BOUNCE},
	{"defer", POSTFIX_BOUNCE},
	{"trace", POSTFIX_BOUNCE},
	{"postscreen", POSTFIX_SMTPD},
	{"qmqpd", POSTFIX_SMTPD},
	{"submission", POSTFIX_OTHER},
	{"anvil", POSTFIX_QUIET},
	{"scache", POSTFIX_QUIET},
	{"trivial-rewrite", POSTFIX_QUIET},
	{"verify", POSTFIX_QUIET},
	{"proxymap", POSTFIX_QUIET},
	{"dnsblog", POSTFIX_QUIET},
	{"tlsproxy", POSTFIX_QUIET},
	{"tlsmgr", POSTFIX_QUIET},
	{"master", POSTFIX_QUIET},
	{"postfix-script", POSTFIX_QUIET},
	{"postlogd", POSTFIX_QUIET},
	{"postlog", POSTFIX_QUIET},
	{"flush", POSTFIX_QUIET},
	{"showq", POSTFIX_QUIET},
	{"postmap", POSTFIX_QUIET},
	{"postalias", POSTFIX_QUIET},
	{"postconf", POSTFIX_QUIET},
	{"postmulti", POSTFIX_QUIET},
	{"postqueue", POSTFIX_QUIET},
	{"postsuper", POSTFIX_OTHER},
	{"sendmail", POSTFIX_OTHER},
	{"postdrop", POSTFIX_OTHER},
	{"policy-spf", POSTFIX_QUIET},
	{"postfwd2", POSTFIX_QUIET},
	{"spawn", POSTFIX_QUIET},
	{"policyd-spf", POSTFIX_QUIET},
	{"postgrey", POSTFIX_QUIET},
};

enum postfix_daemon postfix_daemon(struct span name)
{
	for (size_t i = 0; i < sizeof(daemons) / sizeof(daemons[0]); i++)
		if (name.len == strlen(daemons[i].name) && memcmp(name.at, daemons[i].name, name.len) == 0)
			return daemons[i].daemon;
	return POSTFIX_NONE;
}

static struct span last_part(struct span program)
{
	const uint8_t *slash = program.len ? memrchr(program.at, '/', program.len) : NULL;
	return slash ? span_of(slash + 1, (size_t)(program.at + program.len - slash - 1)) : (struct span){NULL, 0};
}

static bool claims(const struct log_line *l)
{
	if (postfix_starts(l->program, "postfix/") || span_equal(l->program, span_str("postfix")))
		return true;
	return postfix_daemon(last_part(l->program)) != POSTFIX_NONE;
}

/* Octets of the queue id at the start of the text, before ": "; 0: none. */
static size_t queue_id(struct span text)
{
	size_t n = 0;
	while (n < text.len && n <= QUEUE_ID_MAX && (ascii_is_alpha(text.at[n]) || ascii_is_digit(text.at[n])))
		n++;
	if (n < QUEUE_ID_MIN || n > QUEUE_ID_MAX || n + 1 >= text.len || text.at[n] != ':' || text.at[n + 1] != ' ')
		return 0;
	for (size_t i = 0; i < n; i++) /* "warning: ", "fatal: " are words; an id has a digit or capitals only */
		if (ascii_is_digit(text.at[i]) || ascii_is_upper(text.at[i]))
			return n;
	return 0;
}

static enum line_result qmgr(struct span rest, struct mail_event *e)
{
	const uint8_t *end;
	uint64_t value = 0;
	struct span field;
	if (span_equal(rest, span_str("removed"))) {
		e->kind = EVENT_END;
		return LINE_EVENT;
	}
	if (postfix_starts(rest, "to=<"))
		return postfix_delivery(POSTFIX_QMGR, rest, e);
	if (!postfix_starts(rest, "from=<"))
		return postfix_starts(rest, "skipped") || postfix_starts(rest, "enabling") ? LINE_QUIET : LINE_UNKNOWN;
	end = memmem(rest.at, rest.len, ">, size=", 8);
	if (!end)
		end = memmem(rest.at, rest.len, ">, status=", 10);
	if (!end)
		return LINE_UNKNOWN;
	e->kind = EVENT_DETAIL;
	e->has_sender = true;
	e->sender = span_of(rest.at + 6, (size_t)(end - rest.at) - 6);
	rest = span_of(end + 1, (size_t)(rest.at + rest.len - end - 1));
	if (part_value(rest, "size=", &field) && ascii_parse_u64(field, UINT64_MAX / 2, &value) == 0)
		e->size = value;
	if (part_value(rest, "nrcpt=", &field)) {
		field.len = span_find(field, ' ');
		if (ascii_parse_u64(field, UINT32_MAX, &value) == 0)
			e->recipients = (uint32_t)value;
	}
	return LINE_EVENT;
}

/* "sender non-delivery notification: ID", "sender delivery status notification: ID", "postmaster ..." */
static enum line_result bounce(struct span rest, struct mail_event *e)
{
	const uint8_t *found = memmem(rest.at, rest.len, " notification: ", 15);
	if (!found)
		return memmem(rest.at, rest.len, "notification failed", 19) ? LINE_QUIET : LINE_UNKNOWN;
	e->kind = EVENT_LINK;
	e->link = LINK_NOTICE;
	e->related = span_of(found + 15, (size_t)(rest.at + rest.len - found) - 15);
	e->related.len = span_find(e->related, ' ');
	return LINE_EVENT;
}

static enum line_result with_id(enum postfix_daemon daemon, struct span rest, struct mail_event *e)
{
	if (postfix_starts(rest, "warning: ") && daemon != POSTFIX_CLEANUP) {
		e->kind = EVENT_WARNING;
		e->reply = rest;
		return LINE_EVENT;
	}
	switch (daemon) {
	case POSTFIX_SMTPD:
	case POSTFIX_PICKUP:
	case POSTFIX_OTHER:
		return postfix_client(daemon, rest, e);
	case POSTFIX_CLEANUP:
		return postfix_cleanup(rest, e);
	case POSTFIX_QMGR:
		return qmgr(rest, e);
	case POSTFIX_BOUNCE:
		return bounce(rest, e);
	case POSTFIX_QUIET:
	case POSTFIX_NONE:
		return LINE_QUIET;
	default:
		return postfix_delivery(daemon, rest, e);
	}
}

static enum line_result parse(const struct log_line *l, uint32_t want, struct mail_event *e)
{
	struct span name = last_part(l->program);
	enum postfix_daemon daemon = postfix_daemon(name);
	size_t slash = span_find(l->program, '/'), n = queue_id(l->text);
	e->instance = span_of(l->program.at, slash < l->program.len ? slash : l->program.len);
	if (n == 7 && memcmp(l->text.at, "NOQUEUE", 7) == 0)
		return postfix_refusal(span_from(l->text, 9), e);
	if (!n)
		return postfix_note(daemon, l->text, want, e);
	e->id = span_of(l->text.at, n);
	return with_id(daemon, span_from(l->text, n + 2), e);
}

const struct format_row format_postfix = {FORMAT_POSTFIX, "postfix", claims, parse};
