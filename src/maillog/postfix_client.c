/* SPDX-License-Identifier: BSD-2-Clause */
/* How a message came in, who was refused, who tried a password. */
#include "base/ascii.h"
#include "maillog/postfix.h"

static void take_client(struct span peer, struct mail_event *e)
{
	part_peer(peer, &e->client_name, &e->client, &e->relay_port);
	e->relay_port = 0;
	if (span_equal(e->client_name, span_str("unknown")))
		e->client_name = (struct span){NULL, 0};
}

/* "client=NAME[IP], sasl_method=, sasl_username=, sasl_sender=, orig_queue_id=, orig_client=". */
static enum line_result arrival(struct span rest, struct mail_event *e)
{
	struct span value;
	const uint8_t *comma = memmem(rest.at, rest.len, ", ", 2);
	size_t end = comma ? (size_t)(comma - rest.at) : rest.len;
	e->kind = EVENT_ACCEPT;
	take_client(span_of(rest.at + 7, end - 7), e);
	if (!comma)
		return LINE_EVENT;
	rest = span_from(rest, end);
	part_value(rest, "sasl_method=", &e->method);
	part_value(rest, "sasl_username=", &e->login);
	if (part_value(rest, "orig_client=", &value))
		take_client(value, e);
	if (part_value(rest, "orig_queue_id=", &e->related) && e->related.len)
		e->link = LINK_NEXT_HOP;
	return LINE_EVENT;
}

/* "uid=33 from=<www-data>". */
static enum line_result pickup(struct span rest, struct mail_event *e)
{
	size_t end = span_find(rest, ' ');
	uint64_t uid = 0;
	struct span from = span_from(rest, end + 1);
	if (!postfix_starts(rest, "uid=") || !postfix_starts(from, "from=<") || from.at[from.len - 1] != '>')
		return LINE_UNKNOWN;
	e->kind = EVENT_ACCEPT;
	e->local = true;
	if (ascii_parse_u64(span_of(rest.at + 4, end - 4), INT32_MAX, &uid) == 0)
		e->uid = (int32_t)uid;
	e->user = span_of(from.at + 6, from.len - 7);
	return LINE_EVENT;
}

enum line_result postfix_client(enum postfix_daemon daemon, struct span rest, struct mail_event *e)
{
	if (postfix_starts(rest, "client="))
		return arrival(rest, e);
	if (postfix_starts(rest, "uid="))
		return pickup(rest, e);
	if (daemon == POSTFIX_OTHER) {
		static const char *const held[] = {"placed on hold", "hold"};
		if (postfix_starts(rest, held[0]) || postfix_starts(rest, "released") ||
		    postfix_starts(rest, "requeued") || postfix_starts(rest, "expired"))
			return LINE_QUIET;
		if (postfix_starts(rest, "removed")) {
			e->kind = EVENT_END;
			return LINE_EVENT;
		}
		return LINE_UNKNOWN;
	}
	return postfix_refusal(rest, e);
}

static struct span between(struct span s, const char *from, const char *to)
{
	const uint8_t *a = s.len ? memmem(s.at, s.len, from, strlen(from)) : NULL, *b;
	if (!a)
		return (struct span){NULL, 0};
	a += strlen(from);
	b = memmem(a, (size_t)(s.at + s.len - a), to, strlen(to));
	return b ? span_of(a, (size_t)(b - a)) : (struct span){NULL, 0};
}

enum line_result postfix_refusal(struct span rest, struct mail_event *e)
{
	static const char *const verbs[] = {
		"reject: ",   "reject_warning: ", "milter-reject: ", "discard: ",        "filter: ",  "hold: ",
		"redirect: ", "warn: ",           "milter-hold: ",   "milter-discard: ", "prepend: ", "bcc: ",
		"info: ",     "permit: ",         "delay: "};
	const uint8_t *from, *end, *tail;
	size_t verb = 0;
	while (verb < sizeof(verbs) / sizeof(verbs[0]) && !postfix_starts(rest, verbs[verb]))
		verb++;
	if (verb == sizeof(verbs) / sizeof(verbs[0]))
		return postfix_note(POSTFIX_SMTPD, rest, 0, e);
	from = memmem(rest.at, rest.len, " from ", 6);
	end = from ? memmem(from, (size_t)(rest.at + rest.len - from), "]: ", 3) : NULL;
	if (!end) /* postscreen: "]:port: " */
		end = from ? memmem(from, (size_t)(rest.at + rest.len - from), "]:", 2) : NULL;
	if (!end || (verb != 0 && verb != 2))
		return from ? LINE_QUIET : LINE_UNKNOWN;
	e->kind = EVENT_REFUSAL;
	take_client(span_of(from + 6, (size_t)(end - from) - 5), e);
	rest = span_of(end + 2, (size_t)(rest.at + rest.len - end) - 2);
	rest = span_from(rest, span_find(rest, ' ') + 1);
	tail = memmem(rest.at, rest.len, "; from=<", 8);
	e->reply = span_of(rest.at, tail ? (size_t)(tail - rest.at) : rest.len);
	part_reply(e->reply, &e->code, &e->status);
	if (tail) {
		rest = span_of(tail, (size_t)(rest.at + rest.len - tail));
		e->has_sender = true;
		e->sender = between(rest, "; from=<", ">");
		e->recipient = between(rest, " to=<", ">");
		e->helo = between(rest, " helo=<", ">");
		e->login = between(rest, " sasl_username=<", ">");
	}
	return LINE_EVENT;
}

/* "header Subject: words from NAME[IP]; from=<..> to=<..> proto=.. helo=<..>[: text]" of header_checks. */
static enum line_result header(struct span rest, struct mail_event *e)
{
	static const char php[] = "header X-PHP-Originating-Script: ";
	const uint8_t *end = memmem(rest.at, rest.len, "; from=<", 8);
	struct span head = span_of(rest.at, end ? (size_t)(end - rest.at) : rest.len);
	const uint8_t *from = NULL;
	e->kind = EVENT_DETAIL;
	for (const uint8_t *next = memmem(head.at, head.len, " from ", 6); next;
	     next = memmem(next + 1, (size_t)(head.at + head.len - next - 1), " from ", 6))
		from = next;
	if (from)
		head.len = (size_t)(from - head.at);
	if (postfix_starts(head, "header Subject: ")) {
		e->subject = span_from(head, 16);
		return LINE_EVENT;
	}
	if (postfix_starts(head, php)) {
		e->script = span_from(head, sizeof(php) - 1);
		return LINE_EVENT;
	}
	return LINE_QUIET;
}

enum line_result postfix_cleanup(struct span rest, struct mail_event *e)
{
	if (postfix_starts(rest, "message-id=")) {
		e->kind = EVENT_DETAIL;
		e->message_id = part_address(span_from(rest, 11));
		return LINE_EVENT;
	}
	if (postfix_starts(rest, "warning: header ") || postfix_starts(rest, "info: header "))
		return header(span_from(rest, span_find(rest, ' ') + 1), e);
	if (postfix_starts(rest, "warning: ") || postfix_starts(rest, "info: ") ||
	    postfix_starts(rest, "resent-message-id") || postfix_starts(rest, "replace: ") ||
	    postfix_starts(rest, "prepend: ") || postfix_starts(rest, "strip: "))
		return LINE_QUIET;
	return postfix_refusal(rest, e);
}
