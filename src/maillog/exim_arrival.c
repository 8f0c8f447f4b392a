/* SPDX-License-Identifier: BSD-2-Clause */
/* "<=": a message came in. */
#include "maillog/exim.h"

#include "base/ascii.h"

enum { RECIPIENTS_MAX = 100000 }; /* counted in one line; Exim's recipients_max is 50000 as it comes */

/* A driver that sets no login still tells that a password was known. */
static void read_login(struct span value, struct mail_event *e)
{
	exim_authenticated(value, e);
	if (!e->login.len)
		e->login = e->method;
}

static void read_size(struct span value, const uint8_t *end, struct mail_event *e)
{
	uint32_t few;
	uint64_t size;
	if (value.len && value.len <= 8 && exim_digits(value.at, end, &few) == value.len)
		e->size = few;
	else if (ascii_parse_u64(value, UINT64_MAX, &size) == 0)
		e->size = size;
}

/* "for a@example.com b@example.net": to the end of the line */
static void count_recipients(const uint8_t *at, const uint8_t *end, struct mail_event *e)
{
	struct span first = {0}, one;
	uint32_t count = 0;
	while (count < RECIPIENTS_MAX) {
		at = exim_address_at(at, end, &one);
		if (one.len == 0)
			break;
		if (++count == 1)
			first = one;
	}
	e->recipients = count;
	e->recipient = count == 1 ? first : (struct span){0};
}

static void local_hands(const struct span *ident, struct mail_event *e)
{
	/* U= of a strange host is what its ident server says: no user of ours */
	if (ident->len && (e->local || !e->client.family || exim_is_loopback(&e->client)))
		e->user = *ident;
}

/* One field with a one-letter name; `at` stands on its value. @return what follows it. */
static const uint8_t *short_field(uint8_t key, const uint8_t *at, const uint8_t *end, struct span *ident,
				  struct mail_event *e)
{
	const uint8_t *to;
	struct span value;
	uint16_t port;
	if (key == 'H')
		return exim_host_at(at, end, &e->client_name, &e->helo, &e->client, &port);
	if (key == 'T' && at < end && *at == '"') /* here it is the subject, in quotes */
		return exim_blank_behind_id(exim_quoted_at(at, end, &e->subject), end);
	to = exim_blank_behind_id(at, end);
	value = span_of(at, (size_t)(to - at));
	switch (key) {
	case 'A':
		read_login(value, e);
		break;
	case 'P':
		e->local = span_starts(value, "local");
		break;
	case 'R':
		e->related = value;
		e->link = exim_id(value) ? LINK_NOTICE : LINK_NONE;
		break;
	case 'S':
		read_size(value, end, e);
		break;
	case 'U':
		*ident = value;
		break;
	}
	return to;
}

/* A field with a longer name, or one of the words between fields: "from <sender>" (+sender_on_..). @return NULL: the end. */
static const uint8_t *long_field(const uint8_t *at, const uint8_t *end, struct mail_event *e)
{
	const uint8_t *to;
	struct span sender, quoted;
	if (exim_has_two_letters(at, end)) {
		bool id = *at == 'i' && at[1] == 'd';
		at += 3;
		if (!id && at < end && *at == '"')
			at = exim_quoted_at(at, end, &quoted);
		to = exim_blank_behind_id(at, end);
		if (id)
			e->message_id = span_of(at, (size_t)(to - at));
		return to;
	}
	to = exim_past_field(at, end);
	if (to)
		return to;
	to = exim_blank_behind_id(at, end);
	if (to - at == 4 && memcmp(at, "from", 4) == 0)
		return exim_address_at(to, end, &sender); /* the sender as it was before rewriting */
	return to > at ? to : NULL;
}

static void read_fields(const uint8_t *at, const uint8_t *end, struct span *ident, struct mail_event *e)
{
	while (at) {
		at = exim_past_blanks(at, end);
		if (end - at >= 2 && at[1] == '=') {
			at = short_field(*at, at + 2, end, ident, e);
		} else if (end - at >= 4 && memcmp(at, "for ", 4) == 0) {
			count_recipients(at + 4, end, e);
			return;
		} else {
			at = long_field(at, end, e);
		}
	}
}

enum line_result exim_arrival(struct exim_rest *r, struct mail_event *e)
{
	const uint8_t *at = exim_past_blanks(r->at, r->end);
	struct span ident = {0};
	bool null_sender = r->end - at >= 2 && at[0] == '<' && at[1] == '>';
	at = exim_address_at(at, r->end, &e->sender);
	if (e->sender.len == 0 && !null_sender)
		return LINE_UNKNOWN;
	e->kind = EVENT_ACCEPT;
	e->has_sender = true;
	read_fields(at, r->end, &ident, e);
	local_hands(&ident, e);
	if (e->link == LINK_NONE)
		e->related = (struct span){0};
	return LINE_EVENT;
}
