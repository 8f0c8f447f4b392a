/* SPDX-License-Identifier: BSD-2-Clause */
/* "<=": a message came in. */
#include "logparse/exim.h"

#include "base/ascii.h"

enum {
	RECIPIENTS_MAX = 100000, /* counted in one line; Exim's recipients_max is 50000 as it comes */
	FIELD_NAME_MAX = 8,
	HOSTS_MAX = 16, /* places where a HELO may end that are tried */
};

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

/* "for a@example.com b@example.net": to the end of the line. @return false: not all of them are addresses. */
static bool count_recipients(const uint8_t *at, const uint8_t *end, struct mail_event *e)
{
	struct span first = {0}, one;
	uint32_t count = 0;
	bool addresses = true;
	while (count < RECIPIENTS_MAX) {
		at = exim_address_at(at, end, &one);
		if (one.len == 0)
			break;
		addresses &= memchr(one.at, '@', one.len) != NULL;
		if (++count == 1)
			first = one;
	}
	e->recipients = count;
	e->recipient = count == 1 ? first : (struct span){0};
	return addresses;
}

/*
 * Exim writes the fields in this order (receive.c, add_host_info_for_log()). Some values are the client's own words, and
 * they may hold what looks like the fields of somebody else, so that a field counts only where the order has it:
 *
 *	R=  H= I= DS TFO  U=  P=  L  X= CV= DN= SNI=  A=  PRDR PRX= K  S=  M8S= DKIM= RT= Q=  id=  T=  from <>  for ..
 */
enum stage {
	STAGE_SENDER,
	STAGE_HOST,
	STAGE_IDENT,
	STAGE_PROTOCOL,
	STAGE_LOGIN,
	STAGE_SIZE,
	STAGE_MESSAGE_ID,
	STAGE_SUBJECT,
};

struct arrival {
	enum stage stage;
	struct span ident;
	int host;     /* which of the places where the HELO may end */
	bool no_host; /* there is none of that number */
	bool open;    /* before S= stands a value of the client's that nothing closes: the fields after it may be his */
	bool broken;  /* a field stands where the order has none */
};

/* May a field of this stage stand here? It may once. */
static bool enter(struct arrival *a, enum stage stage)
{
	if (a->stage >= stage) {
		a->broken = true;
		return false;
	}
	a->stage = stage;
	return true;
}

static void read_protocol(struct span value, struct arrival *a, struct mail_event *e)
{
	if (enter(a, STAGE_PROTOCOL))
		e->local = span_starts(value, "local");
}

/* What an ident server says of its user: any words. */
static void read_ident(struct span value, struct arrival *a, const struct mail_event *e)
{
	if (!enter(a, STAGE_IDENT))
		return;
	a->ident = value;
	a->open |= e->client.family && !exim_is_loopback(&e->client);
}

static void read_reference(struct span value, struct arrival *a, struct mail_event *e)
{
	if (a->stage != STAGE_SENDER) {
		a->broken = true;
		return;
	}
	e->related = value;
	e->link = exim_id(value) ? LINK_NOTICE : LINK_NONE;
}

static const uint8_t *read_host(const uint8_t *at, const uint8_t *end, struct arrival *a, struct mail_event *e)
{
	const uint8_t *to;
	uint16_t port;
	if (!enter(a, STAGE_HOST))
		return exim_blank(at, end);
	if (a->host == 0)
		return exim_host_at(at, end, &e->client_name, &e->helo, &e->client, &port);
	to = exim_host_again(at, end, a->host, &e->client_name, &e->helo, &e->client, &port);
	a->no_host = !to;
	return to ? to : end;
}

/* One field with a one-letter name; `at` stands on its value. @return what follows it. */
static const uint8_t *short_field(uint8_t key, const uint8_t *at, const uint8_t *end, struct arrival *a,
				  struct mail_event *e)
{
	const uint8_t *to;
	struct span value;
	if (key == 'H')
		return read_host(at, end, a, e);
	if (key == 'T' && at < end && *at == '"') { /* here it is the subject, in quotes */
		to = exim_quoted_at(at, end, &value);
		a->broken |= to < end && *to != ' ';
		if (enter(a, STAGE_SUBJECT))
			e->subject = value;
		return exim_blank_behind_id(to, end);
	}
	if (key == 'A') { /* may end with an address: "plain:bob:"a b"@example.net" (+smtp_mailauth) */
		value = (struct span){at, 0};
		to = at < end && *at != ' ' ? exim_address_at(at, end, &value) : at;
		if (enter(a, STAGE_LOGIN))
			read_login(value, e);
		return to;
	}
	to = exim_blank_behind_id(at, end);
	value = span_of(at, (size_t)(to - at));
	switch (key) {
	case 'P':
		read_protocol(value, a, e);
		break;
	case 'R':
		read_reference(value, a, e);
		break;
	case 'S':
		if (enter(a, STAGE_SIZE))
			read_size(value, end, e);
		break;
	case 'U':
		read_ident(value, a, e);
		break;
	}
	return to;
}

/* "id=" (in new versions "id*=" where Exim made it): an address, whose quoted part may hold anything. */
static const uint8_t *read_message_id(const uint8_t *at, const uint8_t *end, struct arrival *a, struct mail_event *e)
{
	struct span id;
	if (at >= end || *at == ' ')
		return at;
	at = exim_address_at(at, end, &id);
	if (enter(a, STAGE_MESSAGE_ID))
		e->message_id = id;
	return at;
}

/* "DN=" and "SNI=" stand in quotes up to 4.95, and quotes inside them are not escaped. */
static const uint8_t *quoted_field(const uint8_t *at, const uint8_t *end, struct arrival *a)
{
	struct span text;
	const uint8_t *to = exim_quoted_at(at, end, &text);
	a->open |= a->stage < STAGE_SIZE;
	a->broken |= (to < end && *to != ' ') || a->stage == STAGE_LOGIN;
	return exim_blank_behind_id(to, end);
}

