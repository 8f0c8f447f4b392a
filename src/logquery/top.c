/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash table of names with open addressing, and a heap by count that exists once the table is full. */
#include "logquery/top.h"

#include <stdlib.h>

#include "base/hash.h"

struct slot_entry {
	struct top_entry e; /* first: what callers see */
	uint64_t hash;
	size_t place; /* in the heap */
};

struct top {
	struct slot_entry **entries; /* grows up to limit; once full, the heap: smallest count first */
	size_t count, size, limit;
	struct slot_entry **slots;
	size_t mask; /* slots - 1; 0: none yet */
	bool full;
	uint64_t total, error;
	const struct top_entry **sorted;
};

struct top *top_new(size_t limit)
{
	struct top *t = calloc(1, sizeof(*t));
	if (t)
		t->limit = limit ? limit : 1;
	return t;
}

void top_free(struct top *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->count; i++)
		free(t->entries[i]);
	free(t->entries);
	free(t->slots);
	free(t->sorted);
	free(t);
}

static void place(struct top *t, struct slot_entry *s)
{
	size_t at = s->hash & t->mask;
	while (t->slots[at])
		at = (at + 1) & t->mask;
	t->slots[at] = s;
}

static bool grow(struct top *t)
{
	size_t size = t->size ? t->size * 2 : 64, slots;
	struct slot_entry **entries, **table;
	if (t->count < t->size)
		return true;
	if (size > t->limit)
		size = t->limit;
	for (slots = 128; slots < size * 2;)
		slots *= 2;
	entries = reallocarray(t->entries, size, sizeof(struct slot_entry *));
	if (!entries)
		return false;
	t->entries = entries;
	table = calloc(slots, sizeof(struct slot_entry *));
	if (!table)
		return false;
	free(t->slots);
	t->slots = table;
	t->mask = slots - 1;
	t->size = size;
	for (size_t i = 0; i < t->count; i++)
		place(t, t->entries[i]);
	return true;
}

static struct slot_entry *find(const struct top *t, struct span key, uint64_t hash)
{
	if (!t->slots)
		return NULL;
	for (size_t at = hash & t->mask; t->slots[at]; at = (at + 1) & t->mask)
		if (t->slots[at]->hash == hash && span_equal(t->slots[at]->e.key, key))
			return t->slots[at];
	return NULL;
}

/* Take a name out; those behind it move up, so that no search ends early. */
static void unplace(struct top *t, const struct slot_entry *gone)
{
	size_t hole = gone->hash & t->mask, at;
	while (t->slots[hole] != gone)
		hole = (hole + 1) & t->mask;
	for (at = (hole + 1) & t->mask; t->slots[at]; at = (at + 1) & t->mask) {
		size_t home = t->slots[at]->hash & t->mask;
		if (((at - home) & t->mask) >= ((at - hole) & t->mask)) {
			t->slots[hole] = t->slots[at];
			hole = at;
		}
	}
	t->slots[hole] = NULL;
}

static void put(struct top *t, size_t at, struct slot_entry *s)
{
	t->entries[at] = s;
	s->place = at;
}

/* Counts only grow: an entry only moves down. */
static void sink(struct top *t, size_t at)
{
	struct slot_entry *s = t->entries[at];
	for (;;) {
		size_t child = at * 2 + 1;
		if (child >= t->count)
			break;
		if (child + 1 < t->count && t->entries[child + 1]->e.count < t->entries[child]->e.count)
			child++;
		if (t->entries[child]->e.count >= s->e.count)
			break;
		put(t, at, t->entries[child]);
		at = child;
	}
	put(t, at, s);
}

static void make_heap(struct top *t)
{
	t->full = true;
	for (size_t i = 0; i < t->count; i++)
		t->entries[i]->place = i;
	for (size_t i = t->count / 2; i-- > 0;)
		sink(t, i);
}

static struct slot_entry *new_entry(struct span key, uint64_t hash)
{
	struct slot_entry *s = calloc(1, sizeof(*s) + key.len);
	if (!s)
		return NULL;
	if (key.len)
		memcpy(s + 1, key.at, key.len);
	s->e.key = span_of(s + 1, key.len);
	s->hash = hash;
	return s;
}

static struct slot_entry *add_name(struct top *t, struct span key, uint64_t hash)
{
	struct slot_entry *s;
	if (!grow(t) || !(s = new_entry(key, hash)))
		return NULL;
	t->entries[t->count++] = s;
	place(t, s);
	return s;
}

/* The name with the smallest count makes room. */
static struct slot_entry *replace_smallest(struct top *t, struct span key, uint64_t hash)
{
	struct slot_entry *s = new_entry(key, hash), *old;
	if (!s)
		return NULL;
	if (!t->full)
		make_heap(t);
	old = t->entries[0];
	s->e.count = s->e.error = t->error = old->e.count;
	unplace(t, old);
	free(old);
	put(t, 0, s);
	place(t, s);
	return s;
}

struct top_entry *top_add(struct top *t, struct span key, uint64_t count)
{
	uint64_t hash;
	struct slot_entry *s;
	if (key.len > TOP_KEY_MAX)
		key.len = TOP_KEY_MAX;
	hash = hash_octets(key, 0);
	s = find(t, key, hash);
	if (!s)
		s = t->count < t->limit ? add_name(t, key, hash) : replace_smallest(t, key, hash);
	if (!s)
		return NULL;
	s->e.count += count;
	t->total += count;
	if (t->full)
		sink(t, s->place);
	return &s->e;
}

const struct top_entry *top_find(const struct top *t, struct span key)
{
	const struct slot_entry *s;
	if (key.len > TOP_KEY_MAX)
		key.len = TOP_KEY_MAX;
	s = find(t, key, hash_octets(key, 0));
	return s ? &s->e : NULL;
}

static int by_name(const struct top_entry *a, const struct top_entry *b)
{
	size_t n = a->key.len < b->key.len ? a->key.len : b->key.len;
	int by = n ? memcmp(a->key.at, b->key.at, n) : 0;
	return by ? by : (a->key.len > b->key.len) - (a->key.len < b->key.len);
}

static int by_value(const void *pa, const void *pb, void *arg)
{
	const struct top_entry *a = *(const struct top_entry *const *)pa, *b = *(const struct top_entry *const *)pb;
	int by = *(const int *)arg;
	uint64_t va, vb;
	if (by == TOP_BY_NAME)
		return by_name(a, b);
	va = by < 0 ? a->count : a->values[by];
	vb = by < 0 ? b->count : b->values[by];
	return va != vb ? (va < vb) - (va > vb) : by_name(a, b);
}

const struct top_entry *const *top_sorted(struct top *t, int by, size_t *ret_count)
{
	const struct top_entry **sorted;
	*ret_count = 0;
	if (t->count == 0)
		return NULL;
	sorted = reallocarray(t->sorted, t->count, sizeof(const struct top_entry *));
	if (!sorted)
		return NULL;
	t->sorted = sorted;
	for (size_t i = 0; i < t->count; i++)
		sorted[i] = &t->entries[i]->e;
	qsort_r(sorted, t->count, sizeof(const struct top_entry *), by_value, &by);
	*ret_count = t->count;
	return sorted;
}

size_t top_count(const struct top *t)
{
	return t->count;
}

uint64_t top_total(const struct top *t)
{
	return t->total;
}

uint64_t top_error(const struct top *t)
{
	return t->error;
}
