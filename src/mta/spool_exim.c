/* SPDX-License-Identifier: BSD-2-Clause */
#include "mta/spool_exim.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "mail/header.h"
#include "net/addr.h"

enum {
	RECIPIENTS_MAX = 16384, /* Exim takes no more of one message (spool_in.c) */
	SERVED_FIRST = 64,
	SERVED_MAX = 65536, /* with aliases and lists there are more of them than recipients */
	OPTIONS_MAX = 4096, /* lines; each ACL variable is one */
	HEADER_FIELDS_MAX = 10000,
};

static const char cut[] = "it ends in the middle";

static bool next(struct span *rest, struct span *ret_line)
{
	size_t end = span_find(*rest, '\n');
	if (end == rest->len)
		return false;
	*ret_line = span_of(rest->at, end);
	*rest = span_from(*rest, end + 1);
	return true;
}

/* "www-data 33 33" */
static void take_user(struct spool_message *m, struct span line)
{
	struct span word = line;
	uint64_t uid;
	for (int i = 0; i < 2; i++) {
		size_t end = line.len;
		while (end && line.at[end - 1] != ' ')
			end--;
		word = span_from(line, end);
		line.len = end ? end - 1 : 0;
	}
	m->user = spool_message_keep(m, line);
	if (ascii_parse_u64(word, UINT32_MAX, &uid) == 0)
		m->uid = (int64_t)uid;
}

/* "[192.0.2.1]:34880"; until 4.9x "192.0.2.1.34880". */
static struct span address_of(struct span value)
{
	struct addr a;
	size_t end = value.len;
	if (span_starts(value, "[")) {
		value = span_from(value, 1);
		return span_of(value.at, span_find(value, ']'));
	}
	if (value.len == 0 || addr_parse(value, &a) == 0)
		return value;
	while (end && value.at[end - 1] != '.')
		end--;
	return end ? span_of(value.at, end - 1) : value;
}

/* What the lines with a dash come to. */
struct options {
	struct span login, client, client_name;
	bool first_time, bounce;
};

static bool takes(struct span line, const char *name, struct span *ret_value)
{
	size_t len = strlen(name);
	if (!span_starts(line, name) || (line.len > len && line.at[len] != ' '))
		return false;
	*ret_value = span_from(line, len + 1);
	return true;
}

/* The value of an ACL variable may have lines of its own: its length stands before it. */
static const char *pass_variable(struct span line, struct span *rest)
{
	size_t at = line.len;
	uint64_t octets;
	while (at && line.at[at - 1] != ' ')
		at--;
	if (ascii_parse_u64(span_from(line, at), UINT32_MAX, &octets) < 0)
		return "a variable without a length";
	if (octets >= rest->len)
		return cut;
	*rest = span_from(*rest, octets + 1);
	return NULL;
}

static const char *take_option(struct spool_message *m, struct options *o, struct span line, struct span *rest)
{
	struct span value = {0};
	line = span_from(line, span_starts(line, "--") ? 2 : 1); /* two: what the client gave */
	if (span_starts(line, "aclc ") || span_starts(line, "aclm ") || span_starts(line, "acl "))
		return pass_variable(line, rest);
	if (takes(line, "auth_id", &value))
		o->login = value;
	else if (takes(line, "host_address", &value))
		o->client = address_of(value);
	else if (takes(line, "host_name", &value))
		o->client_name = value;
	else if (takes(line, "deliver_firsttime", &value))
		o->first_time = true;
	else if (takes(line, "localerror", &value))
		o->bounce = true;
	else if (takes(line, "frozen", &value))
		m->state = SPOOL_HELD;
	return NULL;
}

/* A program of this machine has its user's name as auth_id: no login. What Exim wrote itself is nobody's. */
static void settle(struct spool_message *m, const struct options *o)
{
	m->client = spool_message_keep(m, o->client);
	m->client_name = spool_message_keep(m, o->client_name);
	if (o->client.len)
		m->login = spool_message_keep(m, o->login);
	if (o->client.len || o->bounce) {
		m->uid = -1;
		m->user = (struct span){0};
	}
	if (m->state != SPOOL_HELD)
		m->state = o->first_time ? SPOOL_WAITS : SPOOL_DEFERRED;
}

static const char *take_options(struct spool_message *m, struct span *rest, struct span *ret_line)
{
	struct options o = {0};
	const char *why = NULL;
	for (size_t i = 0; !why; i++) {
		if (i == OPTIONS_MAX || !next(rest, ret_line))
			return cut;
		if (!span_starts(*ret_line, "-"))
			break;
		why = take_option(m, &o, *ret_line, rest);
	}
	if (!why)
		settle(m, &o);
	return why;
}

/* ---- those who were served ---- */

struct served {
	uint64_t *hashes;
	size_t count, room;
	bool failed; /* memory */
};

