/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qmail-send's log (qmail-log(5)), by multilog or syslog. A delivery's outcome names only its number: `related`. Blanks of
 * replies stand as '_', and are left so: which of them were blanks cannot be told.
 */
#include "logparse/qmail.h"

#include "base/ascii.h"

enum { UID_PEOPLE = 500, UID_PEOPLE_END = 60000, UID_DEBIAN_WEB = 33, UID_REDHAT_WEB = 48, STAMP_MAX = 20 };

static struct span after(struct span s, const char *words)
{
	const uint8_t *hit = s.len ? memmem(s.at, s.len, words, strlen(words)) : NULL;
	return hit ? span_from(s, (size_t)(hit - s.at) + strlen(words)) : (struct span){0};
}

/* Through syslog the text begins with splogger's epoch seconds. */
static struct span text_of(const struct log_line *l)
{
	size_t n = 0;
	while (n < l->text.len && n < STAMP_MAX && (ascii_is_digit(l->text.at[n]) || l->text.at[n] == '.'))
		n++;
	return n > 10 && n < l->text.len && l->text.at[n] == ' ' ? span_from(l->text, n + 1) : l->text;
}

static enum format_claim program(struct span name, uint32_t *ret_kind)
{
	if (!name.len)
		return CLAIM_ASK;
	*ret_kind = qmail_door_program(name);
	return *ret_kind || span_starts(name, "qmail") || span_starts(name, "vpopmail") || span_starts(name, "rblsmtpd")
		       ? CLAIM_YES
		       : CLAIM_NO;
}

/* multilog writes no program: told by qmail-send's own beginnings with a number behind them. */
static bool claims(const struct log_line *l)
{
	static const char *const beginnings[] = {"new msg ",
						 "info msg ",
						 "starting delivery ",
						 "delivery ",
						 "bounce msg ",
						 "end msg ",
						 "triple bounce: discarding bounce/"};
	struct span text = text_of(l);
	if (text.len == 0 || !memchr("nisdbetCq", text.at[0], 9))
		return false;
	if (qmail_door_claims(text))
		return true;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		size_t n = strlen(beginnings[i]);
		if (span_starts(text, beginnings[i]) && text.len > n && ascii_is_digit(text.at[n]))
			return true;
	}
	return span_starts(text, "status: local ") || span_starts(text, "status: exiting");
}

static struct span take_number(struct span *rest)
{
	size_t n = 0;
	struct span number;
	while (n < rest->len && ascii_is_digit(rest->at[n]))
		n++;
	number = span_of(rest->at, n);
	*rest = span_from(*rest, n);
	return number;
}

static bool take(struct span *rest, const char *words)
{
	if (!span_starts(*rest, words))
		return false;
	*rest = span_from(*rest, strlen(words));
	return true;
}

/* Who ran qmail-queue: a person or a web server, not qmail's own users (qmaild for SMTP, qmails for bounces). */
static void read_uid(struct span number, struct mail_event *e)
{
	uint64_t uid;
	if (ascii_parse_u64(number, INT32_MAX, &uid) < 0)
		return;
	e->uid = (int32_t)uid;
	e->local = uid == UID_DEBIAN_WEB || uid == UID_REDHAT_WEB || (uid >= UID_PEOPLE && uid < UID_PEOPLE_END);
}

/* "N: bytes B from <S> qp Q uid U": the sender may hold anything but the end is ours */
static enum line_result info(struct span rest, struct mail_event *e)
{
	const uint8_t *close = rest.len ? memrchr(rest.at, '>', rest.len) : NULL;
	struct span bytes, tail;
	e->kind = EVENT_ACCEPT;
	e->id = take_number(&rest);
	if (!close || !take(&rest, ": bytes "))
		return LINE_UNKNOWN;
	bytes = take_number(&rest);
	if (!take(&rest, " from <") || close < rest.at)
		return LINE_UNKNOWN;
	ascii_parse_u64(bytes, UINT64_MAX, &e->size);
	e->has_sender = true;
	e->sender = span_of(rest.at, (size_t)(close - rest.at));
	tail = span_from(rest, e->sender.len + 1);
	if (take(&tail, " qp ")) {
		e->related = take_number(&tail);
		if (take(&tail, " uid "))
			read_uid(take_number(&tail), e);
	}
	return e->id.len ? LINE_EVENT : LINE_UNKNOWN;
}

