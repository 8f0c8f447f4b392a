/* SPDX-License-Identifier: BSD-2-Clause */
/* Sendmail: what became of recipients. (logdelivery() in sendmail/deliver.c names the fields.) */
#include "logparse/sendmail.h"

#include "base/ascii.h"

static struct span bare(struct span address)
{
	if (address.len >= 2 && address.at[0] == '<' && address.at[address.len - 1] == '>')
		return span_of(address.at + 1, address.len - 2);
	return address;
}

/* "<a@example.com>,<b@example.com>" outside quotes */
static uint64_t count_addresses(struct span list)
{
	bool quoted = false;
	uint64_t count = 1;
	for (size_t i = 0; i < list.len; i++) {
		if (list.at[i] == '\\' && quoted)
			i++;
		else if (list.at[i] == '"')
			quoted = !quoted;
		else if (list.at[i] == ',' && !quoted)
			count++;
	}
	return count;
}

/* "<bob@example.com> (1001/1001)", "bob (1001/1001)": the local user on whose behalf it is delivered */
static void read_control(struct span value, struct mail_event *e)
{
	size_t paren = sendmail_last(value, " (");
	struct span address = bare(span_of(value.at, paren)), ids = span_from(value, paren + 2);
	uint64_t uid;
	ids.len = span_find(ids, '/');
	if (ascii_parse_u64(ids, INT32_MAX, &uid) < 0)
		return; /* no user of this host */
	e->uid = (int32_t)uid;
	e->user = span_of(address.at, span_find(address, '@'));
	if (e->user.len < address.len)
		e->original = address;
}

/* "00:01:02", "1+02:03:04" */
static uint32_t delay_ms(struct span s)
{
	uint64_t days = 0, part = 0, total = 0;
	for (size_t i = 0; i < s.len && i < 16; i++) {
		if (s.at[i] == '+') {
			days = part;
			part = 0;
		} else if (s.at[i] == ':') {
			total = (total + part) * 60;
			part = 0;
		} else if (ascii_is_digit(s.at[i])) {
			part = part * 10 + s.at[i] - '0';
		} else {
			return 0;
		}
		if (part > 1000000 || total > 1000000000)
			return UINT32_MAX;
	}
	total = (days * 86400 + total + part) * 1000;
	return total > UINT32_MAX ? UINT32_MAX : (uint32_t)total;
}

static enum mail_transport transport_of(struct span mailer)
{
	static const char *const remote[] = {"esmtp", "smtp", "dsmtp", "relay", "uucp-dom"};
	for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
		if (span_starts(mailer, remote[i]))
			return TRANSPORT_SMTP;
	return span_starts(mailer, "prog") ? TRANSPORT_PIPE : TRANSPORT_LOCAL;
}

static void take_field(const struct sendmail_field *f, struct mail_event *e)
{
	if (sendmail_key(f, "to")) {
		e->count = count_addresses(f->value);
		e->recipient = e->count > 1 ? f->value : bare(f->value);
		if (e->count == 1)
			e->count = 0;
	} else if (sendmail_key(f, "ctladdr")) {
		read_control(f->value, e);
	} else if (sendmail_key(f, "delay")) {
		e->delay_ms = delay_ms(f->value);
	} else if (sendmail_key(f, "mailer")) {
		e->transport = transport_of(f->value);
		if (span_starts(f->value, "discard"))
			e->outcome = OUTCOME_DISCARDED;
	} else if (sendmail_key(f, "relay")) {
		sendmail_peer(f->value, &e->relay_name, &e->relay);
	} else if (sendmail_key(f, "dsn")) {
		e->status = f->value;
	}
}

/* "Sent (QID Message accepted for delivery)": through the submission queue to our own daemon */
static void read_next_hop(struct span words, struct mail_event *e)
{
	struct span id = span_of(words.at, span_find(words, ' '));
	size_t after;
	if (span_starts(words, "ok: queued as ") || span_starts(words, "Ok: queued as "))
		id = span_from(words, 14);
	else if (span_starts(words, "2.0.0 "))
		id = span_from(words, 6);
	after = span_find(id, ' ');
	id.len = after;
	if (!sendmail_id(id) || e->transport != TRANSPORT_SMTP || !e->relay.family ||
	    addr_kind(&e->relay) != ADDR_LOOPBACK)
		return;
	e->related = id;
	e->link = LINK_NEXT_HOP;
}

