/* SPDX-License-Identifier: BSD-2-Clause */
#include "maillog/join_open.h"

#include <errno.h>
#include <stdlib.h>

enum {
	SLOTS_FIRST = 1 << 12,
	PLACES_FIRST = 256,
	POOL_FIRST = 512,
	POOL_KEPT = 4096, /* a free place keeps no more than this */
	DELIVERIES_FIRST = 2,
	DELIVERIES_KEPT = 16,
};

int open_table_init(struct open_table *t)
{
	*t = (struct open_table){.free = OPEN_NONE, .oldest = OPEN_NONE, .newest = OPEN_NONE, .mask = SLOTS_FIRST - 1};
	t->slot = calloc(SLOTS_FIRST, sizeof(*t->slot));
	return t->slot ? 0 : -ENOMEM;
}

void open_table_release(struct open_table *t)
{
	for (uint32_t i = 0; i < t->used; i++) {
		free(t->message[i].pool);
		free(t->message[i].delivery);
	}
	free(t->message);
	free(t->slot);
}

/* Multiply and fold (as in wyhash): two multiplications for an id of 16 octets. */
uint64_t open_hash(struct span octets, uint64_t seed)
{
	const uint64_t k = 0x9e3779b97f4a7c15u;
	uint64_t h = seed ^ (octets.len * k);
	for (size_t i = 0; i < octets.len; i += 8) {
		uint64_t word = 0;
		size_t n = octets.len - i < 8 ? octets.len - i : 8;
		memcpy(&word, octets.at + i, n);
		unsigned __int128 p = (unsigned __int128)(h ^ word) * (k | 1);
		h = (uint64_t)p ^ (uint64_t)(p >> 64);
	}
	return h ^ (h >> 29);
}

static bool is_key(const struct open_message *m, uint64_t hash, uint32_t host, uint32_t instance, struct span id)
{
	return m->hash == hash && m->host == host && m->instance == instance && m->id_len == id.len &&
	       memcmp(m->id, id.at, id.len) == 0;
}

struct open_message *open_find(struct open_table *t, uint64_t hash, uint32_t host, uint32_t instance, struct span id)
{
	for (uint32_t i = (uint32_t)hash & t->mask; t->slot[i]; i = (i + 1) & t->mask) {
		struct open_message *m = &t->message[t->slot[i] - 1];
		if (is_key(m, hash, host, instance, id))
			return m;
	}
	return NULL;
}

static void slot_put(uint32_t *slot, uint32_t mask, uint64_t hash, uint32_t index)
{
	uint32_t i = (uint32_t)hash & mask;
	while (slot[i])
		i = (i + 1) & mask;
	slot[i] = index + 1;
}

