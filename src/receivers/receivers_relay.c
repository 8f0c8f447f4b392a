/* SPDX-License-Identifier: BSD-2-Clause */
/* Who an MX is: by the patterns of the records, else by its registrable domain. */
#include <libpsl.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "receivers/reply.h"

enum {
	NAME_SIZE = 256,
	SLOTS_FIRST = 1 << 10,
	SLOTS_MAX =
		1 << 15,  /* a mail server talks to some thousand MX; what finds no room is looked up anew each time */
	LINE_OCTETS = 64, /* of the processor's cache */
	SHORT_MAX = 29,
	ARENA_MAX = 64 << 20,
};

/* As long as a line of the cache: most are there no more when they are asked for, and of one with a short name nothing else is
 * read. */
struct kept {
	struct relay_info info;
	bool there;
	uint8_t len;
	char near[SHORT_MAX + 1];
};

_Static_assert(sizeof(struct kept) == LINE_OCTETS, "one slot, one line");

struct relays {
	const struct receiver_records *records;
	struct arena arena;
	void *memory;
	struct kept *slots; /* in `memory`; open addressing */
	size_t size, count, words;
	struct relay_info last; /* the one looked up last */
	uint64_t *last_fits;
	uint64_t *no_fits; /* of most: shared */
	uint64_t *ends;    /* of each record: with which octets a name may end that its patterns fit */
	char last_name[NAME_SIZE], last_domain[NAME_SIZE];
};

