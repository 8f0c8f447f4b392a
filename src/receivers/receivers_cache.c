/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies seen before: what a key meant, with its spans told by the parts of the key. An entry has four places where it may
 * stand: with one, two frequent replies that fall on the same place would drive each other out for ever. */
#include <stdlib.h>

#include "receivers/reply.h"

enum { SLOTS = 4096, WAYS = 4, KEY_OCTETS_MAX = 1024 /* four MiB in all */ };

enum { SPAN_ADDRESS, SPAN_DOMAIN, SPAN_ZONE, SPAN_URL, SPAN_COUNT };

struct entry_span {
	bool there;
	struct reply_place from, to;
};

struct cached {
	char *key; /* NULL: free */
	size_t len;
	uint64_t seed;
	struct verdict_of_reply verdict;
	struct entry_span spans[SPAN_COUNT];
};

struct reply_cache {
	uint64_t hashes[SLOTS]; /* of the slots */
	struct cached slots[SLOTS];
	uint8_t oldest[SLOTS / WAYS];
};

struct reply_cache *reply_cache_new(void)
{
	return calloc(1, sizeof(struct reply_cache));
}

void reply_cache_free(struct reply_cache *c)
{
	for (size_t i = 0; c && i < SLOTS; i++)
		free(c->slots[i].key);
	free(c);
}

/* False: the place is inside a part, so another text has no such place. */
static bool place_of(const struct reply_key *k, size_t at, struct reply_place *ret_place)
{
	size_t part = 0, end = 0;
	while (part < k->part_count && k->parts[part].at + k->parts[part].len <= at) {
		end = k->parts[part].at + k->parts[part].len;
		part++;
	}
	if (part < k->part_count && at > k->parts[part].at)
		return false;
	*ret_place = (struct reply_place){(uint16_t)part, (uint16_t)(at - end)};
	return true;
}

static size_t offset_of(const struct reply_key *k, struct reply_place place)
{
	const struct reply_token *before = place.part ? &k->parts[place.part - 1] : NULL;
	return (before ? before->at + before->len : 0) + place.offset;
}

static struct span *span_field(struct verdict_of_reply *v, int which)
{
	struct span *const fields[SPAN_COUNT] = {&v->address, &v->domain, &v->zone, &v->url};
	return fields[which];
}

static bool keep_spans(struct cached *slot, const struct reply_key *k, const struct reply_text *t)
{
	for (int i = 0; i < SPAN_COUNT; i++) {
		struct span s = *span_field(&slot->verdict, i);
		size_t from = s.len ? (size_t)(s.at - (const uint8_t *)t->plain) : 0;
		slot->spans[i].there = s.len > 0;
		if (s.len &&
		    (!place_of(k, from, &slot->spans[i].from) || !place_of(k, from + s.len, &slot->spans[i].to)))
			return false;
	}
	return true;
}

/* The one that has been there longest gives way. */
static size_t place_for(struct reply_cache *c, uint64_t hash)
{
	size_t set = hash % (SLOTS / WAYS);
	return set * WAYS + c->oldest[set]++ % WAYS;
}

void reply_cache_keep(struct reply_cache *c, const struct reply_key *k, const struct reply_text *t,
		      const struct verdict_of_reply *v)
{
	struct cached fresh = {.verdict = *v, .len = k->len, .seed = k->seed};
	size_t at;
	if (!k->usable || k->len > KEY_OCTETS_MAX || !keep_spans(&fresh, k, t))
		return;
	fresh.key = malloc(k->len + 1);
	if (!fresh.key)
		return;
	memcpy(fresh.key, k->text, k->len);
	at = place_for(c, k->hash);
	free(c->slots[at].key);
	c->slots[at] = fresh;
	c->hashes[at] = k->hash;
}

static const struct cached *find(const struct reply_cache *c, const struct reply_key *k)
{
	size_t first = k->hash % (SLOTS / WAYS) * WAYS;
	for (size_t at = first; at < first + WAYS; at++) {
		const struct cached *slot = &c->slots[at];
		if (c->hashes[at] == k->hash && slot->key && slot->len == k->len && slot->seed == k->seed &&
		    memcmp(slot->key, k->text, k->len) == 0)
			return slot;
	}
	return NULL;
}

bool reply_cache_find(const struct reply_cache *c, const struct reply_key *k, const struct reply_text *t,
		      struct verdict_of_reply *ret_verdict)
{
	const struct cached *slot = k->usable ? find(c, k) : NULL;
	if (!slot)
		return false;
	*ret_verdict = slot->verdict;
	for (int i = 0; i < SPAN_COUNT; i++) {
		size_t from = slot->spans[i].there ? offset_of(k, slot->spans[i].from) : 0;
		size_t to = slot->spans[i].there ? offset_of(k, slot->spans[i].to) : 0;
		*span_field(ret_verdict, i) = span_of(t->plain + from, to - from);
	}
	return true;
}
