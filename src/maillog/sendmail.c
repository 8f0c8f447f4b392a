/* SPDX-License-Identifier: BSD-2-Clause */
/* Sendmail 8: "QID: from=<..>, size=.., relay=..", "QID: to=<..>,<..>, delay=.., relay=.., dsn=.., stat=..". */
#include "base/ascii.h"
#include "maillog/format.h"

enum { QUEUE_ID_MIN = 8, QUEUE_ID_MAX = 24 };

static bool starts(struct span s, const char *with)
{
	size_t n = strlen(with);
	return s.len >= n && memcmp(s.at, with, n) == 0;
}

static bool claims(const struct log_line *l)
{
	return starts(l->program, "sm-") || span_equal(l->program, span_str("sendmail"));
}

static size_t queue_id(struct span text)
{
	size_t n = 0;
	bool digit = false;
	for (; n < text.len && n <= QUEUE_ID_MAX && (ascii_is_alpha(text.at[n]) || ascii_is_digit(text.at[n])); n++)
		digit |= ascii_is_digit(text.at[n]);
	return n >= QUEUE_ID_MIN && n <= QUEUE_ID_MAX && digit && n + 1 < text.len && text.at[n] == ':' ? n : 0;
}

/* "NAME [IP] (may be forged)", "[IP]", "user@localhost". */
static void peer(struct span text, struct span *ret_name, struct addr *ret_addr)
{
	static const char forged[] = " (may be forged)";
	uint16_t port;
	size_t n = sizeof(forged) - 1;
	if (text.len > n && memcmp(text.at + text.len - n, forged, n) == 0)
		text.len -= n;
	part_peer(text, ret_name, ret_addr, &port);
	while (ret_name->len && (ret_name->at[ret_name->len - 1] == ' ' || ret_name->at[ret_name->len - 1] == '.'))
		ret_name->len--;
}

static struct span up_to(struct span s, const char *end)
{
	const uint8_t *found = s.len ? memmem(s.at, s.len, end, strlen(end)) : NULL;
	return found ? span_of(s.at, (size_t)(found - s.at)) : s;
}

static enum line_result arrival(struct span rest, struct mail_event *e)
{
	struct span from = up_to(span_from(rest, 5), ", size="), value, tail = span_from(rest, 5 + from.len);
	uint64_t number = 0;
	e->kind = EVENT_ACCEPT;
	e->has_sender = true;
	e->sender = part_address(from);
	if (part_value(tail, "size=", &value) && ascii_parse_u64(value, UINT64_MAX / 2, &number) == 0)
		e->size = number;
	if (part_value(tail, "nrcpts=", &value) && ascii_parse_u64(value, UINT32_MAX, &number) == 0)
		e->recipients = (uint32_t)number;
	if (part_value(tail, "msgid=", &value))
		e->message_id = part_address(value);
	if (!part_value(tail, "relay=", &value))
		return LINE_EVENT;
	peer(value, &e->client_name, &e->client);
	if (!e->client.family) {
		e->local = true;
		e->user = span_of(value.at, span_find(value, '@'));
		e->client_name = (struct span){NULL, 0};
	}
	return LINE_EVENT;
}

static enum mail_transport transport_of(struct span mailer)
{
	if (starts(mailer, "local") || starts(mailer, "lmtp") || starts(mailer, "cyrus"))
		return TRANSPORT_LOCAL;
	if (starts(mailer, "prog") || starts(mailer, "*file*"))
		return TRANSPORT_PIPE;
	return mailer.len ? TRANSPORT_SMTP : TRANSPORT_NONE;
}

static void take_stat(struct span stat, struct span reply, struct mail_event *e)
{
	struct span status;
	bool sent = starts(stat, "Sent"), deferred = starts(stat, "Deferred");
	e->outcome = sent ? OUTCOME_SENT : deferred ? OUTCOME_DEFERRED : OUTCOME_BOUNCED;
	if (deferred && starts(stat, "Deferred: "))
		stat = span_from(stat, 10);
	if (sent && stat.len > 7 && stat.at[5] == '(' && stat.at[stat.len - 1] == ')')
		stat = span_of(stat.at + 6, stat.len - 7);
	e->reply = reply.len ? reply : stat;
	part_reply(e->reply, &e->code, &status);
	if (status.len)
		e->status = status;
	e->remote_reply = e->relay.family && (e->code || sent);
	if (sent && e->relay.family && addr_kind(&e->relay) == ADDR_LOOPBACK &&
	    memmem(stat.at, stat.len, " Message accepted", 17)) {
		size_t n = span_find(stat, ' ');
		struct span id = span_of(stat.at, n);
		if (starts(stat, "2.0.0 "))
			id = up_to(span_from(stat, 6), " ");
		e->link = LINK_NEXT_HOP;
		e->related = id;
	}
}