bool relay_mx_fits(const char *pattern, struct span name)
{
	const char *star = NULL;
	size_t at = 0, again = 0;
	while (at < name.len) {
		if (*pattern == '*') {
			star = pattern++;
			again = at;
		} else if (*pattern == '?' || (*pattern && *pattern == (char)ascii_lower(name.at[at]))) {
			pattern++;
			at++;
		} else if (star) {
			pattern = star + 1;
			at = ++again;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

struct span receivers_registrable(const char *name)
{
	const psl_ctx_t *psl = psl_builtin();
	const char *part = psl ? psl_registrable_domain(psl, name) : NULL;
	struct addr a;
	if (!strchr(name, '.') || addr_parse(span_str(name), &a) == 0)
		return (struct span){0};
	return span_str(part ? part : name);
}

/* @return false: no memory; nothing is changed. */
static bool slots_make(struct relays *r, size_t size)
{
	void *memory = calloc(size + 1, sizeof(*r->slots));
	if (!memory)
		return false;
	r->memory = memory;
	r->slots = (struct kept *)(((uintptr_t)memory + LINE_OCTETS - 1) / LINE_OCTETS * LINE_OCTETS);
	r->size = size;
	return true;
}

/* A bit for an octet that a name ends with; octets that are 64 apart share theirs. */
static uint64_t end_bit(char c)
{
	return UINT64_C(1) << (uint8_t)c % 64;
}

/* With what a name may end that a pattern fits; most end with a name's end. */
static uint64_t ends_of(const struct texts *mx)
{
	uint64_t ends = 0;
	for (size_t i = 0; i < mx->count; i++) {
		const char *pattern = mx->at[i];
		char last = pattern[0] ? pattern[strlen(pattern) - 1] : '*';
		ends |= last == '*' || last == '?' ? UINT64_MAX : end_bit(last);
	}
	return ends;
}

static uint64_t *ends_of_all(const struct receiver_records *records)
{
	uint64_t *ends = calloc(records->count + 1, sizeof(*ends));
	for (size_t i = 0; ends && i < records->count; i++)
		ends[i] = ends_of(&records->at[i]->mx);
	return ends;
}

struct relays *relays_new(const struct receiver_records *records)
{
	struct relays *r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->records = records;
	r->arena = arena_make(ARENA_MAX);
	r->words = (records->count + 63) / 64;
	r->last_fits = calloc(r->words + 1, sizeof(*r->last_fits));
	r->no_fits = calloc(r->words + 1, sizeof(*r->no_fits));
	r->ends = ends_of_all(records);
	if (slots_make(r, SLOTS_FIRST) && r->last_fits && r->no_fits && r->ends)
		return r;
	relays_free(r);
	return NULL;
}

void relays_free(struct relays *r)
{
	if (!r)
		return;
	arena_release(&r->arena);
	free(r->memory);
	free(r->last_fits);
	free(r->no_fits);
	free(r->ends);
	free(r);
}

static bool any_fits(const struct texts *mx, struct span name)
{
	for (size_t i = 0; i < mx->count; i++)
		if (relay_mx_fits(mx->at[i], name))
			return true;
	return false;
}

/* Records of one file share one list of patterns, so that is tried once. @return the first receiver's name. */
static const char *fill_fits(const struct relays *r, struct span name, uint64_t *fits, uint64_t *ret_seed)
{
	const char *const *before = NULL;
	const char *found = NULL;
	uint64_t end = name.len ? end_bit((char)ascii_lower(name.at[name.len - 1])) : UINT64_MAX;
	bool fit = false;
	*ret_seed = 0;
	for (size_t i = 0; i < r->records->count; i++) {
		const struct receiver_record *record = r->records->at[i];
		if (record->mx.count == 0)
			continue;
		if (record->mx.at != before)
			fit = (r->ends[i] & end) && any_fits(&record->mx, name);
		before = record->mx.at;
		if (!fit)
			continue;
		fits[i / 64] |= UINT64_C(1) << i % 64;
		*ret_seed = (*ret_seed ^ (i + 1)) * UINT64_C(0x9e3779b97f4a7c15);
		if (!found)
			found = record->v.name;
	}
	return found;
}

static void look_up(struct relays *r, const char *name)
{
	struct relay_info *info = &r->last;
	struct span domain = receivers_registrable(name);
	const char *known;
	memset(r->last_fits, 0, r->words * sizeof(*r->last_fits));
	memcpy(r->last_domain, domain.at ? (const char *)domain.at : "", domain.len);
	r->last_domain[domain.len] = '\0';
	memcpy(r->last_name, name, strlen(name) + 1);
	known = fill_fits(r, span_str(name), r->last_fits, &info->seed);
	info->fits = r->last_fits;
	info->domain = r->last_domain;
	info->name = known ? known : info->domain;
}

/* Where a name stands that is too long for its slot. */
static const char *far_name(const struct kept *slot)
{
	const char *at;
	memcpy(&at, slot->near, sizeof(at));
	return at;
}

static bool keep_name(struct relays *r, struct kept *slot, size_t len)
{
	const char *copy = len > SHORT_MAX ? arena_copy(&r->arena, span_of(r->last_name, len)) : NULL;
	if (len > SHORT_MAX && !copy)
		return false;
	if (copy)
		memcpy(slot->near, &copy, sizeof(copy));
	else
		memcpy(slot->near, r->last_name, len);
	slot->len = (uint8_t)len;
	return true;
}

static const struct relay_info *keep(struct relays *r, struct kept *slot)
{
	const struct relay_info *from = &r->last;
	bool any = from->seed != 0;
	uint64_t *fits = any ? arena_alloc(&r->arena, r->words + 1, sizeof(*fits)) : r->no_fits;
	const char *domain = arena_copy(&r->arena, span_str(from->domain));
	if (!fits || !domain || !keep_name(r, slot, strlen(r->last_name)))
		return from;
	if (any)
		memcpy(fits, from->fits, r->words * sizeof(*fits));
	slot->info = *from;
	slot->info.fits = fits;
	slot->info.domain = domain;
	if (from->name == from->domain)
		slot->info.name = domain;
	slot->there = true;
	r->count++;
	return &slot->info;
}

static bool is_of(const struct kept *slot, const char *name, size_t len)
{
	return slot->len == len && memcmp(len > SHORT_MAX ? far_name(slot) : slot->near, name, len) == 0;
}

/* The slot of that name, or the free one that it would take. */
static struct kept *slot_of(const struct relays *r, const char *name, size_t len)
{
	size_t at = hash_name(span_of(name, len), 0) % r->size;
	while (r->slots[at].there && !is_of(&r->slots[at], name, len))
		at = (at + 1) % r->size;
	return &r->slots[at];
}

/* Twice as many slots, where half are taken. Without memory it goes on with those it has, as far as they go. */
static void grow(struct relays *r)
{
	void *memory = r->memory;
	const struct kept *old = r->slots;
	size_t size = r->size;
	if (r->count * 2 < size || size == SLOTS_MAX || !slots_make(r, size * 2))
		return;
	for (size_t i = 0; i < size; i++)
		if (old[i].there)
			*slot_of(r, old[i].len > SHORT_MAX ? far_name(&old[i]) : old[i].near, old[i].len) = old[i];
	free(memory);
}

void relays_fetch(const struct relays *r, uint64_t hash)
{
	__builtin_prefetch(&r->slots[hash % r->size]);
}

const struct relay_info *relays_find(struct relays *r, struct span relay)
{
	char name[NAME_SIZE];
	struct kept *slot;
	size_t len = relay.len;
	if (len && relay.at[len - 1] == '.')
		len--;
	if (len >= sizeof(name))
		len = 0;
	for (size_t i = 0; i < len; i++)
		name[i] = (char)(relay.at[i] ? ascii_lower(relay.at[i]) : '?');
	name[len] = '\0';
	slot = slot_of(r, name, len);
	if (slot->there)
		return &slot->info;
	look_up(r, name);
	if (r->count >= r->size / 4 * 3)
		return &r->last;
	grow(r);
	return keep(r, slot_of(r, name, len));
}
