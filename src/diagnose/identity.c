/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of identities and what it costs. */
#include <errno.h>
#include <stdlib.h>

#include "diagnose/hash.h"
#include "diagnose/identity.h"
#include "diagnose/words.h"

enum { SLOTS_MIN = 256, LIST_MIN = 64 };

static void names_release(struct names *n)
{
	for (uint32_t i = 0; i < n->count; i++)
		free(n->at[i].text);
	free(n->at);
}

static void proofs_release(struct proofs *p)
{
	for (uint32_t i = 0; i < p->count; i++)
		free(p->at[i].text);
	free(p->at);
}

static size_t proofs_octets(const struct proofs *p)
{
	size_t octets = p->size * sizeof(p->at[0]);
	for (uint32_t i = 0; i < p->count; i++)
		octets += strlen(p->at[i].text) + 1;
	return octets;
}

static size_t names_octets(const struct names *n)
{
	size_t octets = n->size * sizeof(n->at[0]);
	for (uint32_t i = 0; i < n->count; i++)
		octets += strlen(n->at[i].text) + 1;
	return octets;
}

static size_t identity_octets(const struct identity *id)
{
	return sizeof(*id) + strlen(id->name) + 1 + id->hour_size * sizeof(id->hours[0]) +
	       id->network_size * sizeof(id->networks[0]) + id->network_slots_size * sizeof(id->network_slots[0]) +
	       names_octets(&id->senders) + names_octets(&id->logins) + id->seen.size * sizeof(id->seen.at[0]) +
	       id->domains.size * sizeof(id->domains.at[0]) + proofs_octets(&id->accepts) +
	       proofs_octets(&id->failures) + proofs_octets(&id->fresh_logins);
}

static void identity_free(struct identity *id)
{
	if (!id)
		return;
	free(id->name);
	free(id->hours);
	free(id->networks);
	free(id->network_slots);
	names_release(&id->senders);
	names_release(&id->logins);
	free(id->seen.at);
	free(id->domains.at);
	proofs_release(&id->accepts);
	proofs_release(&id->failures);
	proofs_release(&id->fresh_logins);
	free(id);
}

void identities_release(struct identities *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		identity_free(t->at[i]);
	free(t->at);
	free(t->slots);
	*t = (struct identities){0};
}

/* Hosts are kept once each, so their place in memory tells them apart; it steers slots and nothing that is shown. */
uint64_t identity_hash(enum identity_kind kind, const char *host, struct span name)
{
	if (name.len > NAME_LEN_MAX)
		name.len = NAME_LEN_MAX;
	return hash_name(name, hash_mix((uintptr_t)host, (uint64_t)kind + 1)) | 1;
}

uint64_t identity_hash_client(enum identity_kind kind, const char *host, const struct addr *a)
{
	return hash_mix(hash_network(a, true), hash_mix((uintptr_t)host, (uint64_t)kind + 1)) | 1;
}

static void place(struct identities *t, struct identity *id)
{
	uint32_t mask = t->slot_size - 1, slot = (uint32_t)id->hash & mask;
	while (t->slots[slot].id)
		slot = (slot + 1) & mask;
	t->slots[slot] = (struct identity_slot){id->hash, id};
}

static bool grow_slots(struct identities *t)
{
	uint32_t size = t->slot_size ? t->slot_size * 2 : SLOTS_MIN;
	struct identity_slot *slots = calloc(size, sizeof(*slots));
	if (!slots)
		return false;
	free(t->slots);
	t->slots = slots;
	t->slot_size = size;
	for (uint32_t i = 0; i < t->count; i++)
		place(t, t->at[i]);
	return true;
}

static bool grow(struct identities *t)
{
	if (t->count == t->size) {
		uint32_t size = t->size ? t->size * 2 : LIST_MIN;
		struct identity **at = reallocarray(t->at, size, sizeof(struct identity *));
		if (!at)
			return false;
		t->at = at;
		t->size = size;
	}
	return (t->count + 1) * 2 <= t->slot_size || grow_slots(t);
}

static struct identity *zeroed(void)
{
	struct identity *id = identity_lines(sizeof(*id));
	if (id)
		*id = (struct identity){0};
	return id;
}

struct identity *identity_make(struct identities *t, enum identity_kind kind, const char *host, struct span name,
			       uint64_t hash)
{
	struct identity *id = grow(t) ? zeroed() : NULL;
	char *text = id ? words_keep(name, NAME_LEN_MAX) : NULL;
	if (!text) {
		free(id);
		t->error = -ENOMEM;
		return NULL;
	}
	id->kind = kind;
	id->hash = hash;
	id->host = host;
	id->name = text;
	id->first_ms = INT64_MAX;
	id->last_ms = INT64_MIN;
	t->octets += sizeof(*id) + strlen(text) + 1;
	t->at[t->count++] = id;
	place(t, id);
	return id;
}

