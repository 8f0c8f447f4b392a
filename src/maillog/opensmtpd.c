/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenSMTPD 6 and 7: "SESSION smtp message msgid=.. size=..", "SESSION mta delivery evpid=.. result=.. stat=..". */
#include "base/ascii.h"
#include "maillog/format.h"

enum { SESSION_LEN = 16, MSGID_LEN = 8 };

static bool starts(struct span s, const char *with)
{
	size_t n = strlen(with);
	return s.len >= n && memcmp(s.at, with, n) == 0;
}

static bool claims(const struct log_line *l)
{
	return span_equal(l->program, span_str("smtpd"));
}

/* Value of "key=" as a whole word: up to the next blank, or between quotes or <>. */
static struct span value(struct span text, const char *key)
{
	size_t n = strlen(key);
	struct span rest = text;
	const uint8_t *found;
	while (rest.len && (found = memmem(rest.at, rest.len, key, n)) != NULL) {
		struct span v = span_of(found + n, (size_t)(text.at + text.len - found) - n);
		if (found == text.at || found[-1] == ' ') {
			if (v.len && (v.at[0] == '"' || v.at[0] == '<')) {
				size_t end = span_find(span_from(v, 1), v.at[0] == '"' ? '"' : '>');
				return end + 1 < v.len ? span_of(v.at + 1, end) : (struct span){NULL, 0};
			}
			v.len = span_find(v, ' ');
			return v;
		}
		rest = span_of(found + 1, (size_t)(text.at + text.len - found) - 1);
	}
	return (struct span){NULL, 0};
}

static struct span msgid_of(struct span evpid)
{
	return evpid.len > MSGID_LEN ? span_of(evpid.at, MSGID_LEN) : evpid;
}

static void take_address(struct span text, struct addr *ret_addr)
{
	if (text.len > 2 && text.at[0] == '[')
		text = span_of(text.at + 1, text.len - 2);
	if (starts(text, "IPv6:"))
		text = span_from(text, 5);
	if (addr_parse(text, ret_addr) < 0)
		*ret_addr = (struct addr){0};
}

static enum line_result smtp(struct span rest, struct mail_event *e)
{
	uint64_t number = 0;
	if (starts(rest, "connected")) {
		struct span address = value(rest, "address=");
		e->kind = EVENT_CONNECT;
		e->local = span_equal(address, span_str("local"));
		take_address(address, &e->client);
		e->client_name = value(rest, "host=");
		return LINE_EVENT;
	}
	if (starts(rest, "authentication")) {
		e->kind = EVENT_LOGIN;
		e->good = span_equal(value(rest, "result="), span_str("ok"));
		e->login = value(rest, "user=");
		return LINE_EVENT;
	}
	if (starts(rest, "message")) {
		e->kind = EVENT_ACCEPT;
		e->id = value(rest, "msgid=");
		if (ascii_parse_u64(value(rest, "size="), UINT64_MAX / 2, &number) == 0)
			e->size = number;
		if (ascii_parse_u64(value(rest, "nrcpt="), UINT32_MAX, &number) == 0)
			e->recipients = (uint32_t)number;
		return e->id.len ? LINE_EVENT : LINE_UNKNOWN;
	}
	if (starts(rest, "envelope")) {
		e->kind = EVENT_DETAIL;
		e->id = msgid_of(value(rest, "evpid="));
		e->has_sender = true;
		e->sender = value(rest, "from=");
		e->related = (struct span){NULL, 0};
		return e->id.len ? LINE_EVENT : LINE_UNKNOWN;
	}
	if (starts(rest, "failed-command")) {
		e->kind = EVENT_REFUSAL;
		e->reply = value(rest, "result=");
		part_reply(e->reply, &e->code, &e->status);
		return LINE_EVENT;
	}
	return LINE_QUIET;
}

static enum line_result delivery(struct span rest, enum mail_transport transport, struct mail_event *e)
{
	struct span result = value(rest, "result="), relay = value(rest, "relay="), status;
	const uint8_t *open;
	if (!starts(rest, "delivery"))
		return LINE_QUIET;
	e->kind = EVENT_DELIVERY;
	e->related = (struct span){NULL, 0};
	e->id = msgid_of(value(rest, "evpid="));
	e->transport = transport;
	e->recipient = value(rest, "to=");
	e->original = value(rest, "rcpt=");
	if (span_equal_nocase(e->original, e->recipient))
		e->original = (struct span){NULL, 0};
	e->outcome = starts(result, "Ok")         ? OUTCOME_SENT
		     : starts(result, "TempFail") ? OUTCOME_DEFERRED
						  : OUTCOME_BOUNCED;
	e->reply = value(rest, "stat=");
	part_reply(e->reply, &e->code, &status);
	e->status = status;
	/* relay="192.0.2.1 (mx.example.net)", relay=192.0.2.1 (name) without quotes */
	take_address(span_of(relay.at, span_find(relay, ' ')), &e->relay);
	open = relay.len ? memchr(relay.at, '(', relay.len) : NULL;
	if (!open && relay.at && relay.at + relay.len + 2 < rest.at + rest.len && relay.at[relay.len] == ' ' &&
	    relay.at[relay.len + 1] == '(') {
		open = relay.at + relay.len + 1;
		relay.len = (size_t)(rest.at + rest.len - relay.at);
	}
	if (open) {
		struct span name = span_of(open + 1, (size_t)(relay.at + relay.len - open) - 1);
		e->relay_name = span_of(name.at, span_find(name, ')'));
	}
	e->remote_reply = e->relay.family && e->code;
	return e->id.len && result.len ? LINE_EVENT : LINE_UNKNOWN;
}

static bool is_session(struct span text)
{
	if (text.len < SESSION_LEN + 2 || text.at[SESSION_LEN] != ' ')
		return false;
	for (size_t i = 0; i < SESSION_LEN; i++)
		if (!ascii_is_digit(text.at[i]) && (text.at[i] < 'a' || text.at[i] > 'f'))
			return false;
	return true;
}

static enum line_result parse(const struct log_line *l, uint32_t want, struct mail_event *e)
{
	struct span rest, side;
	if (!is_session(l->text))
		return starts(l->text, "warn") || starts(l->text, "info") || starts(l->text, "debug") ? LINE_QUIET
												      : LINE_UNKNOWN;
	e->related = span_of(l->text.at, SESSION_LEN);
	rest = span_from(l->text, SESSION_LEN + 1);
	side = span_of(rest.at, span_find(rest, ' '));
	rest = span_from(rest, side.len + 1);
	if (starts(rest, "event="))
		rest = span_from(rest, 6);
	if (span_equal(side, span_str("smtp")))
		return smtp(rest, e);
	if (span_equal(side, span_str("mta")))
		return delivery(rest, TRANSPORT_SMTP, e);
	if (span_equal(side, span_str("mda")) || span_equal(side, span_str("lmtp")))
		return delivery(rest, TRANSPORT_LOCAL, e);
	return LINE_QUIET;
}

const struct format_row format_opensmtpd = {FORMAT_OPENSMTPD, "opensmtpd", claims, parse};
