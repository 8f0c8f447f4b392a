/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OpenSMTPD from 5.9 on: "SESSION smtp message msgid=.. size=..", "SESSION mta delivery evpid=.. result=.. stat=.."; up to
 * 6.3 with "event=" before the verb. A session's lines carry it in `related`; a message's id is the first half of its
 * envelopes'.
 */
#include "logparse/opensmtpd.h"

#include "base/ascii.h"

enum { CODE_PASSWORD = 535 };

static enum format_claim program(struct span name, uint32_t *ret_kind)
{
	return span_equal(name, span_str("smtpd")) || span_equal(name, span_str("opensmtpd")) ? CLAIM_YES : CLAIM_NO;
}

static void read_client(struct span address, struct mail_event *e)
{
	if (address.len > 2 && address.at[0] == '[' && address.at[address.len - 1] == ']')
		address = span_of(address.at + 1, address.len - 2);
	if (span_starts(address, "IPv6:"))
		address = span_from(address, 5);
	e->local = span_equal(address, span_str("local"));
	if (addr_parse(address, &e->client) < 0)
		e->client = (struct addr){0};
}

static void take_number(struct span value, uint64_t max, uint64_t *ret_number)
{
	uint64_t n;
	if (ascii_parse_u64(value, max, &n) == 0)
		*ret_number = n;
}

static void take_field(const struct opensmtpd_field *f, struct mail_event *e)
{
	uint64_t count = 0;
	if (opensmtpd_key(f, "address")) {
		read_client(f->value, e);
	} else if (opensmtpd_key(f, "host")) {
		e->client_name = f->value;
	} else if (opensmtpd_key(f, "msgid") && opensmtpd_hex(f->value, OPENSMTPD_MESSAGE_LEN)) {
		e->id = f->value;
	} else if (opensmtpd_key(f, "evpid") && opensmtpd_hex(f->value, OPENSMTPD_SESSION_LEN)) {
		e->id = span_of(f->value.at, OPENSMTPD_MESSAGE_LEN);
	} else if (opensmtpd_key(f, "to")) {
		e->recipient = f->value;
	} else if (opensmtpd_key(f, "from")) {
		e->sender = f->value;
		e->has_sender = true;
	} else if (opensmtpd_key(f, "size")) {
		take_number(f->value, UINT64_MAX, &e->size);
	} else if (opensmtpd_key(f, "nrcpt") || opensmtpd_key(f, "ndest")) {
		take_number(f->value, UINT32_MAX, &count);
		e->recipients = (uint32_t)count;
	}
}

static void take_fields(struct span rest, struct mail_event *e)
{
	struct opensmtpd_field f;
	while (opensmtpd_next(&rest, &f))
		take_field(&f, e);
}

/* "address=.. host=.. command="RCPT TO:<..>" result="550 .."": the command is the client's: the last result counts */
static enum line_result failed_command(struct span rest, struct mail_event *e)
{
	static const char open[] = "\" result=\"";
	const uint8_t *hit = part_find_last(rest, open), *end = rest.at + rest.len;
	struct opensmtpd_field f;
	if (!hit)
		return LINE_UNKNOWN;
	hit += sizeof(open) - 1;
	while (opensmtpd_next(&rest, &f) && !opensmtpd_key(&f, "command"))
		take_field(&f, e);
	e->kind = EVENT_REFUSAL;
	e->reply = span_of(hit, (size_t)(end - hit) - (end > hit && end[-1] == '"'));
	part_reply(e->reply, &e->code, &e->status);
	e->outcome = e->code >= 400 && e->code < 500 ? OUTCOME_DEFERRED : OUTCOME_BOUNCED;
	return e->code == CODE_PASSWORD ? LINE_QUIET : LINE_EVENT; /* its own line told of it before */
}

/* "user=NAME result=ok", up to 6.3 "address=.. host=.. user=NAME result=.." or with the address behind the name: that may
 * hold the other fields' names, so that it begins at the first and ends at the last of them. */
