/* SPDX-License-Identifier: BSD-2-Clause */
/* Two tables by turns: when one is full the older one is emptied, so that memory and time stay bounded. */
#include <stdlib.h>

#include "logread/source_twice.h"

enum { SLOTS = 2 * TWICE_ENTRIES };

struct slot {
	uint64_t key; /* 0: free */
	uint64_t count;
};

struct table {
	struct slot slot[SLOTS];
	size_t used;
};

struct twice {
	struct table table[2];
	unsigned int now; /* the one that is filled */
	uint64_t seed;
};

struct twice *twice_new(uint64_t seed)
{
	struct twice *t = calloc(1, sizeof(*t));
	if (t)
		t->seed = seed;
	return t;
}

void twice_free(struct twice *t)
{
	free(t);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)(a ^ 0x9e3779b97f4a7c15U) * (b ^ 0xd1b54a32d192ed03U);
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash(uint64_t seed, struct span s)
{
	uint64_t h = seed ^ s.len, a, b;
	size_t at = 0;
	for (; at + 16 <= s.len; at += 16) {
		memcpy(&a, s.at + at, 8);
		memcpy(&b, s.at + at + 8, 8);
		h = mix(h ^ a, b ^ seed);
	}
	for (; at < s.len; at++)
		h = mix(h, s.at[at]);
	return h;
}

/* The key's slot, or the free one it would take. */
static struct slot *find(struct table *t, uint64_t key)
{
	size_t at = key % SLOTS;
	while (t->slot[at].key && t->slot[at].key != key)
		at = (at + 1) % SLOTS;
	return &t->slot[at];
}

static void turn(struct twice *t)
{
	t->now ^= 1;
	memset(&t->table[t->now], 0, sizeof(t->table[t->now]));
}

/* The key's count; it moves into the table that is filled. */
static uint64_t *count_of(struct twice *t, uint64_t key)
{
	struct table *now = &t->table[t->now], *before = &t->table[t->now ^ 1];
	struct slot *s;
	key += key == 0;
	s = find(now, key);
	if (!s->key) {
		*s = (struct slot){key, find(before, key)->count};
		now->used++;
	}
	return &s->count;
}

bool twice_seen(struct twice *t, struct span line, int64_t at_ms, uint32_t source)
{
	uint64_t key = mix(hash(t->seed, line), (uint64_t)at_ms), *given, *read;
	if (t->table[t->now].used >= TWICE_ENTRIES)
		turn(t);
	given = count_of(t, key);
	read = count_of(t, mix(key, source + 1));
	if (++*read <= *given)
		return true;
	++*given;
	return false;
}
