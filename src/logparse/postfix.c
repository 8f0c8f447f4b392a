/* SPDX-License-Identifier: BSD-2-Clause */
/* Postfix 3.x: which daemon, which queue id. The rest is in postfix_*.c. */
#include "logparse/postfix.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/ascii.h"

enum { QUEUE_ID_MIN = 5, QUEUE_ID_MAX = 30 };

/* its versions lay braces in macros out in two ways */
/* clang-format off */
#define DAEMON(text, daemon) {text, sizeof(text) - 1, daemon}
/* clang-format on */

struct daemon_row {
	const char *name;
	size_t len;
	enum postfix_daemon daemon;
};

/* In the order of their lines' number. */
static const struct daemon_row daemons[] = {
	DAEMON("smtpd", POSTFIX_SMTPD),        DAEMON("smtp", POSTFIX_SMTP),
	DAEMON("cleanup", POSTFIX_CLEANUP),    DAEMON("qmgr", POSTFIX_QMGR),
	DAEMON("lmtp", POSTFIX_LMTP),          DAEMON("pipe", POSTFIX_PIPE),
	DAEMON("local", POSTFIX_LOCAL),        DAEMON("virtual", POSTFIX_LOCAL),
	DAEMON("pickup", POSTFIX_PICKUP),      DAEMON("bounce", POSTFIX_BOUNCE),
	DAEMON("error", POSTFIX_ERROR),        DAEMON("retry", POSTFIX_ERROR),
	DAEMON("anvil", POSTFIX_QUIET),        DAEMON("postscreen", POSTFIX_SMTPD),
	DAEMON("dnsblog", POSTFIX_QUIET),      DAEMON("nqmgr", POSTFIX_QMGR),
	DAEMON("oqmgr", POSTFIX_QMGR),         DAEMON("discard", POSTFIX_DISCARD),
	DAEMON("defer", POSTFIX_BOUNCE),       DAEMON("trace", POSTFIX_BOUNCE),
	DAEMON("qmqpd", POSTFIX_SMTPD),        DAEMON("sendmail", POSTFIX_TOOL),
	DAEMON("postdrop", POSTFIX_TOOL),      DAEMON("postsuper", POSTFIX_TOOL),
	DAEMON("scache", POSTFIX_QUIET),       DAEMON("trivial-rewrite", POSTFIX_QUIET),
	DAEMON("rewrite", POSTFIX_QUIET),      DAEMON("verify", POSTFIX_QUIET),
	DAEMON("proxymap", POSTFIX_QUIET),     DAEMON("proxywrite", POSTFIX_QUIET),
	DAEMON("tlsproxy", POSTFIX_QUIET),     DAEMON("tlsmgr", POSTFIX_QUIET),
	DAEMON("master", POSTFIX_QUIET),       DAEMON("postfix-script", POSTFIX_QUIET),
	DAEMON("post-install", POSTFIX_QUIET), DAEMON("postlogd", POSTFIX_QUIET),
	DAEMON("postlog", POSTFIX_QUIET),      DAEMON("flush", POSTFIX_QUIET),
	DAEMON("showq", POSTFIX_QUIET),        DAEMON("postmap", POSTFIX_QUIET),
	DAEMON("postalias", POSTFIX_QUIET),    DAEMON("postconf", POSTFIX_QUIET),
	DAEMON("postmulti", POSTFIX_QUIET),    DAEMON("postqueue", POSTFIX_QUIET),
	DAEMON("policy-spf", POSTFIX_QUIET),   DAEMON("policyd-spf", POSTFIX_QUIET),
	DAEMON("postfwd2", POSTFIX_QUIET),     DAEMON("postgrey", POSTFIX_QUIET),
	DAEMON("spawn", POSTFIX_QUIET),
};

#undef DAEMON

/* The part after the last '/'; empty: there is none. */
static struct span last_part(struct span program)
{
	const uint8_t *slash = program.len ? memrchr(program.at, '/', program.len) : NULL;
	return slash ? span_from(part_from(program, slash), 1) : (struct span){NULL, 0};
}

static const struct daemon_row *daemon_row(struct span name)
{
	for (size_t i = 0; i < sizeof(daemons) / sizeof(daemons[0]); i++)
		if (name.len == daemons[i].len && memcmp(name.at, daemons[i].name, name.len) == 0)
			return &daemons[i];
	return NULL;
}

/* The kind of a program's lines: its daemon, and the length of the instance's name that it begins with. */
enum { INSTANCE_SHIFT = 8 };

static bool is_postfix(struct span name)
{
	return span_starts(name, "postfix") && (name.len == 7 || name.at[7] == '/');
}

/* syslog_name gives the first part; a name that is not Postfix' own counts where a daemon's name follows it. */
static enum format_claim program(struct span name, uint32_t *ret_kind)
{
	const struct daemon_row *row = daemon_row(last_part(name));
	if (!is_postfix(name) && (!row || span_starts(name, "cyrus/")))
		return CLAIM_NO;
	*ret_kind = (row ? row->daemon : POSTFIX_OTHER) | (uint32_t)span_find(name, '/') << INSTANCE_SHIFT;
	return CLAIM_YES;
}

