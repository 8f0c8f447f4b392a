/* SPDX-License-Identifier: BSD-2-Clause */
#include "audit/backlog.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "mail/header.h"
#include "net/addr.h"
#include "receivers/receivers.h"

enum {
	NAMES_FIRST = 1024, /* a power of two, doubled */
	ROWS_FIRST = 1024,
	SHAPE_MAX = 120, /* octets of a subject that count */
	SCRATCH_MAX = 1 << 20,
};

/* What a name is of: the same text may be a login and a sender. */
enum name_of { NAME_TEXT = 1, NAME_LOGIN, NAME_CLIENT, NAME_USER, NAME_LOCAL, NAME_BOUNCES, NAME_REASON, NAME_DOMAIN };

struct backlog_name {
	struct span text;
	uint64_t hash;
	enum name_of of;
	uint32_t value; /* the number of the owner or reason */
};

int backlog_init(struct backlog *b)
{
	*b = (struct backlog){.texts = arena_make(BACKLOG_TEXT_OCTETS_MAX), .scratch = arena_make(SCRATCH_MAX)};
	b->slot_count = 2 * NAMES_FIRST;
	b->slots = calloc(b->slot_count, sizeof(*b->slots));
	b->names = calloc(NAMES_FIRST, sizeof(*b->names));
	b->owners = calloc(ROWS_FIRST, sizeof(*b->owners));
	b->reasons = calloc(ROWS_FIRST, sizeof(*b->reasons));
	b->rows = calloc(ROWS_FIRST, sizeof(*b->rows));
	b->owner_room = b->reason_room = b->room = ROWS_FIRST;
	b->name_count = b->owner_count = b->reason_count = 1;
	if (b->slots && b->names && b->owners && b->reasons && b->rows)
		return 0;
	backlog_release(b);
	return -ENOMEM;
}

void backlog_release(struct backlog *b)
{
	free(b->slots);
	free(b->names);
	free(b->owners);
	free(b->reasons);
	free(b->rows);
	arena_release(&b->texts);
	arena_release(&b->scratch);
	*b = (struct backlog){0};
}

/* Room for one more of an array that doubles. @return 0; -ENOMEM */
static int more_room(void **at, size_t count, size_t *room, size_t size)
{
	void *more;
	if (count < *room)
		return 0;
	more = reallocarray(*at, *room * 2, size);
	if (!more)
		return -ENOMEM;
	*at = more;
	*room *= 2;
	return 0;
}

/* ---- names ---- */

static size_t slot_of(const struct backlog *b, struct span text, enum name_of of, uint64_t hash)
{
	size_t mask = b->slot_count - 1, at = hash & mask;
	for (;; at = (at + 1) & mask) {
		const struct backlog_name *n = &b->names[b->slots[at]];
		if (b->slots[at] == 0 || (n->hash == hash && n->of == of && span_equal(n->text, text)))
			return at;
	}
}

static int grow_names(struct backlog *b)
{
	size_t count = b->slot_count * 2;
	uint32_t *slots = calloc(count, sizeof(*slots));
	struct backlog_name *names = slots ? reallocarray(b->names, b->slot_count, sizeof(*names)) : NULL;
	if (!names) {
		free(slots);
		return -ENOMEM;
	}
	b->names = names;
	for (uint32_t i = 1; i < b->name_count; i++) {
		size_t at = names[i].hash & (count - 1);
		while (slots[at])
			at = (at + 1) & (count - 1);
		slots[at] = i;
	}
	free(b->slots);
	b->slots = slots;
	b->slot_count = count;
	return 0;
}

/* @return 0; -ENOMEM. Number 0: the bound is reached. */
static int number_of(struct backlog *b, struct span text, enum name_of of, uint32_t *ret_number)
{
	uint64_t hash = hash_octets(text, (uint64_t)of);
	size_t slot;
	char *copy;
	*ret_number = 0;
	if (b->name_count * 2 >= b->slot_count && grow_names(b) < 0)
		return -ENOMEM;
	slot = slot_of(b, text, of, hash);
	if (b->slots[slot]) {
		*ret_number = b->slots[slot];
		return 0;
	}
	copy = arena_copy(&b->texts, text);
	if (!copy) {
		b->full = true;
		return 0;
	}
	b->names[b->name_count] = (struct backlog_name){span_of(copy, text.len), hash, of, 0};
	*ret_number = b->slots[slot] = (uint32_t)b->name_count++;
	return 0;
}

