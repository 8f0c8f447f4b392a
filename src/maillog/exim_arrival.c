/* SPDX-License-Identifier: BSD-2-Clause */
/* "<=": a message came in. */
#include "maillog/exim.h"

#include "base/ascii.h"

enum { RECIPIENTS_MAX = 100000 }; /* counted in one line; Exim's recipients_max is 50000 as it comes */

/* "driver:login" or "driver:login:sender". A driver that sets no login still tells that a password was known. */
static void read_login(struct span value, struct mail_event *e)
{
	size_t colon = span_find(value, ':');
	struct span login = span_from(value, colon + 1);
	e->method = span_of(value.at, colon);
	login.len = span_find(login, ':');
	e->login = login.len ? login : e->method;
}

/* "T=" on an arrival is the subject, in quotes */
static void read_subject(struct exim_rest *r, struct mail_event *e)
{
	if (r->at < r->end && *r->at == '"')
		e->subject = exim_quoted(r);
	r->at = exim_blank(r->at, r->end);
}

static void read_size(struct span value, struct mail_event *e)
{
	uint64_t size;
	if (ascii_parse_u64(value, UINT64_MAX, &size) == 0)
		e->size = size;
}

/* "for a@example.com b@example.net": to the end of the line */
static void count_recipients(struct exim_rest *r, struct mail_event *e)
{
	uint32_t count = 0;
	while (count < RECIPIENTS_MAX) {
		struct span one = exim_address(r);
		if (one.len == 0)
			break;
		if (++count == 1)
			e->recipient = one;
	}
	e->recipients = count;
	if (count != 1)
		e->recipient = (struct span){0};
}

static struct span value_of(struct exim_rest *r)
{
	const uint8_t *from = r->at;
	r->at = exim_blank(from, r->end);
	return span_of(from, (size_t)(r->at - from));
}

static void local_hands(const struct span *ident, struct mail_event *e)
{
	bool loopback = e->client.family && addr_kind(&e->client) == ADDR_LOOPBACK;
	/* U= of a strange host is what its ident server says: no user of ours */
	if (e->local || loopback || !e->client.family)
		e->user = *ident;
}

/* One field with a one-letter name. */
static void short_field(uint8_t key, struct exim_rest *r, struct span *ident, struct mail_event *e)
{
	uint16_t port;
	struct span value;
	switch (key) {
	case 'H':
		exim_host(r, &e->client_name, &e->helo, &e->client, &port);
		return;
	case 'T':
		read_subject(r, e);
		return;
	}
	value = value_of(r);
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
		read_size(value, e);
		break;
	case 'U':
		*ident = value;
		break;
	}
}

/* The words that stand between fields: "from <sender>" (+sender_on_..), "for recipients". @return false: the end. */
static bool word(struct exim_rest *r, struct mail_event *e)
{
	struct span w = exim_token(r);
	if (w.len == 3 && memcmp(w.at, "for", 3) == 0) {
		count_recipients(r, e);
		return false;
	}
	if (w.len == 4 && memcmp(w.at, "from", 4) == 0)
		exim_address(r); /* the sender as it was before rewriting */
	return w.len > 0;
}

static void read_fields(struct exim_rest *r, struct span *ident, struct mail_event *e)
{
	for (;;) {
		exim_skip_blanks(r);
		if (r->end - r->at >= 2 && r->at[1] == '=') {
			uint8_t key = *r->at;
			r->at += 2;
			short_field(key, r, ident, e);
		} else if (exim_take(r, "id=")) {
			e->message_id = value_of(r);
		} else if (!exim_skip_field(r) && !word(r, e)) {
			return;
		}
	}
}

enum line_result exim_arrival(struct exim_rest *r, struct mail_event *e)
{
	struct span ident = {0}, sender;
	bool null_sender;
	exim_skip_blanks(r);
	null_sender = r->end - r->at >= 2 && r->at[0] == '<' && r->at[1] == '>';
	sender = exim_address(r);
	if (sender.len == 0 && !null_sender)
		return LINE_UNKNOWN;
	e->kind = EVENT_ACCEPT;
	e->has_sender = true;
	e->sender = sender;
	read_fields(r, &ident, e);
	local_hands(&ident, e);
	if (e->link == LINK_NONE)
		e->related = (struct span){0};
	return LINE_EVENT;
}