static bool is_reply(struct span s)
{
	return s.len >= 3 && s.at[0] >= '2' && s.at[0] <= '5' && ascii_is_digit(s.at[1]) && ascii_is_digit(s.at[2]) &&
	       (s.len == 3 || s.at[3] == ' ' || s.at[3] == '-');
}

/* The class of the enhanced status code, which stands before all words of others. */
static uint8_t class_of(const struct mail_event *e)
{
	return e->status.len ? e->status.at[0] : 0;
}

static enum mail_outcome outcome_of(struct span stat, const struct mail_event *e)
{
	const uint8_t class = class_of(e);
	if (e->outcome == OUTCOME_DISCARDED)
		return OUTCOME_DISCARDED;
	if (span_starts(stat, "Sent") && (class == '2' || !class))
		return OUTCOME_SENT;
	if (span_starts(stat, "Deferred") && (class == '4' || !class))
		return OUTCOME_DEFERRED;
	if (span_starts(stat, "Cannot send ") || span_starts(stat, "Message could not be delivered"))
		return OUTCOME_EXPIRED;
	if (span_starts(stat, "quarantine"))
		return OUTCOME_HELD;
	if (span_starts(stat, "discarded"))
		return OUTCOME_DISCARDED;
	switch (class) {
	case '2':
		return OUTCOME_SENT;
	case '4':
		return OUTCOME_DEFERRED;
	}
	return OUTCOME_BOUNCED;
}

/* The words of "stat=": a receiver's where they begin with a code or stand in "Sent (..)". */
static void read_words(struct span stat, struct mail_event *e)
{
	struct span words = stat, status;
	bool sent = span_starts(stat, "Sent (");
	if (sent)
		words = span_of(stat.at + 6, stat.len - 6 - (stat.at[stat.len - 1] == ')'));
	else if (span_starts(stat, "Deferred: "))
		words = span_from(stat, 10);
	if (sent)
		read_next_hop(words, e);
	if (e->reply.len == 0) {
		e->reply = words;
		e->remote_reply = (sent && e->transport == TRANSPORT_SMTP) || is_reply(words);
	}
	/* Sendmail turns the receiver's refusal into words of its own ("User unknown"): it is a receiver's all the same */
	if (e->outcome == OUTCOME_BOUNCED && e->transport == TRANSPORT_SMTP && e->relay.family &&
	    !span_starts(stat, "Host unknown"))
		e->remote_reply = true;
	part_reply(e->reply, &e->code, &status);
	if (!e->status.len)
		e->status = status;
}

/* Are these the words that Sendmail puts there for this class of status? */
static bool is_stat(struct span stat, uint8_t class)
{
	switch (class) {
	case '2':
		return span_starts(stat, "Sent");
	case '4':
		return span_starts(stat, "Deferred");
	}
	return true;
}

/*
 * "reply=450 4.7.1 words, with commas, stat=Deferred: 450 4.7.1 words, ..": the receiver's words stand in both, and may
 * hold ", stat=" themselves. @return octets of the reply's value: up to the first "stat=" that goes with the status.
 */
static size_t reply_end(struct span text, uint8_t class)
{
	static const char key[] = ", stat=";
	size_t last = text.len;
	for (const uint8_t *at = text.at; (at = part_find(part_from(text, at), key)); at++) {
		last = (size_t)(at - text.at);
		if (is_stat(span_from(text, last + sizeof(key) - 1), class))
			break;
	}
	return last;
}

static void take_reply(struct span *text, struct mail_event *e)
{
	struct span value = span_from(*text, 6);
	value.len = reply_end(value, class_of(e));
	e->reply = value;
	e->remote_reply = true;
	*text = span_from(*text, 6 + value.len + 2);
}

enum line_result sendmail_delivery(struct span text, struct mail_event *e)
{
	struct sendmail_field f;
	struct span stat = {0};
	e->kind = EVENT_DELIVERY;
	for (;;) {
		if (span_starts(text, "stat="))
			break;
		if (span_starts(text, "reply=")) /* the receiver's own words, from 8.16 where they are logged */
			take_reply(&text, e);
		else if (sendmail_next(&text, &f))
			take_field(&f, e);
		else
			break;
	}
	if (span_starts(text, "stat="))
		stat = span_from(text, 5); /* to the end of the line, commas and all */
	if (!stat.len || !e->recipient.len)
		return LINE_UNKNOWN;
	if (span_starts(stat, "queued")) { /* nothing was tried yet */
		e->outcome = OUTCOME_WAITING;
		return LINE_EVENT;
	}
	e->outcome = outcome_of(stat, e);
	read_words(stat, e);
	return LINE_EVENT;
}