static enum line_result authentication(struct span rest, bool event, struct mail_event *e)
{
	const uint8_t *result = part_find_last(rest, " result="), *user, *address;
	struct opensmtpd_field f;
	struct span name = rest;
	while (!span_starts(name, "user=") && opensmtpd_next(&name, &f)) {
		take_field(&f, e);
		name = name.len ? span_from(name, name.at[0] == ' ') : name;
	}
	user = name.at;
	if (!span_starts(name, "user=") || !result || result < user + 5)
		return LINE_QUIET;
	name = span_from(span_of(user, (size_t)(result - user)), 5);
	address = event && !e->client.family ? part_find_last(name, " address=") : NULL;
	if (address) {
		take_fields(part_from(name, address), e);
		name = part_before(name, address);
	}
	e->kind = EVENT_LOGIN;
	e->login = name;
	e->good = span_equal(span_from(part_from(rest, result), 8), span_str("ok"));
	return name.len ? LINE_EVENT : LINE_QUIET;
}

static enum line_result smtp(struct span verb, struct span rest, bool event, struct mail_event *e)
{
	static const char *const quiet[] = {"tls",    "starttls", "cert-check", "closed",         "disconnected",
					    "bounce", "error",    "bad-input",  "filter-response"};
	if (span_equal(verb, span_str("failed-command")))
		return failed_command(rest, e);
	for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		if (span_equal(verb, span_str(quiet[i])))
			return LINE_QUIET;
	if (span_equal(verb, span_str("authentication")))
		return authentication(rest, event, e);
	take_fields(rest, e);
	if (span_equal(verb, span_str("connected")))
		e->kind = EVENT_CONNECT;
	else if (span_equal(verb, span_str("message")) && e->id.len)
		e->kind = EVENT_ACCEPT;
	else if (span_equal(verb, span_str("envelope")) && e->id.len)
		e->kind = EVENT_CHANGE; /* one recipient more */
	else
		return LINE_UNKNOWN;
	if (e->kind == EVENT_CHANGE) { /* `related` is an earlier message there */
		e->related = (struct span){0};
		e->outcome = OUTCOME_WAITING;
	} else {
		e->recipient = (struct span){0};
	}
	return LINE_EVENT;
}

static struct span take_word(struct span *rest)
{
	struct span word = span_of(rest->at, span_find(*rest, ' '));
	*rest = span_from(*rest, word.len + 1);
	return word;
}

static enum line_result parse_session(struct span rest, uint32_t want, struct mail_event *e)
{
	struct span side = take_word(&rest), verb;
	bool event = span_starts(rest, "event=");
	if (event)
		rest = span_from(rest, 6);
	verb = take_word(&rest);
	if (span_equal(side, span_str("smtp")))
		return smtp(verb, rest, event, e);
	if (!span_equal(side, span_str("mta")) && !span_equal(side, span_str("mda")))
		return span_equal(side, span_str("bounce")) || span_equal(side, span_str("lka")) ? LINE_QUIET
												 : LINE_UNKNOWN;
	if (span_equal(verb, span_str("delivery")))
		return opensmtpd_delivery(rest, (struct span){0}, side.at[1] == 't' ? TRANSPORT_SMTP : TRANSPORT_LOCAL,
					  e);
	return LINE_QUIET; /* the client side's connections */
}

static enum line_result parse(const struct log_line *l, uint32_t kind, uint32_t want, struct mail_event *ret_event)
{
	struct span text = l->text;
	if (text.len == 0)
		return LINE_QUIET;
	event_begin(ret_event, l);
	if (!opensmtpd_hex(text, OPENSMTPD_SESSION_LEN) || text.len <= OPENSMTPD_SESSION_LEN ||
	    text.at[OPENSMTPD_SESSION_LEN] != ' ')
		return opensmtpd_old(text, want, ret_event);
	ret_event->related = span_of(text.at, OPENSMTPD_SESSION_LEN);
	return parse_session(span_from(text, OPENSMTPD_SESSION_LEN + 1), want, ret_event);
}

const struct format_row format_opensmtpd = {FORMAT_OPENSMTPD, program, NULL, parse};