struct span backlog_name(const struct backlog *b, uint32_t number)
{
	return b->names[number].text;
}

static struct span lower(struct backlog *b, struct span text)
{
	char *copy = arena_copy(&b->scratch, text);
	if (copy)
		ascii_lower_all(copy);
	return copy ? span_of(copy, strlen(copy)) : text;
}

int backlog_domain(struct backlog *b, const char *domain)
{
	uint32_t number;
	int rc = number_of(b, lower(b, span_str(domain)), NAME_DOMAIN, &number);
	b->serves = true;
	arena_release(&b->scratch);
	return rc;
}

bool backlog_serves(const struct backlog *b, struct span domain)
{
	char text[256];
	if (domain.len == 0 || domain.len >= sizeof(text))
		return false;
	for (size_t i = 0; i < domain.len; i++)
		text[i] = (char)ascii_lower(domain.at[i]);
	domain = span_of(text, domain.len);
	return b->slots[slot_of(b, domain, NAME_DOMAIN, hash_octets(domain, NAME_DOMAIN))] != 0;
}

struct span backlog_domain_of(struct span address)
{
	size_t at = address.len;
	while (at && address.at[at - 1] != '@')
		at--;
	return at ? span_from(address, at) : (struct span){0};
}

/* ---- what a message is ---- */

static bool is_here(struct span client)
{
	struct addr a;
	if (client.len == 0)
		return true;
	return addr_parse(client, &a) == 0 && addr_kind(&a) == ADDR_LOOPBACK;
}

static enum backlog_kind kind_of(const struct spool_message *m)
{
	if (m->login.len)
		return BACKLOG_LOGIN;
	if (!is_here(m->client))
		return BACKLOG_CLIENT;
	if (m->uid >= 0)
		return BACKLOG_USER;
	return m->sender.len == 0 && m->client.len == 0 ? BACKLOG_BOUNCES : BACKLOG_LOCAL;
}

static int owner_of(struct backlog *b, const struct spool_message *m, uint32_t *ret_owner)
{
	static const enum name_of names[] = {[BACKLOG_LOGIN] = NAME_LOGIN,
					     [BACKLOG_CLIENT] = NAME_CLIENT,
					     [BACKLOG_USER] = NAME_USER,
					     [BACKLOG_LOCAL] = NAME_LOCAL,
					     [BACKLOG_BOUNCES] = NAME_BOUNCES};
	enum backlog_kind kind = kind_of(m);
	const char *uid = arena_printf(&b->scratch, "%lld", (long long)m->uid);
	struct span text = kind == BACKLOG_LOGIN    ? m->login
			   : kind == BACKLOG_CLIENT ? m->client
			   : kind == BACKLOG_USER   ? span_str(uid)
						    : (struct span){0};
	uint32_t name;
	int rc = number_of(b, text, names[kind], &name);
	*ret_owner = name ? b->names[name].value : 0;
	if (rc < 0 || name == 0 || *ret_owner)
		return rc;
	rc = more_room((void **)&b->owners, b->owner_count, &b->owner_room, sizeof(*b->owners));
	if (rc < 0)
		return rc;
	b->owners[b->owner_count] = (struct backlog_owner){.kind = kind, .name = name, .uid = m->uid};
	*ret_owner = b->names[name].value = (uint32_t)b->owner_count++;
	return 0;
}

/* What it says, without what differs from one message to the next. */
static int reason_of(struct backlog *b, struct span text, uint32_t *ret_reason)
{
	struct buf shape = buf_make(SPOOL_TEXT_MAX);
	uint32_t name = 0;
	int rc = 0;
	*ret_reason = 0;
	if (text.len == 0)
		return 0;
	reply_template(text, &shape);
	rc = number_of(b, buf_span(&shape), NAME_REASON, &name);
	buf_release(&shape);
	*ret_reason = name ? b->names[name].value : 0;
	if (rc < 0 || name == 0 || *ret_reason)
		return rc;
	rc = more_room((void **)&b->reasons, b->reason_count, &b->reason_room, sizeof(*b->reasons));
	if (rc < 0)
		return rc;
	b->reasons[b->reason_count].count = 0;
	b->reasons[b->reason_count].text = span_of(arena_copy(&b->texts, text), text.len);
	if (!b->reasons[b->reason_count].text.at)
		b->reasons[b->reason_count].text = (struct span){0};
	*ret_reason = b->names[name].value = (uint32_t)b->reason_count++;
	return 0;
}

