/* SPDX-License-Identifier: BSD-2-Clause */
/* What access rules, milters and content checks did to a message or client (smtpd_check.c, cleanup_message.c). */
#include "base/ascii.h"
#include "logparse/postfix.h"

enum { CONTENT_MAX = 200 }; /* cleanup cuts the header or line of text that it shows */

struct action {
	const char *name;
	enum line_result result;
	enum mail_outcome outcome; /* NONE with LINE_EVENT: a refusal */
	bool on_trial;             /* it is none yet */
};

static const struct action actions[] = {
	{"reject: ", LINE_EVENT, OUTCOME_NONE},
	{"milter-reject: ", LINE_EVENT, OUTCOME_NONE},
	{"abort: ", LINE_EVENT, OUTCOME_NONE},
	{"hold: ", LINE_EVENT, OUTCOME_HELD},
	{"milter-hold: ", LINE_EVENT, OUTCOME_HELD},
	{"discard: ", LINE_EVENT, OUTCOME_DISCARDED},
	{"milter-discard: ", LINE_EVENT, OUTCOME_DISCARDED},
	{"reject_warning: ", LINE_EVENT, OUTCOME_NONE, true},
	{"warn: ", LINE_QUIET, OUTCOME_NONE},
	{"warning: ", LINE_QUIET, OUTCOME_NONE},
	{"info: ", LINE_QUIET, OUTCOME_NONE},
	{"filter: ", LINE_QUIET, OUTCOME_NONE},
	{"redirect: ", LINE_QUIET, OUTCOME_NONE},
	{"bcc: ", LINE_QUIET, OUTCOME_NONE},
	{"prepend: ", LINE_QUIET, OUTCOME_NONE},
	{"replace: ", LINE_QUIET, OUTCOME_NONE},
	{"strip: ", LINE_QUIET, OUTCOME_NONE},
	{"pass: ", LINE_QUIET, OUTCOME_NONE},
	{"permit: ", LINE_QUIET, OUTCOME_NONE},
	{"delay: ", LINE_QUIET, OUTCOME_NONE},
	{"milter-", LINE_QUIET, OUTCOME_NONE},
	{"trace: ", LINE_QUIET, OUTCOME_NONE},
	{"client=", LINE_QUIET, OUTCOME_NONE},
	{"lost connection ", LINE_QUIET, OUTCOME_NONE},
	{"timeout ", LINE_QUIET, OUTCOME_NONE},
	{"too many errors ", LINE_QUIET, OUTCOME_NONE},
	{"queue file size limit exceeded", LINE_QUIET, OUTCOME_NONE},
	{"replacing command ", LINE_QUIET, OUTCOME_NONE},
	{"reply filter ", LINE_QUIET, OUTCOME_NONE},
	{"resent-message-id=", LINE_QUIET, OUTCOME_NONE},
	{"removed", LINE_QUIET, OUTCOME_NONE},
};

static const struct action *action_of(struct span rest)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (rest.at[0] == (uint8_t)actions[i].name[0] && span_starts(rest, actions[i].name))
			return &actions[i];
	return NULL;
}

static enum line_result as_event(const struct action *a, struct mail_event *e)
{
	if (a->outcome == OUTCOME_NONE) {
		e->kind = a->on_trial ? EVENT_WOULD_REFUSE : EVENT_REFUSAL;
		return LINE_EVENT;
	}
	e->kind = EVENT_CHANGE; /* without an id: of the message that the same process takes next */
	e->outcome = a->outcome;
	return LINE_EVENT;
}

bool postfix_admin(struct span rest, struct mail_event *e)
{
	static const struct {
		const char *words;
		enum mail_outcome outcome;
	} done[] = {
		{"placed on hold", OUTCOME_HELD},
		{"released from hold", OUTCOME_NONE},
		{"removed", OUTCOME_REMOVED},
		{"requeued", OUTCOME_NONE}, /* on hold no more; pickup tells the new id */
	};
	for (size_t i = 0; i < sizeof(done) / sizeof(done[0]); i++)
		if (span_starts(rest, done[i].words)) {
			e->kind = EVENT_CHANGE;
			e->outcome = done[i].outcome;
			return true;
		}
	return false;
}

