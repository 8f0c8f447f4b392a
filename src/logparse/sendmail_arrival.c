/* SPDX-License-Identifier: BSD-2-Clause */
/* Sendmail: how a message came in, and with which login. (sendmail/envelope.c, srvrsmtp.c name the fields.) */
#include "logparse/sendmail.h"

#include "base/ascii.h"

static void read_number(struct span value, uint64_t max, uint64_t *ret_number)
{
	uint64_t n;
	if (ascii_parse_u64(value, max, &n) == 0)
		*ret_number = n;
}

static struct span bare(struct span address)
{
	if (address.len >= 2 && address.at[0] == '<' && address.at[address.len - 1] == '>')
		return span_of(address.at + 1, address.len - 2);
	return address;
}

/* "relay=bob@localhost": a program of user bob; "relay=host [192.0.2.1]": a client. */
static void read_relay(struct span value, struct mail_event *e)
{
	size_t at = span_find(value, '@');
	sendmail_peer(value, &e->client_name, &e->client);
	if (e->client.family)
		return;
	if (at < value.len && span_starts(span_from(value, at + 1), "localhost")) {
		e->user = span_of(value.at, at);
		e->client_name = (struct span){0};
		e->local = true;
	}
}

/* One field between from= and msgid=, or between proto= and relay=. */
static void take_field(const struct sendmail_field *f, struct mail_event *e)
{
	uint64_t count = 0;
	if (sendmail_key(f, "size")) {
		read_number(f->value, UINT64_MAX, &e->size);
	} else if (sendmail_key(f, "nrcpts")) {
		read_number(f->value, UINT32_MAX, &count);
		e->recipients = (uint32_t)count;
	} else if (sendmail_key(f, "mech")) {
		e->method = f->value;
	} else if (sendmail_key(f, "authid")) {
		e->login = f->value;
	}
}

/* The Message-ID is written as it came and may hold any fields: what follows it begins at the last "proto=". Mail of this
 * host's programs has none, and no login. @return what follows. */
static struct span take_message_id(struct span rest, struct mail_event *e)
{
	static const char proto[] = ", proto=", body[] = ", bodytype=";
	size_t end = sendmail_last(rest, proto);
	struct span id = span_of(rest.at, end);
	id.len = sendmail_last(id, body);
	e->message_id = bare(span_from(id, 6));
	return span_from(rest, end + 2);
}

enum line_result sendmail_arrival(struct span text, struct mail_event *e)
{
	size_t relay = sendmail_last(text, ", relay=");
	struct span rest = span_of(text.at, relay);
	struct sendmail_field f;
	if (!sendmail_next(&rest, &f))
		return LINE_UNKNOWN;
	if (sendmail_first(rest, "nrcpts=0,") < sendmail_first(rest, "msgid="))
		return LINE_QUIET; /* all were refused: no message came to be */
	e->sender = bare(f.value);
	e->has_sender = true;
	while (!span_starts(rest, "msgid=") && sendmail_next(&rest, &f))
		take_field(&f, e);
	if (span_starts(rest, "msgid="))
		rest = take_message_id(rest, e);
	while (sendmail_next(&rest, &f))
		take_field(&f, e);
	read_relay(span_from(text, relay + 8), e);
	if (e->local)
		e->login = e->method = (struct span){0};
	e->kind = EVENT_ACCEPT;
	return LINE_EVENT;
}

/* "AUTH=server, relay=host [192.0.2.1] (may be forged), authid=bob, mech=PLAIN, bits=0" */
static enum line_result login_good(struct span text, struct mail_event *e)
{
	struct sendmail_field f;
	while (sendmail_next(&text, &f)) {
		if (sendmail_key(&f, "relay"))
			sendmail_peer(f.value, &e->client_name, &e->client);
		else if (sendmail_key(&f, "authid"))
			e->login = f.value;
		else if (sendmail_key(&f, "mech"))
			e->method = f.value;
	}
	e->good = true;
	return e->login.len ? LINE_EVENT : LINE_UNKNOWN;
}

/* "AUTH failure (LOGIN): words, user=bob, relay=host [192.0.2.1]": what the client gave stands between the last two */
static enum line_result login_bad(struct span text, struct mail_event *e)
{
	size_t relay = sendmail_last(text, ", relay="), open = span_find(text, '('), close = span_find(text, ')'), user;
	struct span before = span_of(text.at, relay);
	user = sendmail_first(before, ", user=");
	if (open < close && close < text.len)
		e->method = span_of(text.at + open + 1, close - open - 1);
	e->login = span_from(before, user + 7);
	sendmail_peer(span_from(text, relay + 8), &e->client_name, &e->client);
	e->reply = text;
	return LINE_EVENT;
}

enum line_result sendmail_login(struct span text, struct mail_event *e)
{
	e->kind = EVENT_LOGIN;
	if (span_starts(text, "AUTH=server"))
		return login_good(text, e);
	if (span_starts(text, "AUTH=client"))
		return LINE_QUIET;
	return span_starts(text, "AUTH failure") ? login_bad(text, e) : LINE_UNKNOWN;
}