/* 64 bits over a place in memory that nobody outside knows: no name is made to meet another. */
struct identity *identity_find(const struct identities *t, uint64_t hash)
{
	uint32_t mask = t->slot_size ? t->slot_size - 1 : 0, slot = (uint32_t)hash & mask;
	for (; t->slot_size && t->slots[slot].id; slot = (slot + 1) & mask)
		if (t->slots[slot].hash == hash)
			return t->slots[slot].id;
	return NULL;
}

struct identity *identity_get(struct identities *t, enum identity_kind kind, const char *host, struct span name,
			      bool create)
{
	uint64_t hash = identity_hash(kind, host, name);
	struct identity *id = identity_find(t, hash);
	return id || !create ? id : identity_make(t, kind, host, name, hash);
}

/* ---- fetching ahead ---- */

static void fetch(const void *at)
{
	__builtin_prefetch(at, 1);
}

/* What is smaller than a line may still lie in two. */
static void fetch_whole(const void *at, size_t octets)
{
	fetch(at);
	fetch((const uint8_t *)at + octets - 1);
}

void identity_fetch_slot(const struct identities *t, uint64_t hash)
{
	if (t->slot_size)
		fetch(t->slots + ((uint32_t)hash & (t->slot_size - 1)));
}

void identity_fetch(const struct identity *id, bool client)
{
	size_t lines = client ? IDENTITY_LINES_CLIENT : IDENTITY_LINES;
	for (size_t i = 0; i < lines; i++)
		fetch((const uint8_t *)id + i * CACHE_LINE);
}

void identity_fetch_parts(const struct identity *id, uint64_t network, bool failed)
{
	const struct hour *h = id->hours + id->hour_count;
	if (id->hour_count)
		fetch(h - 1);
	if (id->hour_count && failed)
		fetch((const uint8_t *)h - CACHE_LINE);
	if (id->network_slots)
		fetch(id->network_slots + ((uint32_t)network & (id->network_slots_size - 1)));
	else
		fetch(id->networks);
	fetch_whole(id->senders.at, sizeof(struct name_seen));
	if (id->kind == IDENTITY_CLIENT)
		fetch_whole(id->logins.at, sizeof(struct name_seen));
}

void identity_fetch_network(const struct identity *id, uint64_t network)
{
	if (!id->network_slots)
		return;
	uint32_t index = id->network_slots[(uint32_t)network & (id->network_slots_size - 1)];
	if (index)
		fetch(id->networks + index - 1);
}

void seen_fetch(const struct seen_set *s, uint64_t hash)
{
	if (s->size)
		fetch(s->at + ((uint32_t)(hash >> 32) & (s->size - 1)));
}

static int by_weight(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static uint64_t weight_of(const struct identity *id)
{
	return id->recipients + id->messages;
}

static bool median(const struct identities *t, uint64_t *ret_median)
{
	uint64_t *weights = malloc(t->count * sizeof(*weights));
	if (!weights)
		return false;
	for (uint32_t i = 0; i < t->count; i++)
		weights[i] = weight_of(t->at[i]);
	qsort(weights, t->count, sizeof(*weights), by_weight);
	*ret_median = weights[t->count / 2];
	free(weights);
	return true;
}

/* Weakest first; among equals the older ones, so that a flood of single senders does not push out what came before. */
static void drop_below(struct identities *t, uint64_t limit, uint32_t keep)
{
	uint32_t equal_left = 0, kept = 0;
	for (uint32_t i = 0; i < t->count; i++)
		keep -= weight_of(t->at[i]) > limit && keep > 0;
	equal_left = keep;
	t->octets = 0;
	for (uint32_t i = 0; i < t->count; i++) {
		struct identity *id = t->at[i];
		bool stays = weight_of(id) > limit || (weight_of(id) == limit && equal_left > 0);
		equal_left -= stays && weight_of(id) == limit;
		if (stays) {
			t->at[kept++] = id;
			t->octets += identity_octets(id);
		} else {
			identity_free(id);
			t->shed++;
		}
	}
	t->count = kept;
}

void identities_shed(struct identities *t)
{
	uint64_t limit;
	if (t->count < IDENTITIES_MAX && (t->octets < IDENTITIES_OCTETS_MAX || t->count < LIST_MIN))
		return;
	if (!median(t, &limit)) {
		t->error = -ENOMEM;
		return;
	}
	drop_below(t, limit, t->count / 2);
	memset(t->slots, 0, t->slot_size * sizeof(*t->slots));
	for (uint32_t i = 0; i < t->count; i++)
		place(t, t->at[i]);
}