bool postfix_total(struct span text, struct mail_event *e)
{
	static const struct {
		const char *words;
		enum mail_outcome outcome;
	} totals[] = {
		{"Deleted: ", OUTCOME_REMOVED},
		{"Placed on hold: ", OUTCOME_HELD},
		{"Released from hold: ", OUTCOME_NONE},
	};
	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
		struct span rest = span_from(text, strlen(totals[i].words));
		if (!span_starts(text, totals[i].words))
			continue;
		e->kind = EVENT_CHANGE;
		e->outcome = totals[i].outcome;
		return ascii_parse_u64(span_of(rest.at, span_find(rest, ' ')), UINT32_MAX, &e->count) == 0;
	}
	return false;
}

/* "RCPT from NAME[IP]: 554 5.7.1 words; from=<..> ..", "CONNECT from [IP]:PORT: words", "TLS from NAME[IP]: words". */
static bool take_session(struct span rest, struct mail_event *e)
{
	const uint8_t *from = part_find(rest, " from "), *end, *tail;
	if (!from)
		return false;
	rest = span_from(part_from(rest, from), 6);
	end = part_find(rest, "]");
	if (!end)
		return false;
	postfix_client(part_before(rest, end + 1), e);
	rest = span_from(part_from(rest, end), 1);
	if (rest.len > 1 && rest.at[0] == ':' && ascii_is_digit(rest.at[1])) /* postscreen's port */
		rest = span_from(rest, 1 + span_find(span_from(rest, 1), ':'));
	rest = span_from(rest, 2);
	tail = rest.len ? postfix_envelope_at(rest) : NULL;
	e->reply = tail ? part_before(rest, tail) : rest;
	part_reply(e->reply, &e->code, &e->status);
	if (tail)
		postfix_envelope(span_from(part_from(rest, tail), 2), e);
	return true;
}

enum line_result postfix_action(struct span rest, struct mail_event *e)
{
	const struct action *a = rest.len ? action_of(rest) : NULL;
	if (!a)
		return LINE_UNKNOWN;
	if (a->result != LINE_EVENT)
		return a->result;
	return take_session(span_from(rest, strlen(a->name)), e) ? as_event(a, e) : LINE_UNKNOWN;
}

enum line_result postfix_proxy(struct span text, struct mail_event *e)
{
	bool accepted = span_starts(text, "proxy-accept: ");
	const uint8_t *stage = part_find(span_from(text, 14), ": "), *tail;
	struct span rest;
	if (!stage || (!accepted && !span_starts(text, "proxy-reject: ")))
		return LINE_UNKNOWN;
	rest = span_from(part_from(text, stage), 2);
	tail = rest.len ? postfix_envelope_at(rest) : NULL;
	if (!tail)
		return LINE_QUIET;
	e->reply = part_before(rest, tail);
	postfix_envelope(span_from(part_from(rest, tail), 2), e);
	e->kind = EVENT_REFUSAL;
	if (!accepted) {
		part_reply(e->reply, &e->code, &e->status);
		return LINE_EVENT;
	}
	e->kind = EVENT_DETAIL;
	e->of_login = true;
	e->id = postfix_id_after(e->reply, "queued as ");
	e->recipient = e->reply = (struct span){NULL, 0};
	return e->id.len ? LINE_EVENT : LINE_QUIET;
}

/* ---- cleanup ---- */

/* "NAME[IP]", of mail of this host's programs "local". */
static bool is_peer(struct span text)
{
	return text.len && !memchr(text.at, ' ', text.len) &&
	       (text.at[text.len - 1] == ']' || span_equal(text, span_str("local")));
}

/* "NAME[IP];" behind " from " at `at`. @return what follows the ';'; NULL: something else stands there. */
static const uint8_t *peer_end(struct span rest, const uint8_t *at)
{
	struct span peer = span_from(part_from(rest, at), 6);
	size_t end = span_find(peer, ';');
	if (end == peer.len || !is_peer(span_of(peer.at, end)) ||
	    (end + 1 < peer.len && !span_starts(span_from(peer, end), "; ")))
		return NULL;
	return peer.at + end + 1;
}