static enum line_result delivery(struct span rest, struct mail_event *e)
{
	struct span to = up_to(span_from(rest, 3), ", delay="), value, tail, reply = {NULL, 0};
	const uint8_t *stat, *control;
	tail = span_from(rest, 3 + to.len);
	stat = memmem(tail.at ? tail.at : rest.at, tail.len, ", stat=", 7);
	if (!stat)
		return LINE_UNKNOWN;
	control = memmem(to.at, to.len, ", ctladdr=", 10);
	if (control) {
		value = span_of(control + 10, (size_t)(to.at + to.len - control) - 10);
		e->original = part_address(up_to(value, " ("));
		to.len = (size_t)(control - to.at);
	}
	e->kind = EVENT_DELIVERY;
	e->recipient = part_address(to);
	e->count = 1;
	for (size_t i = 0; i < to.len; i++)
		e->count += to.at[i] == ',';
	if (e->count > 1)
		e->recipient = to;
	if (part_value(span_of(tail.at, (size_t)(stat - tail.at)), "mailer=", &value))
		e->transport = transport_of(value);
	if (part_value(span_of(tail.at, (size_t)(stat - tail.at)), "relay=", &value))
		peer(value, &e->relay_name, &e->relay);
	part_value(span_of(tail.at, (size_t)(stat - tail.at)), "dsn=", &e->status);
	value = span_of(tail.at, (size_t)(stat - tail.at));
	if (memmem(value.at, value.len, ", reply=", 8)) {
		const uint8_t *at = memmem(value.at, value.len, ", reply=", 8);
		reply = span_of(at + 8, (size_t)(stat - at) - 8);
	}
	value = span_of(stat + 7, (size_t)(tail.at + tail.len - stat) - 7);
	if (starts(value, "queued"))
		return LINE_QUIET;
	take_stat(value, reply, e);
	return LINE_EVENT;
}

static enum line_result refusal(struct span rest, struct mail_event *e)
{
	const uint8_t *reject = memmem(rest.at, rest.len, ", reject=", 9);
	struct span value, head;
	if (!reject)
		return LINE_QUIET;
	head = span_of(rest.at, (size_t)(reject - rest.at));
	e->kind = EVENT_REFUSAL;
	e->reply = span_of(reject + 9, (size_t)(rest.at + rest.len - reject) - 9);
	part_reply(e->reply, &e->code, &e->status);
	if (part_value(head, "arg1=", &value) && starts(rest, "ruleset=check_rcpt"))
		e->recipient = part_address(value);
	if (part_value(head, "relay=", &value))
		peer(value, &e->client_name, &e->client);
	return LINE_EVENT;
}

static enum line_result login(struct span rest, bool good, struct mail_event *e)
{
	struct span value;
	e->kind = EVENT_LOGIN;
	e->good = good;
	part_value(rest, "authid=", &e->login);
	part_value(rest, "mech=", &e->method);
	if (part_value(rest, "relay=", &value))
		peer(value, &e->client_name, &e->client);
	return LINE_EVENT;
}

/* "QID: NEWID: DSN: User unknown", "QID: NEWID: return to sender: ..." */
static enum line_result notice(struct span rest, size_t n, struct mail_event *e)
{
	struct span words = span_from(rest, n + 2);
	if (!starts(words, "DSN: ") && !starts(words, "return to sender") && !starts(words, "sender notify") &&
	    !starts(words, "postmaster notify"))
		return LINE_UNKNOWN;
	e->kind = EVENT_LINK;
	e->link = LINK_NOTICE;
	e->related = span_of(rest.at, n);
	return LINE_EVENT;
}

static enum line_result other(struct span rest, struct mail_event *e)
{
	static const char *const quiet[] = {"STARTTLS=",
					    "--- ",
					    "<",
					    "lost input",
					    "collect: ",
					    "timeout",
					    "clone",
					    "Milter",
					    "milter",
					    "done;",
					    "forward ",
					    "discarded",
					    "SMTP outgoing",
					    "rejecting",
					    "accepting",
					    "starting",
					    "restarting",
					    "stopping",
					    "possible SMTP attack",
					    "runqueue",
					    "grew WorkList",
					    "alias database",
					    "/etc",
					    "NOQUEUE",
					    "ESMTP",
					    "did not issue",
					    "[",
					    "tls_",
					    "AUTH warning",
					    "locked",
					    "gethostby",
					    "to many",
					    "sender notify",
					    "queueup",
					    "rules",
					    "daemon",
					    "unable to",
					    "My unqualified"};
	if (starts(rest, "AUTH=server, "))
		return login(rest, true, e);
	if (starts(rest, "AUTH failure"))
		return login(rest, false, e);
	if (starts(rest, "ruleset="))
		return refusal(rest, e);
	if (starts(rest, "SYSERR") || starts(rest, "warning:") || starts(rest, "WARNING")) {
		e->kind = EVENT_WARNING;
		e->reply = rest;
		return LINE_EVENT;
	}
	for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		if (starts(rest, quiet[i]))
			return LINE_QUIET;
	return memmem(rest.at ? rest.at : (const uint8_t *)"", rest.len, "did not issue", 13) ? LINE_QUIET
											      : LINE_UNKNOWN;
}

static enum line_result parse(const struct log_line *l, uint32_t want, struct mail_event *e)
{
	size_t n = queue_id(l->text), second;
	struct span rest;
	if (!n)
		return other(l->text, e);
	rest = span_from(l->text, n + 2);
	e->id = span_of(l->text.at, n);
	if (starts(rest, "from="))
		return arrival(rest, e);
	if (starts(rest, "to="))
		return delivery(rest, e);
	second = queue_id(rest);
	if (second)
		return notice(rest, second, e);
	e->id = (struct span){NULL, 0};
	return other(rest, e);
}

const struct format_row format_sendmail = {FORMAT_SENDMAIL, "sendmail", claims, parse};