/* Digits become one '#', blanks one blank: "Invoice 4711" and "Invoice 4712" are one. */
static struct span shape_of(struct backlog *b, struct span subject)
{
	char *to = arena_alloc(&b->scratch, SHAPE_MAX, 1);
	size_t n = 0;
	for (size_t i = 0; to && i < subject.len && n < SHAPE_MAX; i++) {
		uint8_t c = subject.at[i];
		char put = ascii_is_digit(c) ? '#' : ascii_is_space(c) ? ' ' : (char)c;
		if (n == 0 || put != to[n - 1] || (put != '#' && put != ' '))
			to[n++] = put;
	}
	return span_of(to, n);
}

static int describe(struct backlog *b, const struct spool_message *m, struct backlog_row *row)
{
	struct span head = spool_message_fields(m), subject, script;
	int rc;
	subject = header_words(header_field(head, "subject", &b->scratch), &b->scratch);
	script = header_field(head, "x-php-originating-script", &b->scratch);
	if (script.len == 0)
		script = header_field(head, "x-php-script", &b->scratch);
	rc = number_of(b, shape_of(b, subject), NAME_TEXT, &row->subject);
	if (rc == 0 && script.len)
		rc = number_of(b, script, NAME_TEXT, &row->script);
	if (rc == 0)
		rc = number_of(b, m->sender, NAME_TEXT, &row->sender);
	if (rc == 0 && m->client.len)
		rc = number_of(b, m->client, NAME_TEXT, &row->client);
	if (rc == 0)
		rc = reason_of(b, m->reason, &row->reason);
	return rc;
}

static bool goes_outside(const struct backlog *b, const struct spool_message *m)
{
	for (uint32_t i = 0; b->serves && i < m->recipient_count && i < SPOOL_RECIPIENTS_KEPT; i++) {
		struct span domain = backlog_domain_of(m->recipients[i]);
		if (domain.len && !backlog_serves(b, domain))
			return true;
	}
	return false;
}

static void count_owner(struct backlog *b, const struct backlog_row *row, uint32_t file)
{
	struct backlog_owner *o = &b->owners[row->owner];
	o->count++;
	o->held += row->state == SPOOL_HELD;
	o->outside += row->outside;
	o->recipients += row->recipients;
	if (row->arrived_s && (o->oldest_s == 0 || row->arrived_s < o->oldest_s))
		o->oldest_s = row->arrived_s;
	if (file && o->file_count < BACKLOG_FILES_KEPT)
		o->files[o->file_count++] = file;
	if (row->arrived_s && (b->oldest_s == 0 || row->arrived_s < b->oldest_s))
		b->oldest_s = row->arrived_s;
}

int backlog_add(struct backlog *b, const struct spool_message *m, const char *file)
{
	struct backlog_row row = {.state = m->state, .recipients = m->recipient_count, .arrived_s = m->arrived_s};
	uint32_t number = 0;
	int rc;
	if (b->count == BACKLOG_MESSAGES_MAX) {
		b->full = true;
		return 0;
	}
	rc = more_room((void **)&b->rows, b->count, &b->room, sizeof(*b->rows));
	if (rc == 0)
		rc = describe(b, m, &row);
	if (rc == 0)
		rc = owner_of(b, m, &row.owner);
	if (rc == 0 && b->owners[row.owner].file_count < BACKLOG_FILES_KEPT)
		rc = number_of(b, span_str(file), NAME_TEXT, &number);
	arena_release(&b->scratch);
	if (rc < 0)
		return rc;
	row.outside = goes_outside(b, m);
	b->rows[b->count++] = row;
	b->held += row.state == SPOOL_HELD;
	b->reasons[row.reason].count += row.reason != 0;
	count_owner(b, &row, number);
	return 0;
}