static void add_served(struct served *s, struct span address)
{
	if (s->count == s->room && s->room < SERVED_MAX) {
		size_t room = s->room ? s->room * 2 : SERVED_FIRST;
		uint64_t *more = reallocarray(s->hashes, room, sizeof(*more));
		s->failed |= !more;
		if (!more)
			return;
		s->hashes = more;
		s->room = room;
	}
	if (s->count < s->room)
		s->hashes[s->count++] = hash_name(address, 0);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x, y;
	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

/* A tree, its nodes before their branches: "YN address"; Y for each branch that follows. "XX": none. */
static const char *take_tree(struct served *s, struct span *rest, struct span line)
{
	size_t open = 1;
	if (span_equal(line, span_str("XX")))
		return NULL;
	for (;;) {
		if (line.len < 4 || line.at[2] != ' ')
			return "those who were served are not to be told";
		open += (size_t)(line.at[0] == 'Y') + (line.at[1] == 'Y') - 1;
		add_served(s, span_from(line, 3));
		if (open == 0)
			return NULL;
		if (!next(rest, &line))
			return cut;
	}
}

static void take_journal(struct served *s, struct span text)
{
	struct span line;
	while (next(&text, &line))
		add_served(s, line);
}

/* Behind the address may stand what was asked of it: "a@b errors@b 8,-1#1", "a@b 0,-1#1", from the end on. */
static struct span address_in(struct span line)
{
	size_t hash = line.len, blank;
	while (hash && ascii_is_digit(line.at[hash - 1]))
		hash--;
	if (hash == 0 || line.at[hash - 1] != '#')
		return line;
	blank = span_find(line, ' ');
	if (line.at[0] == '"') { /* a quoted local part may hold blanks */
		size_t quote = 1;
		while (quote < line.len && line.at[quote] != '"')
			quote += line.at[quote] == '\\' ? 2 : 1;
		blank = quote < line.len ? quote + span_find(span_from(line, quote), ' ') : line.len;
	}
	return span_of(line.at, blank);
}

static const char *take_recipients(struct spool_message *m, struct served *s, struct span *rest)
{
	struct span line;
	uint64_t count;
	if (!next(rest, &line))
		return cut;
	if (ascii_parse_u64(span_trim(line), RECIPIENTS_MAX, &count) < 0)
		return "the number of its recipients is none";
	if (s->failed)
		return "memory is used up";
	if (s->count)
		qsort(s->hashes, s->count, sizeof(*s->hashes), by_number);
	for (uint64_t i = 0; i < count; i++) {
		if (!next(rest, &line))
			return cut;
		struct span address = address_in(line);
		uint64_t hash = hash_name(address, 0);
		if (s->count && bsearch(&hash, s->hashes, s->count, sizeof(hash), by_number))
			m->done_count++;
		else
			spool_message_recipient(m, address);
	}
	return NULL;
}

/* "037I Message-Id: ...": octets, what it is ('*': replaced by another), the field with its own line ends. */
static const char *take_fields(struct spool_message *m, struct span rest)
{
	for (size_t i = 0; rest.len && i < HEADER_FIELDS_MAX; i++) {
		size_t digits = 0;
		uint64_t octets;
		while (digits < rest.len && ascii_is_digit(rest.at[digits]))
			digits++;
		if (ascii_parse_u64(span_of(rest.at, digits), UINT32_MAX, &octets) < 0 || digits + 2 > rest.len)
			return "a header field without a length";
		bool old = rest.at[digits] == '*';
		rest = span_from(rest, digits + 2);
		if (octets > rest.len)
			return cut;
		if (!old)
			spool_message_head(m, span_of(rest.at, octets));
		rest = span_from(rest, octets);
	}
	return NULL;
}

static const char *take_envelope(struct spool_message *m, struct span *rest)
{
	struct span line;
	uint64_t seconds;
	if (!next(rest, &line))
		return cut;
	if (line.len < 3 || !span_equal(span_from(line, line.len - 2), span_str("-H")))
		return "it does not begin with its own name";
	if (!next(rest, &line))
		return cut;
	take_user(m, line);
	if (!next(rest, &line))
		return cut;
	if (line.len < 2 || line.at[0] != '<' || line.at[line.len - 1] != '>')
		return "it has no sender";
	m->sender = spool_message_keep(m, span_of(line.at + 1, line.len - 2));
	m->has_sender = true;
	if (!next(rest, &line))
		return cut;
	if (ascii_parse_u64(span_of(line.at, span_find(line, ' ')), INT64_MAX, &seconds) < 0)
		return "it has no time";
	m->arrived_s = (int64_t)seconds;
	return NULL;
}

const char *spool_exim_read(struct spool_message *m, struct span text, struct span journal)
{
	struct served s = {0};
	struct span line = {0};
	const char *why = take_envelope(m, &text);
	if (!why)
		why = take_options(m, &text, &line);
	if (!why)
		why = take_tree(&s, &text, line);
	if (!why) {
		take_journal(&s, journal);
		why = take_recipients(m, &s, &text);
	}
	if (!why && (!next(&text, &line) || line.len))
		why = "its header does not stand where it should";
	if (!why)
		why = take_fields(m, text);
	free(s.hashes);
	return why;
}

/* "... R=mail T=out defer (-44) H=NAME [IP]: SMTP error ...: 450 4.7.1 ...", "... routing defer (-52): retry time not reached" */
void spool_exim_log(struct spool_message *m, struct span text)
{
	static const char word[] = " defer (", again[] = "retry time not reached";
	struct span line, found = {0};
	while (next(&text, &line)) {
		const uint8_t *at = line.len ? memmem(line.at, line.len, word, sizeof(word) - 1) : NULL;
		struct span rest = at ? span_from(line, (size_t)(at - line.at) + sizeof(word) - 1) : (struct span){0};
		rest = span_from(rest, span_find(rest, ')') + 1);
		while (rest.len && (rest.at[0] == ':' || rest.at[0] == ' '))
			rest = span_from(rest, 1);
		if (rest.len && !span_starts(rest, again))
			found = rest;
	}
	m->reason = spool_message_keep(m, found);
}