#ifdef __SSE2__
/* Which of sixteen octets are from `first` on, `count` of them. */
static unsigned int octets_among(__m128i w, char first, char count)
{
	__m128i x = _mm_sub_epi8(w, _mm_set1_epi8(first));
	return (unsigned int)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8((char)(count - 1))), x));
}

/* As queue_id(), of an id that has less than sixteen octets in a text of more. @return SIZE_MAX: it may have more. */
static size_t short_queue_id(struct span text)
{
	__m128i w = _mm_loadu_si128((const __m128i *)(const void *)text.at);
	unsigned int digits = octets_among(w, '0', 10),
		     words = digits | octets_among(_mm_or_si128(w, _mm_set1_epi8(0x20)), 'a', 26), inside;
	size_t n = (size_t)__builtin_ctz(~words);
	if (n >= 16)
		return SIZE_MAX;
	if (n < QUEUE_ID_MIN || text.at[n] != ':' || text.at[n + 1] != ' ')
		return 0;
	inside = (1U << n) - 1;
	return (digits & inside) || (octets_among(w, 'A', 6) & inside) == inside ? n : 0;
}
#endif

/* As queue_id(), of any text. */
static size_t any_queue_id(struct span text)
{
	bool digit = false, hex = true;
	size_t n = 0;
	for (; n < text.len && n <= QUEUE_ID_MAX; n++) {
		uint8_t c = text.at[n];
		if (ascii_is_digit(c))
			digit = true;
		else if (!ascii_is_alpha(c))
			break;
		else if (c < 'A' || c > 'F')
			hex = false;
	}
	if (n < QUEUE_ID_MIN || n > QUEUE_ID_MAX || n + 1 >= text.len || text.at[n] != ':' || text.at[n + 1] != ' ')
		return 0;
	return digit || hex ? n : 0;
}

/* Octets of the queue id at the start of the text, before ": "; 0: none. A short id is hexadecimal, a long one begins
 * with digits of the time; "warning", "NOQUEUE" and other words are neither. */
static size_t queue_id(struct span text)
{
#ifdef __SSE2__
	size_t n = text.len > 16 ? short_queue_id(text) : SIZE_MAX;
	if (n != SIZE_MAX)
		return n;
#endif
	return any_queue_id(text);
}

/* "from=<..>, status=expired, returned to sender": what was still waiting is given up. */
static enum line_result expired(struct span rest, const uint8_t *end, struct mail_event *e)
{
	e->kind = EVENT_DETAIL;
	e->has_sender = true;
	e->outcome = OUTCOME_EXPIRED;
	e->sender = part_address(span_from(part_before(rest, end), 6));
	return LINE_EVENT;
}

/* "size=123, nrcpt=4 (queue active)" with numbers of less than eight digits; other forms are left to those who look for
 * each field. */
static bool usual_numbers(struct span rest, struct mail_event *e)
{
	uint32_t size, count;
	unsigned int n;
	if (rest.len < 5 + 8 + 8 + 8) /* each step looks at eight octets */
		return false;
	rest = span_from(rest, 5);
	n = ascii_digits8(rest.at, &size);
	rest = span_from(rest, n);
	if (n == 0 || n == 8 || !span_starts(rest, ", nrcpt="))
		return false;
	rest = span_from(rest, 8);
	if (rest.len < 8)
		return false;
	n = ascii_digits8(rest.at, &count);
	if (n == 0 || n == 8 || rest.at[n] != ' ')
		return false;
	e->size = size;
	e->recipients = count;
	return true;
}

/* Nothing that a stranger writes follows the address, so that its last possible end is the right one. */
static enum line_result qmgr_from(struct span rest, struct mail_event *e)
{
	const struct span unquoted = span_from(rest, 6 + part_quoted(span_from(rest, 6)));
	const uint8_t *end = part_find_last(unquoted, ">, size="), *status;
	uint64_t value = 0;
	struct span field;
	status = end ? NULL : part_find_last(unquoted, ">, status=");
	if (status)
		return expired(rest, status, e);
	if (!end)
		return LINE_UNKNOWN;
	e->kind = EVENT_DETAIL;
	e->has_sender = true;
	e->sender = part_address(span_from(part_before(rest, end), 6));
	rest = span_from(part_from(rest, end), 3);
	if (usual_numbers(rest, e))
		return LINE_EVENT;
	if (part_value(rest, "size=", &field) && ascii_parse_u64(field, UINT64_MAX / 2, &value) == 0)
		e->size = value;
	if (part_value(rest, "nrcpt=", &field)) {
		field.len = span_find(field, ' ');
		if (ascii_parse_u64(field, UINT32_MAX, &value) == 0)
			e->recipients = (uint32_t)value;
	}
	return LINE_EVENT;
}