/* "NAME=value" with a name that has nothing to say here. @return what follows; NULL: it is no such field. */
static const uint8_t *named_field(const uint8_t *at, const uint8_t *end, struct arrival *a, struct mail_event *e)
{
	const uint8_t *to = at;
	while (to < end && (ascii_is_alpha(*to) || ascii_is_digit(*to)) && to - at < FIELD_NAME_MAX)
		to++;
	if (to == at || to >= end || *to != '=')
		return NULL;
	if (to - at == 2 && memcmp(at, "id", 2) == 0)
		return read_message_id(to + 1, end, a, e);
	if (end - to > 1 && to[1] == '"')
		return quoted_field(to + 1, end, a);
	return exim_blank_behind_id(to, end);
}

/* The words between fields (K, L, DS, TFO*, PRDR, ARC) are capitals, and none follows the size. */
static bool is_flag(const uint8_t *at, const uint8_t *to, const struct arrival *a)
{
	while (at < to && (ascii_is_upper(*at) || *at == '*'))
		at++;
	return at == to && a->stage < STAGE_SIZE;
}

/* A field with a longer name, or one of the words between fields: "from <sender>" (+sender_on_..). @return NULL: the end. */
static const uint8_t *long_field(const uint8_t *at, const uint8_t *end, struct arrival *a, struct mail_event *e)
{
	const uint8_t *to;
	struct span sender;
	if (end - at > 4 && memcmp(at, "id*=", 4) == 0)
		return read_message_id(at + 4, end, a, e);
	to = named_field(at, end, a, e);
	if (to)
		return to;
	to = exim_blank_behind_id(at, end);
	if (to == at)
		return NULL;
	if (to - at == 4 && memcmp(at, "from", 4) == 0)
		return exim_address_at(to, end, &sender); /* the sender as it was before rewriting */
	a->broken |= !is_flag(at, to, a);
	return to;
}

/* Where the client's words have closed their quotes themselves, the quote that Exim closes them with stands in what they made
 * up: a field that has none as it comes. */
static bool has_stray_quote(struct span field)
{
	return field.len && !span_starts(field, "DN=\"") && !span_starts(field, "SNI=\"") &&
	       memchr(field.at, '"', field.len);
}

static void read_fields(const uint8_t *at, const uint8_t *end, struct arrival *a, struct mail_event *e)
{
	const uint8_t *from = NULL;
	while (at) {
		if (from && a->open && a->stage < STAGE_SIZE)
			a->broken |= has_stray_quote(span_of(from, (size_t)(at - from)));
		from = at = exim_past_blanks(at, end);
		if (end - at >= 2 && at[1] == '=') {
			at = short_field(*at, at + 2, end, a, e);
		} else if (end - at >= 4 && memcmp(at, "for ", 4) == 0) {
			a->broken |= !count_recipients(at + 4, end, e);
			return;
		} else {
			at = long_field(at, end, a, e);
		}
	}
}

/* Who handed it over, where the record's fields tell that no other wrote it. */
static void settle_origin(const struct arrival *a, struct mail_event *e)
{
	if (a->open && (a->broken || a->stage < STAGE_SIZE)) {
		e->login = e->method = (struct span){0};
		e->local = false;
		return;
	}
	/* U= of a strange host is what its ident server says: no user of ours */
	if (a->ident.len && (e->local || !e->client.family || exim_is_loopback(&e->client)))
		e->user = a->ident;
}

/* `at` stands on the sender. @return false: there is none. */
static bool read_arrival(const uint8_t *at, const uint8_t *end, struct arrival *a, struct mail_event *e)
{
	bool null_sender = end - at >= 2 && at[0] == '<' && at[1] == '>';
	at = exim_address_at(at, end, &e->sender);
	if (e->sender.len == 0 && !null_sender)
		return false;
	e->kind = EVENT_ACCEPT;
	e->has_sender = true;
	read_fields(at, end, a, e);
	return true;
}

/* The n-th place where the HELO may end. @return false: there are less. */
static bool read_from(const uint8_t *at, const uint8_t *end, int n, struct arrival *a, struct mail_event *e)
{
	*e = (struct mail_event){.at_ms = e->at_ms, .host = e->host, .pid = e->pid, .uid = MAIL_UID_NONE, .id = e->id};
	*a = (struct arrival){.host = n};
	return read_arrival(at, end, a, e) && !a->no_host;
}

/*
 * A HELO of more than Exim lets in as it comes may hold a whole record: the place where it ends is the one behind which
 * the record is in order to its end. Where there is none, or where other values may hold a record as well, the client is
 * not known.
 */
static void read_again(const uint8_t *at, const uint8_t *end, struct arrival *a, struct mail_event *e)
{
	const bool open = a->open;
	int n;
	for (n = 1; n <= HOSTS_MAX && read_from(at, end, n, a, e); n++)
		if (!a->broken && !open)
			return;
	read_from(at, end, 0, a, e);
	if (n == 1)
		return; /* it ends in one place only */
	a->open = true;
	e->client = (struct addr){0};
	e->client_name = (struct span){0};
}

enum line_result exim_arrival(struct exim_rest *r, struct mail_event *e)
{
	const uint8_t *at = exim_past_blanks(r->at, r->end);
	struct arrival a = {.stage = STAGE_SENDER};
	if (!read_arrival(at, r->end, &a, e))
		return LINE_UNKNOWN;
	if (a.broken && e->helo.len)
		read_again(at, r->end, &a, e);
	settle_origin(&a, e);
	if (e->link == LINK_NONE)
		e->related = (struct span){0};
	return LINE_EVENT;
}