static int slots_grow(struct open_table *t)
{
	uint32_t mask = t->mask * 2 + 1;
	uint32_t *slot = calloc((size_t)mask + 1, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	for (uint32_t i = t->oldest; i != OPEN_NONE; i = t->message[i].newer)
		slot_put(slot, mask, t->message[i].hash, i);
	free(t->slot);
	t->slot = slot;
	t->mask = mask;
	return 0;
}

/* Backward shift: no tombstones, so a long log leaves no trace. */
static void slot_remove(struct open_table *t, const struct open_message *m)
{
	uint32_t hole = (uint32_t)m->hash & t->mask, i;
	while (t->slot[hole] != open_index(t, m) + 1)
		hole = (hole + 1) & t->mask;
	for (i = (hole + 1) & t->mask; t->slot[i]; i = (i + 1) & t->mask) {
		uint32_t home = (uint32_t)t->message[t->slot[i] - 1].hash & t->mask;
		if (((i - home) & t->mask) >= ((i - hole) & t->mask)) {
			t->slot[hole] = t->slot[i];
			hole = i;
		}
	}
	t->slot[hole] = 0;
}

static void list_append(struct open_table *t, uint32_t i)
{
	struct open_message *m = &t->message[i];
	m->older = t->newest;
	m->newer = OPEN_NONE;
	if (t->newest != OPEN_NONE)
		t->message[t->newest].newer = i;
	else
		t->oldest = i;
	t->newest = i;
}

static void list_take(struct open_table *t, const struct open_message *m)
{
	if (m->older != OPEN_NONE)
		t->message[m->older].newer = m->newer;
	else
		t->oldest = m->newer;
	if (m->newer != OPEN_NONE)
		t->message[m->newer].older = m->older;
	else
		t->newest = m->older;
}

static uint32_t place_take(struct open_table *t)
{
	uint32_t i = t->free;
	if (i != OPEN_NONE) {
		t->free = t->message[i].newer;
		return i;
	}
	if (t->used == t->size) {
		uint32_t size = t->size ? t->size * 2 : PLACES_FIRST;
		struct open_message *all = reallocarray(t->message, size, sizeof(*all));
		if (!all)
			return OPEN_NONE;
		t->message = all;
		t->size = size;
	}
	t->message[t->used] = (struct open_message){0};
	return t->used++;
}

struct open_message *open_add(struct open_table *t, uint64_t hash, uint32_t host, uint32_t instance, struct span id)
{
	struct open_message *m, old;
	uint32_t i;
	if (t->in_use * 2 > t->mask && slots_grow(t) < 0)
		goto no_memory;
	i = place_take(t);
	if (i == OPEN_NONE)
		goto no_memory;
	m = &t->message[i];
	old = *m;
	*m = (struct open_message){.hash = hash,
				   .host = host,
				   .instance = instance,
				   .id_len = (uint8_t)id.len,
				   .generation = old.generation + 1,
				   .uid = MAIL_UID_NONE,
				   .parent = OPEN_NONE,
				   .child = OPEN_NONE,
				   .made_by = OPEN_NONE,
				   .pool = old.pool,
				   .pool_size = old.pool_size,
				   .delivery = old.delivery,
				   .delivery_size = old.delivery_size};
	memcpy(m->id, id.at, id.len);
	slot_put(t->slot, t->mask, hash, i);
	list_append(t, i);
	t->in_use++;
	return m;
no_memory:
	t->error = -ENOMEM;
	return NULL;
}

void open_touch(struct open_table *t, struct open_message *m)
{
	if (m->newer == OPEN_NONE)
		return;
	list_take(t, m);
	list_append(t, open_index(t, m));
}

void open_remove(struct open_table *t, struct open_message *m)
{
	uint32_t i = open_index(t, m);
	slot_remove(t, m);
	list_take(t, m);
	if (m->pool_size > POOL_KEPT) {
		t->octets -= m->pool_size;
		free(m->pool);
		m->pool = NULL;
		m->pool_size = 0;
	}
	if (m->delivery_size > DELIVERIES_KEPT) {
		t->octets -= m->delivery_size * sizeof(*m->delivery);
		free(m->delivery);
		m->delivery = NULL;
		m->delivery_size = 0;
	}
	m->generation++;
	m->newer = t->free;
	t->free = i;
	t->in_use--;
}

static bool pool_room(struct open_table *t, struct open_message *m, size_t octets)
{
	size_t size = m->pool_size ? m->pool_size : POOL_FIRST;
	char *pool;
	if (m->pool_size - m->pool_len >= octets)
		return true;
	if (m->pool_len + octets > OPEN_TEXT_MAX)
		return false;
	while (size - m->pool_len < octets)
		size *= 2;
	pool = realloc(m->pool, size);
	if (!pool) {
		t->error = -ENOMEM;
		return false;
	}
	t->octets += size - m->pool_size;
	m->pool = pool;
	m->pool_size = (uint32_t)size;
	return true;
}

struct text open_text(struct open_table *t, struct open_message *m, struct span s)
{
	struct text x = {m->pool_len, (uint32_t)s.len};
	if (!s.len || !pool_room(t, m, s.len))
		return (struct text){0, 0};
	memcpy(m->pool + m->pool_len, s.at, s.len);
	m->pool_len += x.len;
	return x;
}

void open_set(struct open_table *t, struct open_message *m, struct text *field, struct span s)
{
	if (s.len && !field->len)
		*field = open_text(t, m, s);
}

struct open_delivery *open_delivery_add(struct open_table *t, struct open_message *m)
{
	if (m->delivery_count == m->delivery_size) {
		uint32_t size = m->delivery_size ? m->delivery_size * 2 : DELIVERIES_FIRST;
		struct open_delivery *all;
		if (m->delivery_count >= OPEN_DELIVERIES_MAX)
			return NULL;
		all = reallocarray(m->delivery, size, sizeof(*all));
		if (!all) {
			t->error = -ENOMEM;
			return NULL;
		}
		t->octets += (size - m->delivery_size) * sizeof(*all);
		m->delivery = all;
		m->delivery_size = size;
	}
	m->delivery[m->delivery_count] = (struct open_delivery){0};
	return &m->delivery[m->delivery_count++];
}

struct open_line open_line_copy(struct open_table *t, struct open_message *m, const struct log_line *l)
{
	struct span raw = l->raw.len > LINE_COPY_MAX ? span_of(l->raw.at, LINE_COPY_MAX) : l->raw;
	return (struct open_line){l->source, l->number, l->at_ms, open_text(t, m, raw)};
}