static enum line_result qmgr(struct span rest, struct mail_event *e)
{
	static const char *const quiet[] = {"skipped", "enabling",  "allowing ", "disallowing ",
					    "moved ",  "placed in", "queue ",    "recipient limit"};
	if (span_starts(rest, "from=<"))
		return qmgr_from(rest, e);
	if (span_equal(rest, span_str("removed"))) {
		e->kind = EVENT_END;
		return LINE_EVENT;
	}
	if (span_starts(rest, "to=<"))
		return postfix_delivery(POSTFIX_QMGR, rest, e);
	for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		if (span_starts(rest, quiet[i]))
			return LINE_QUIET;
	return LINE_UNKNOWN;
}

/* "sender non-delivery notification: ID", "sender delivery status notification: ID", "postmaster ...". */
static enum line_result bounce(struct span rest, struct mail_event *e)
{
	static const char words[] = " notification: ";
	if (span_starts(rest, "to=<"))
		return postfix_delivery(POSTFIX_ERROR, rest, e);
	if (!part_find(rest, words))
		return part_find(rest, "notification") || span_starts(rest, "status=") ? LINE_QUIET : LINE_UNKNOWN;
	e->kind = EVENT_LINK;
	e->link = LINK_NOTICE;
	e->related = postfix_id_after(rest, words);
	return LINE_EVENT;
}

/* postsuper, sendmail, postdrop. */
static enum line_result tool(struct span rest, struct mail_event *e)
{
	static const char *const quiet[] = {"expired", "renamed"}; /* qmgr tells what follows */
	if (postfix_admin(rest, e))
		return LINE_EVENT;
	for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		if (span_starts(rest, quiet[i]))
			return LINE_QUIET;
	return span_starts(rest, "uid=") ? postfix_pickup(rest, e) : LINE_UNKNOWN;
}

/* A daemon that is not in the table: its words tell what it is. */
static enum line_result by_words(struct span rest, struct mail_event *e)
{
	enum line_result r;
	if (span_starts(rest, "to=<"))
		return postfix_delivery(POSTFIX_OTHER, rest, e);
	if (span_starts(rest, "from=<") || span_starts(rest, "removed"))
		return qmgr(rest, e);
	if (span_starts(rest, "client="))
		return postfix_arrival(rest, e);
	if (span_starts(rest, "uid="))
		return postfix_pickup(rest, e);
	r = postfix_cleanup(rest, e);
	return r == LINE_UNKNOWN ? LINE_QUIET : r;
}

static enum line_result smtpd(struct span rest, struct mail_event *e)
{
	return span_starts(rest, "client=") ? postfix_arrival(rest, e) : postfix_action(rest, e);
}

static enum line_result with_id(enum postfix_daemon daemon, struct span rest, struct mail_event *e)
{
	if (span_starts(rest, "warning: ") && daemon != POSTFIX_CLEANUP) {
		e->kind = EVENT_WARNING;
		e->reply = rest;
		return LINE_EVENT;
	}
	switch (daemon) {
	case POSTFIX_SMTPD:
		return smtpd(rest, e);
	case POSTFIX_PICKUP:
		return span_starts(rest, "uid=") ? postfix_pickup(rest, e) : LINE_UNKNOWN;
	case POSTFIX_CLEANUP: /* a bounce that cleanup makes itself has a recipient */
		return span_starts(rest, "to=<") ? postfix_delivery(POSTFIX_ERROR, rest, e) : postfix_cleanup(rest, e);
	case POSTFIX_QMGR:
		return qmgr(rest, e);
	case POSTFIX_BOUNCE:
		return bounce(rest, e);
	case POSTFIX_TOOL:
		return tool(rest, e);
	case POSTFIX_QUIET:
		return LINE_QUIET;
	case POSTFIX_OTHER:
		return by_words(rest, e);
	default:
		return postfix_delivery(daemon, rest, e);
	}
}

/* Before a queue file is opened. With a filter before the queue, a login is only told here. */
static enum line_result noqueue(struct span rest, struct mail_event *e)
{
	if (!span_starts(rest, "client="))
		return postfix_action(rest, e);
	postfix_arrival(rest, e);
	e->kind = EVENT_LOGIN;
	e->good = true;
	return e->login.len ? LINE_EVENT : LINE_QUIET;
}

static enum line_result parse(const struct log_line *l, uint32_t kind, uint32_t want, struct mail_event *e)
{
	enum postfix_daemon daemon = kind & ((1U << INSTANCE_SHIFT) - 1);
	size_t n = queue_id(l->text);
	if (n == 0 && postfix_is_quiet(l->text, want))
		return LINE_QUIET;
	event_begin(e, l);
	e->instance = span_of(l->program.at, kind >> INSTANCE_SHIFT);
	if (n) {
		e->id = span_of(l->text.at, n);
		return with_id(daemon, span_from(l->text, n + 2), e);
	}
	if (span_starts(l->text, "NOQUEUE: "))
		return noqueue(span_from(l->text, 9), e);
	return postfix_note(daemon, l->text, e);
}

const struct format_row format_postfix = {FORMAT_POSTFIX, program, NULL, parse};