/* "D: msg N to remote R" */
static enum line_result start(struct span rest, struct mail_event *e)
{
	e->kind = EVENT_DETAIL;
	e->related = take_number(&rest);
	if (!take(&rest, ": msg "))
		return LINE_UNKNOWN;
	e->id = take_number(&rest);
	if (take(&rest, " to remote "))
		e->transport = TRANSPORT_SMTP;
	else if (take(&rest, " to local "))
		e->transport = TRANSPORT_LOCAL;
	else
		return LINE_UNKNOWN;
	e->recipient = rest;
	return e->id.len && e->related.len ? LINE_EVENT : LINE_UNKNOWN;
}

/* "550_5.7.1_words", "550-5.7.1_words": part_reply() reads the code; the status stands behind a '_'. */
static void read_code(struct mail_event *e)
{
	struct span status;
	uint16_t none;
	part_reply(e->reply, &e->code, &e->status);
	if (e->code && !e->status.len && e->reply.len > 4) {
		part_reply(span_from(e->reply, 4), &none, &status);
		if (!none)
			e->status = status;
	}
}

/* "203.0.113.9_does_not_like_recipient./Remote_host_said:_550_.../Giving_up_on_203.0.113.9./",
 * "203.0.113.9_accepted_message./Remote_host_said:_250_ok/", "Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/" */
static void read_words(struct span words, struct mail_event *e)
{
	struct span said = after(words, "Remote_host_said:_"), host = span_of(words.at, span_find(words, '_')), giving;
	if (span_starts(words, "Connected_to_"))
		host = span_from(words, 13);
	host.len = span_find(host, '_');
	if (addr_parse(host, &e->relay) < 0)
		e->relay = (struct addr){0};
	e->reply = words;
	if (said.len) {
		giving = after(said, "/Giving_up_on_");
		if (giving.len)
			said.len = (size_t)(giving.at - said.at) - 14;
		else if (said.at[said.len - 1] == '/')
			said.len--;
		e->reply = said;
		e->remote_reply = true;
		read_code(e);
	} else {
		said = after(words, "(#"); /* qmail's own words end in their status */
		if (said.len)
			part_reply(said, &e->code, &e->status);
		e->code = 0;
	}
}

/* "D: success: words" */
static enum line_result outcome(struct span rest, struct mail_event *e)
{
	e->kind = EVENT_DELIVERY;
	e->related = take_number(&rest);
	if (take(&rest, ": success: "))
		e->outcome = OUTCOME_SENT;
	else if (take(&rest, ": failure: "))
		e->outcome = OUTCOME_BOUNCED;
	else if (take(&rest, ": deferral: "))
		e->outcome = OUTCOME_DEFERRED;
	else
		return span_starts(rest, ": report mangled") ? LINE_QUIET : LINE_UNKNOWN;
	read_words(rest, e);
	return e->related.len ? LINE_EVENT : LINE_UNKNOWN;
}

/* "N qp Q" */
static enum line_result bounce(struct span rest, struct mail_event *e)
{
	e->kind = EVENT_LINK;
	e->link = LINK_NOTICE;
	e->id = take_number(&rest);
	if (!take(&rest, " qp "))
		return LINE_UNKNOWN;
	e->related = take_number(&rest);
	return e->id.len && e->related.len ? LINE_EVENT : LINE_UNKNOWN;
}

