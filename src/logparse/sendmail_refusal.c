/* SPDX-License-Identifier: BSD-2-Clause */
/* Sendmail: what was refused at the door. */
#include "logparse/sendmail.h"

static struct span bare(struct span address)
{
	if (address.len >= 2 && address.at[0] == '<' && address.at[address.len - 1] == '>')
		return span_of(address.at + 1, address.len - 2);
	return address;
}

static void set_reply(struct span reply, struct mail_event *e)
{
	e->reply = reply;
	part_reply(reply, &e->code, &e->status);
	e->outcome = e->code >= 400 && e->code < 500 ? OUTCOME_DEFERRED : OUTCOME_BOUNCED;
}

/* "ruleset=check_rcpt, arg1=<a@example.com>, arg2=.., relay=host [192.0.2.1], reject=550 5.7.1 words, with commas" */
static enum line_result ruleset(struct span text, struct mail_event *e)
{
	struct sendmail_field f = {0}, set = {0};
	e->kind = EVENT_REFUSAL;
	while (!span_starts(text, "reject=") && sendmail_next(&text, &f)) {
		if (sendmail_key(&f, "ruleset")) {
			set = f;
			set.key = f.value;
		} else if (sendmail_key(&f, "arg1") && sendmail_key(&set, "check_rcpt")) {
			e->recipient = bare(f.value);
		} else if (sendmail_key(&f, "arg1") && sendmail_key(&set, "check_mail")) {
			e->sender = bare(f.value);
			e->has_sender = true;
		} else if (sendmail_key(&f, "relay")) {
			sendmail_peer(f.value, &e->client_name, &e->client);
		}
	}
	if (span_starts(set.value, "tls_"))
		e->kind = EVENT_WARNING; /* of a server that we talk to */
	if (span_starts(text, "reject=")) {
		set_reply(span_from(text, 7), e);
	} else if (span_starts(text, "discard")) {
		e->outcome = OUTCOME_DISCARDED;
	} else if (span_starts(f.key, "quarantine")) {
		e->outcome = OUTCOME_HELD;
		e->reply = f.value;
	} else {
		return LINE_UNKNOWN;
	}
	return LINE_EVENT;
}

/* "Milter: to=<a@example.com>, reject=550 5.7.1 words", "Milter: data, reject=..", "Milter (name): .." */
static enum line_result milter(struct span text, struct mail_event *e)
{
	struct span rest = span_from(text, 8);
	struct sendmail_field f;
	size_t reject;
	if (!span_starts(text, "Milter: "))
		return LINE_QUIET; /* headers added, filters that do not answer */
	while (!span_starts(rest, "reject=") && sendmail_next(&rest, &f)) {
		if (sendmail_key(&f, "to")) {
			e->recipient = bare(f.value);
		} else if (sendmail_key(&f, "from")) {
			e->sender = bare(f.value);
			e->has_sender = true;
		}
	}
	if (!span_starts(rest, "reject=")) {
		reject = sendmail_first(rest, ", reject=");
		if (reject > 24) /* "data", "helo=..", "eoh": a word, no text of others */
			return LINE_QUIET;
		rest = span_from(rest, reject + 2);
	}
	if (!span_starts(rest, "reject="))
		return LINE_QUIET;
	e->kind = EVENT_REFUSAL;
	set_reply(span_from(rest, 7), e);
	return LINE_EVENT;
}

/* "<a@example.com>... User unknown" */
static enum line_result recipient_refused(struct span text, struct mail_event *e)
{
	size_t end = sendmail_first(text, ">... ");
	if (end == text.len)
		return LINE_UNKNOWN;
	e->kind = EVENT_REFUSAL;
	e->recipient = span_of(text.at + 1, end - 1);
	set_reply(span_from(text, end + 5), e);
	return LINE_EVENT;
}

/* "host [192.0.2.1]: EXPN root [rejected]", "host [192.0.2.1]: possible SMTP attack: command=AUTH, count=5",
 * "rejecting commands from host [192.0.2.1] due to .." */
static enum line_result client_refused(struct span text, struct mail_event *e)
{
	static const char from[] = "rejecting commands from ";
	bool rejecting = span_starts(text, from);
	struct span host = rejecting ? span_from(text, sizeof(from) - 1) : text;
	size_t close = span_find(host, ']'), colon = sendmail_first(host, ": ");
	struct span words = span_from(host, colon + 2);
	if (close == host.len)
		return LINE_UNKNOWN;
	if (!rejecting &&
	    (colon < close || colon > close + 20 ||
	     (!span_starts(words, "possible SMTP attack") && sendmail_first(words, "[rejected]") == words.len)))
		return LINE_UNKNOWN;
	sendmail_peer(span_of(host.at, close + 1), &e->client_name, &e->client);
	e->kind = EVENT_REFUSAL;
	set_reply(rejecting ? text : words, e);
	return LINE_EVENT;
}

enum line_result sendmail_refusal(struct span text, struct mail_event *e)
{
	if (span_starts(text, "ruleset="))
		return ruleset(text, e);
	if (span_starts(text, "Milter"))
		return milter(text, e);
	if (span_starts(text, "<"))
		return recipient_refused(text, e);
	return client_refused(text, e);
}
