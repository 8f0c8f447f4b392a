/* SPDX-License-Identifier: BSD-2-Clause */
/* "=>", "->", ">>", "*>", "**", "==": what became of one recipient. */
#include "logparse/exim.h"

#include "base/ascii.h"
#include "logparse/exim_reply.h"

enum { PARENTS_MAX = 1024 }; /* " <" that are looked at: a command of 2048 octets has no more */

/* What the fields say before the event is put together. */
struct outcome {
	struct span shown, parent, transport;
	bool has_host;
};

/* Four octets somewhere in a name. */
static bool has(struct span name, const char four[4])
{
	for (size_t i = 0; i + 4 <= name.len; i++)
		if (memcmp(name.at + i, four, 4) == 0)
			return true;
	return false;
}

/* Where a field that `at` stands behind ends: in "T=remote_smtp: text" of 4.8x the ':' is left standing, it begins the text. */
static const uint8_t *before_colon(const uint8_t *from, const uint8_t *at)
{
	return at > from && at[-1] == ':' ? at - 1 : at;
}

/* "(middle@example.com) <parent@example.com>" */
static const uint8_t *read_parents(const uint8_t *at, const uint8_t *end, struct outcome *o)
{
	at = exim_past_blanks(at, end);
	if (at < end && *at == '(') {
		const uint8_t *close = memchr(at, ')', (size_t)(end - at));
		at = exim_past_blanks(close ? close + 1 : end, end);
	}
	return at < end && *at == '<' ? exim_address_at(at, end, &o->parent) : at;
}

/* "save file", "|/bin/x -a b": have blanks in them, so up to the parent, else to the next blank behind `at`. */
static const uint8_t *read_command(const uint8_t *from, const uint8_t *at, const uint8_t *end, struct outcome *o)
{
	const uint8_t *to = memmem(from, (size_t)(end - from), " <", 2);
	if (!to)
		to = exim_blank_behind_id(at, end);
	o->shown = span_of(from, (size_t)(to - from));
	return to;
}

/* Is `shown` this address without its quotes and in small letters? */
static bool is_unquoted(struct span shown, struct span address)
{
	size_t n = 0;
	for (size_t i = 0; i < address.len; i++) {
		if (address.at[i] == '"')
			continue;
		if (address.at[i] == '\\' && i + 1 < address.len)
			i++;
		if (n == shown.len || ascii_lower(shown.at[n]) != ascii_lower(address.at[i]))
			return false;
		n++;
	}
	return n == shown.len;
}

/* May the address in the brackets at `open` be the one shown at `at`? One octet tells most apart. */
static bool begins_alike(const uint8_t *at, const uint8_t *open, const uint8_t *end)
{
	const uint8_t *first = open + 2;
	return at == open || first == end || *first == '"' || *first == '\\' || ascii_lower(*first) == ascii_lower(*at);
}

/*
 * Exim shows an address without its quotes, and may have blanks in it, before the address as it came:
 * "** z h=mx [9.9.9.9]: 550@example.com <"Z H=mx [9.9.9.9]: 550"@example.com> R=..". @return what follows both; NULL: none
 * of them stands there.
 */
static const uint8_t *read_unquoted(const uint8_t *at, const uint8_t *end, struct outcome *o)
{
	const uint8_t *open =
		memchr(at, '<', (size_t)(end - at)) ? part_find(span_of(at, (size_t)(end - at)), " <") : NULL;
	if (!open || (!memchr(at, '"', (size_t)(end - at)) && !memchr(at, '\\', (size_t)(end - at))))
		return NULL;
	for (int i = 0; i < PARENTS_MAX && open; i++) {
		struct span address = {0};
		const uint8_t *to = begins_alike(at, open, end) ? exim_address_at(open + 1, end, &address) : open;
		if (to > open && to[-1] == '>' && is_unquoted(span_of(at, (size_t)(open - at)), address)) {
			o->shown = address;
			return to;
		}
		open++;
		open = part_find(span_of(open, (size_t)(end - open)), " <");
	}
	return NULL;
}