/* qmail-smtpd and rblsmtpd, through the same log: "rblsmtpd: 192.0.2.1 pid 7 451 words" */
static enum line_result refused(struct span rest, struct mail_event *e)
{
	struct span reply = after(rest, " pid ");
	e->kind = EVENT_REFUSAL;
	if (addr_parse(span_of(rest.at, span_find(rest, ' ')), &e->client) < 0)
		e->client = (struct addr){0};
	take_number(&reply);
	take(&reply, ":");
	e->reply = reply.len ? span_from(reply, 1) : rest;
	part_reply(e->reply, &e->code, &e->status);
	e->outcome = e->code >= 500 ? OUTCOME_BOUNCED : OUTCOME_DEFERRED;
	return LINE_EVENT;
}

/* vpopmail, which asks for passwords: "vchkpw-submission: (LOGIN) login success bob@example.com:203.0.113.9", "vchkpw-smtp:
 * password fail (pass: 'x') bob@example.com:203.0.113.9". What was tried may hold any words: of a failure with a
 * password beside the name (no other sentence has one) neither is told. */
static enum line_result password(struct span text, struct mail_event *e)
{
	enum { SUCCESS, FAIL };
	static const char *const words[] = {[SUCCESS] = "login success ",
					    [FAIL] = "password fail ",
					    "vpopmail user not found ",
					    "null password given "};
	struct span name = after(text, ": ");
	const uint8_t *colon;
	size_t i;
	if (name.len && name.at[0] == '(')
		name = span_from(name, span_find(name, ' ') + 1);
	for (i = 0; i < sizeof(words) / sizeof(words[0]) && !take(&name, words[i]); i++)
		;
	colon = name.len ? part_find_last(name, ":") : NULL;
	if (i == sizeof(words) / sizeof(words[0]) || !colon || (i == FAIL && span_starts(name, "(pass: ")) ||
	    addr_parse(span_from(part_from(name, colon), 1), &e->client) < 0)
		return LINE_QUIET;
	e->kind = EVENT_LOGIN;
	e->good = i == SUCCESS;
	e->of_login = span_starts(text, "vchkpw-s"); /* smtp, smtps, submission; others only read */
	e->login = part_before(name, colon);
	return e->login.len ? LINE_EVENT : LINE_QUIET;
}

static enum line_result sentence(struct span text, struct mail_event *e)
{
	static const char *const quiet[] = {
		"new msg ",    "status: ",        "running",
		"exiting",     "number of ",      "local ",
		"tcpserver: ", "triple bounce: ", "internal error: delivery report out of range"};
	if (span_starts(text, "warning: ") || span_starts(text, "alert: ")) {
		e->kind = EVENT_WARNING;
		e->reply = text;
		return LINE_EVENT;
	}
	for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		if (span_starts(text, quiet[i]))
			return LINE_QUIET;
	return LINE_UNKNOWN;
}

static enum line_result parse(const struct log_line *l, uint32_t kind, uint32_t want, struct mail_event *e)
{
	struct span text = text_of(l);
	enum line_result door;
	event_begin(e, l);
	if (span_starts(l->program, "rblsmtpd"))
		return refused(l->text, e); /* an address begins as a stamp does */
	door = qmail_door((enum qmail_door)kind, text, e);
	if (door != LINE_FOREIGN)
		return door;
	if (span_starts(text, "vchkpw"))
		return password(text, e);
	if (take(&text, "info msg "))
		return info(text, e);
	if (take(&text, "starting delivery "))
		return start(text, e);
	if (take(&text, "delivery "))
		return outcome(text, e);
	if (take(&text, "bounce msg "))
		return bounce(text, e);
	if (take(&text, "end msg ")) {
		e->kind = EVENT_END;
		e->id = take_number(&text);
		return e->id.len ? LINE_EVENT : LINE_UNKNOWN;
	}
	if (take(&text, "rblsmtpd: ") || take(&text, "qmail-smtpd: "))
		return refused(text, e);
	return text.len && !span_starts(l->program, "vpopmail") ? sentence(text, e) : LINE_QUIET;
}

const struct format_row format_qmail = {FORMAT_QMAIL, program, claims, parse};