/*
 * "CLASS CONTENT from NAME[IP]; from=<..> ..": content and addresses may both hold the same words. What stands inside an
 * address is passed over with it; of the other places the last one counts, as the content is before them all.
 */
static const uint8_t *content_end(struct span rest)
{
	const uint8_t *found = NULL, *next = part_find(rest, " from ");
	while (next && next - rest.at <= CONTENT_MAX + 32) {
		const uint8_t *end = peer_end(rest, next);
		const uint8_t *past = next + 1;
		if (end) {
			struct span tail = postfix_past_envelope(span_from(part_from(rest, end), 1));
			found = next;
			past = tail.len ? tail.at - 1 : rest.at + rest.len; /* with the blank before it */
		}
		next = part_find(part_from(rest, past), " from ");
	}
	return found;
}

static void take_php(struct span value, struct mail_event *e)
{
	size_t colon = span_find(value, ':');
	uint64_t uid = 0;
	if (colon < value.len && ascii_parse_u64(span_of(value.at, colon), INT32_MAX, &uid) == 0) {
		e->uid = (int32_t)uid;
		value = span_from(value, colon + 1);
	}
	e->script = value;
}

/* @return whether the header is one that is kept. */
static bool take_header(struct span content, struct mail_event *e)
{
	static const char subject[] = "header Subject: ", php[] = "header X-PHP-Originating-Script: ",
			  script[] = "header X-PHP-Script: ";
	if (span_starts(content, subject))
		e->subject = span_from(content, sizeof(subject) - 1);
	else if (span_starts(content, php))
		take_php(span_from(content, sizeof(php) - 1), e);
	else if (span_starts(content, script)) { /* "example.com/a.php for 192.0.2.1" */
		struct span value = span_from(content, sizeof(script) - 1);
		const uint8_t *end = part_find_last(value, " for ");
		e->script = end ? part_before(value, end) : value;
	} else {
		return false;
	}
	return true;
}

/* What stands after the envelope: the rule's own words. */
static struct span words_after(struct span tail)
{
	const uint8_t *found = part_find_last(tail, ": ");
	return found ? span_from(part_from(tail, found), 2) : (struct span){NULL, 0};
}

static enum line_result content_action(const struct action *a, struct span rest, struct mail_event *e)
{
	const uint8_t *end = content_end(rest);
	struct span content = end ? part_before(rest, end) : rest, tail;
	bool kept = take_header(content, e);
	if (a->result != LINE_EVENT || !end) {
		e->kind = EVENT_DETAIL;
		return kept ? LINE_EVENT : LINE_QUIET;
	}
	tail = span_from(part_from(rest, end), 6);
	postfix_client(span_of(tail.at, span_find(tail, ';')), e);
	tail = span_from(tail, span_find(tail, ';') + 2);
	postfix_envelope(tail, e);
	e->reply = words_after(tail);
	part_reply(e->reply, &e->code, &e->status);
	return as_event(a, e);
}

enum line_result postfix_cleanup(struct span rest, struct mail_event *e)
{
	const struct action *a;
	if (span_starts(rest, "message-id=")) {
		e->kind = EVENT_DETAIL;
		e->message_id = part_address(span_from(rest, 11));
		return LINE_EVENT;
	}
	a = rest.len ? action_of(rest) : NULL;
	if (!a)
		return LINE_UNKNOWN;
	if (span_starts(rest, "removed")) {
		e->kind = EVENT_END;
		return LINE_EVENT;
	}
	if (span_starts(rest, "milter-")) {
		static const char header[] = ": header Subject: ";
		if (part_find(rest, header) && !span_starts(rest, "milter-reject") && !span_starts(rest, "milter-hold"))
			return content_action(a, span_from(part_from(rest, part_find(rest, header)), 2), e);
		return postfix_action(rest, e);
	}
	return content_action(a, span_from(rest, strlen(a->name)), e);
}