/* The address and its brackets: "user (middle@example.com) <parent@example.com>", "save file <..>", "|/bin/x <..>". */
static const uint8_t *read_address(const uint8_t *at, const uint8_t *end, bool failure, struct outcome *o)
{
	const uint8_t *to = read_unquoted(at, end, o);
	if (to)
		return to;
	at = exim_past_blanks(at, end);
	if (at < end && *at == '|') {
		at = read_command(at, at, end, o);
	} else if (end - at >= 5 && memcmp(at, "save ", 5) == 0) {
		at = read_command(at, at + 5, end, o);
	} else {
		at = exim_address_at(at, end, &o->shown);
		if (failure && o->shown.len > 1 && o->shown.at[o->shown.len - 1] == ':') {
			o->shown.len--; /* "** user@example.com: retry timeout exceeded" */
			return at - 1;
		}
	}
	return read_parents(at, end, o);
}

/* C="250 OK id=..": the receiver's words; what came back to us under another id is told by them */
static const uint8_t *read_confirmation(const uint8_t *at, const uint8_t *end, struct mail_event *e)
{
	struct span reply;
	if (at >= end || *at != '"')
		return at;
	at = exim_quoted_at(at, end, &reply);
	exim_reply(reply, e);
	e->remote_reply = true;
	if (exim_is_loopback(&e->relay))
		exim_next_hop(e);
	return at;
}

/* One field with a one-letter name; `at` stands on its value. @return what follows it. */
static const uint8_t *short_field(uint8_t key, const uint8_t *at, const uint8_t *end, struct outcome *o,
				  struct mail_event *e)
{
	struct span unused;
	const uint8_t *from = at;
	switch (key) {
	case 'H':
		o->has_host = true;
		return exim_host_at(at, end, &e->relay_name, &unused, &e->relay, &e->relay_port);
	case 'C':
		return read_confirmation(at, end, e);
	case 'F':
		e->has_sender = at < end && *at == '<';
		return exim_address_at(at, end, &e->sender);
	case 'P': /* return path */
		return exim_address_at(at, end, &unused);
	case 'T':
		at = before_colon(from, exim_blank_behind_id(at, end));
		o->transport = span_of(from, (size_t)(at - from));
		return at;
	default:
		if (at < end && *at == '"')
			from = at = exim_quoted_at(at, end, &unused);
		return before_colon(from, exim_blank_behind_id(at, end));
	}
}

/* A word between fields: flags (L, K, TFO*, DS, PRDR) and "routing". ':' or "defer" begins the text. @return NULL: that. */
static const uint8_t *past_word(const uint8_t *at, const uint8_t *end)
{
	const uint8_t *to = exim_blank_behind_id(at, end);
	if (to == at || *at == ':' || (to - at == 5 && memcmp(at, "defer", 5) == 0))
		return NULL;
	return to;
}

/* @return what follows the field. */
static const uint8_t *two_letters(const uint8_t *at, const uint8_t *end, struct mail_event *e)
{
	const uint8_t *value = at + 3, *to = value;
	struct span unused;
	bool time = *at == 'Q' && at[1] == 'T';
	if (!time && value < end && *value == '"')
		to = exim_quoted_at(value, end, &unused);
	to = before_colon(time ? value : at, exim_blank_behind_id(to, end));
	if (time)
		e->delay_ms = exim_interval_ms(span_of(value, (size_t)(to - value)));
	return to;
}

/* @return where the text begins. */
static const uint8_t *read_fields(const uint8_t *at, const uint8_t *end, struct outcome *o, struct mail_event *e)
{
	for (;;) {
		const uint8_t *to;
		if (at < end && *at == ':') /* right behind a field: "H=.. [ip]: text" */
			return at;
		at = exim_past_blanks(at, end);
		if (end - at >= 2 && at[1] == '=') {
			at = short_field(*at, at + 2, end, o, e);
		} else if (exim_has_two_letters(at, end)) {
			at = two_letters(at, end, e);
		} else if ((to = exim_past_field(at, end))) {
			at = before_colon(at, to);
		} else {
			to = past_word(at, end);
			if (!to)
				return at;
			at = to;
		}
	}
}

