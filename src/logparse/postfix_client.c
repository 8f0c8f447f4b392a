/* SPDX-License-Identifier: BSD-2-Clause */
/* How a message came in: smtpd's "client=", pickup's "uid=". */
#include "base/ascii.h"
#include "logparse/postfix.h"

/* A login name may hold ", " itself: it ends where one of the fields that may follow begins. */
static struct span login_of(struct span rest)
{
	static const char *const after[] = {", sasl_sender=", ", orig_queue_id=", ", orig_client="};
	const uint8_t *comma = part_comma(rest);
	for (size_t i = 0; comma && i < sizeof(after) / sizeof(after[0]); i++) {
		const uint8_t *end = part_find(rest, after[i]);
		if (end)
			return part_before(rest, end);
	}
	return rest;
}

static void take_login(struct span *rest, struct mail_event *e)
{
	if (span_starts(*rest, "sasl_method=")) {
		const uint8_t *end = part_comma(*rest);
		e->method = span_from(end ? part_before(*rest, end) : *rest, 12);
		*rest = span_from(*rest, 12 + e->method.len + 2);
	}
	if (span_starts(*rest, "sasl_username=")) {
		*rest = span_from(*rest, 14);
		e->login = login_of(*rest);
		*rest = span_from(*rest, e->login.len + 2);
	}
}

/* "client=NAME[IP], sasl_method=, sasl_username=, sasl_sender=, orig_queue_id=, orig_client=" (smtpd.c). The last two
 * are what a content filter says of the message's first hop (XFORWARD). */
enum line_result postfix_arrival(struct span rest, struct mail_event *e)
{
	const uint8_t *end = part_comma(rest);
	struct span value;
	e->kind = EVENT_ACCEPT;
	postfix_client(span_from(end ? part_before(rest, end) : rest, 7), e);
	if (!end)
		return LINE_EVENT;
	rest = span_from(part_from(rest, end), 2);
	take_login(&rest, e);
	/* AUTH= of the client's MAIL command: any words, up to the end */
	if (!rest.len || span_starts(rest, "sasl_sender="))
		return LINE_EVENT;
	if (part_value(rest, "orig_client=", &value)) {
		postfix_client(value, e);
		e->xforward = true;
	}
	if (part_value(rest, "orig_queue_id=", &e->related) && e->related.len)
		e->link = LINK_NEXT_HOP;
	return LINE_EVENT;
}

/* "uid=33 from=<www-data>", "uid=33 from=<x> orig_id=ID" after a requeue. */
enum line_result postfix_pickup(struct span rest, struct mail_event *e)
{
	size_t end = span_find(rest, ' ');
	uint64_t uid = 0;
	struct span from = span_from(rest, end + 1);
	const uint8_t *close, *original;
	if (!span_starts(from, "from=<"))
		return LINE_UNKNOWN;
	original = part_find_last(span_from(from, 6 + part_quoted(span_from(from, 6))), "> orig_id=");
	close = original ? original : memrchr(from.at, '>', from.len);
	if (!close || close < from.at + 6)
		return LINE_UNKNOWN;
	e->kind = EVENT_ACCEPT;
	e->local = true;
	if (ascii_parse_u64(span_of(rest.at + 4, end - 4), INT32_MAX, &uid) == 0)
		e->uid = (int32_t)uid;
	e->user = part_address(span_from(part_before(from, close), 6));
	if (original) {
		e->related = postfix_id_after(part_from(from, original), "orig_id=");
		e->link = LINK_REQUEUE;
	}
	return LINE_EVENT;
}