/* "defer (-46) H=mx [ip]: text", "defer (111): text": stands behind the fields of "==" */
static const uint8_t *read_deferral(const uint8_t *at, const uint8_t *end, struct outcome *o, struct mail_event *e)
{
	if (end - at < 5 || memcmp(at, "defer", 5) != 0)
		return at;
	at = exim_past_blanks(at + 5, end);
	if (at < end && *at == '(') {
		const uint8_t *close = memchr(at, ')', (size_t)(end - at));
		if (close)
			at = close + 1;
	}
	return read_fields(at, end, o, e);
}

static enum mail_transport transport_of(const struct outcome *o, const struct mail_event *e)
{
	if (o->has_host)
		return TRANSPORT_SMTP;
	if (o->shown.len && *o->shown.at == '|')
		return TRANSPORT_PIPE;
	if (o->transport.len == 0)
		return e->relay.family ? TRANSPORT_SMTP : TRANSPORT_NONE;
	if (e->relay.family || has(o->transport, "smtp"))
		return TRANSPORT_SMTP;
	return has(o->transport, "pipe") ? TRANSPORT_PIPE : TRANSPORT_LOCAL;
}

static bool is_mailbox(struct span shown)
{
	return shown.len && !memchr("|/:>", *shown.at, 4) && memchr(shown.at, '@', shown.len);
}

/* Who it was for, and whom it was addressed to. */
static void read_recipient(const struct outcome *o, struct mail_event *e)
{
	e->recipient = o->shown;
	if (o->parent.len == 0)
		return;
	if (!is_mailbox(o->shown)) {
		e->recipient = o->parent;
	} else if (!span_equal_nocase(o->shown, o->parent)) {
		e->original = o->parent;
		e->forwarded = o->has_host;
	}
}

static bool thrown_away(struct span shown)
{
	static const char *const names[] = {":blackhole:", "blackhole", "/dev/null"};
	if (*shown.at != ':' && *shown.at != 'b' && *shown.at != '/')
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_equal(shown, span_str(names[i])))
			return true;
	return false;
}

static enum mail_outcome outcome_of(struct span flag, const struct outcome *o)
{
	if (*flag.at == '=' && flag.at[1] == '=')
		return OUTCOME_DEFERRED;
	if (flag.at[1] == '*')
		return OUTCOME_BOUNCED;
	/* "*>": delivery suppressed by -N */
	return *flag.at == '*' || thrown_away(o->shown) ? OUTCOME_DISCARDED : OUTCOME_SENT;
}

enum line_result exim_delivery(struct exim_rest *r, struct span flag, struct mail_event *e)
{
	struct outcome o = {0};
	bool failure = flag.at[1] == '*' || (*flag.at == '=' && flag.at[1] == '=');
	const uint8_t *at;
	at = read_address(r->at, r->end, failure, &o);
	if (o.shown.len == 0)
		return LINE_UNKNOWN;
	e->kind = EVENT_DELIVERY;
	e->outcome = outcome_of(flag, &o);
	at = read_fields(at, r->end, &o, e);
	if (failure) {
		r->at = read_deferral(at, r->end, &o, e);
		exim_failure_text(r, e);
	}
	if (e->outcome == OUTCOME_BOUNCED && span_starts(e->reply, "retry timeout exceeded"))
		e->outcome = OUTCOME_EXPIRED;
	read_recipient(&o, e);
	e->transport = transport_of(&o, e);
	e->forwarded = e->forwarded || (e->original.len && e->transport == TRANSPORT_SMTP);
	return LINE_EVENT;
}
