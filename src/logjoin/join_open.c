/* SPDX-License-Identifier: BSD-2-Clause */
#include "logjoin/join_open.h"

#include <errno.h>
#include <stdlib.h>

enum {
	SLOTS_FIRST = 1 << 10,
	PLACES_FIRST = 256,
	POOL_FIRST = 512,
	POOL_KEPT = 4096, /* a free place keeps no more than this */
	DELIVERIES_FIRST = 2,
	DELIVERIES_KEPT = 16,
};

int open_table_init(struct open_table *t)
{
	*t = (struct open_table){.free = OPEN_NONE, .oldest = OPEN_NONE, .newest = OPEN_NONE, .mask = SLOTS_FIRST - 1};
	t->by_key = calloc(SLOTS_FIRST, sizeof(*t->by_key));
	t->by_message_id = calloc(SLOTS_FIRST, sizeof(*t->by_message_id));
	return t->by_key && t->by_message_id ? 0 : -ENOMEM;
}

void open_table_release(struct open_table *t)
{
	for (uint32_t i = 0; i < t->used; i++) {
		free(t->message[i].pool);
		free(t->message[i].delivery);
		free(t->message[i].waiting.slot);
	}
	free(t->message);
	free(t->order);
	free(t->by_key);
	free(t->by_message_id);
}

static uint32_t key_hash(uint32_t host, uint32_t instance, struct span id)
{
	return (uint32_t)hash_octets(id, ((uint64_t)host << 32 | instance) + 1);
}

static bool is_key(const struct open_message *m, uint32_t host, uint32_t instance, struct span id)
{
	return m->host == host && m->instance == instance && m->id_len == id.len && octets_equal(m->id, id.at, id.len);
}

struct open_message *open_find(struct open_table *t, uint32_t host, uint32_t instance, struct span id)
{
	uint32_t hash = key_hash(host, instance, id);
	const struct open_slot *slot = &t->by_key[hash & t->mask];
	for (uint32_t i = hash; slot->place; slot = &t->by_key[++i & t->mask]) {
		struct open_message *m = &t->message[slot->place - 1];
		if (slot->hash != hash)
			continue;
		__builtin_prefetch(&m->pool);
		if (is_key(m, host, instance, id))
			return m;
	}
	return NULL;
}

static void slot_put(struct open_slot *slot, uint32_t mask, struct open_slot one)
{
	uint32_t i = one.hash & mask;
	while (slot[i].place)
		i = (i + 1) & mask;
	slot[i] = one;
}

static void slots_move(struct open_slot **from, uint32_t mask, struct open_slot *to, uint32_t to_mask)
{
	for (uint32_t i = 0; i <= mask; i++)
		if ((*from)[i].place)
			slot_put(to, to_mask, (*from)[i]);
	free(*from);
	*from = to;
}

/* Three of four slots stay free, so that most searches end where they begin. */
static int slots_room(struct open_table *t)
{
	uint32_t mask = t->mask * 2 + 1;
	struct open_slot *by_key, *by_message_id;
	if (t->in_use * 4 <= t->mask)
		return 0;
	by_key = calloc((size_t)mask + 1, sizeof(*by_key));
	by_message_id = calloc((size_t)mask + 1, sizeof(*by_message_id));
	if (!by_key || !by_message_id) {
		free(by_key);
		free(by_message_id);
		return -ENOMEM;
	}
	slots_move(&t->by_key, t->mask, by_key, mask);
	slots_move(&t->by_message_id, t->mask, by_message_id, mask);
	t->mask = mask;
	return 0;
}

/* Backward shift: no tombstones, so a long log leaves no trace. */
static void slot_remove(struct open_slot *slot, uint32_t mask, struct open_slot one)
{
	uint32_t hole = one.hash & mask, i;
	while (slot[hole].place != one.place)
		hole = (hole + 1) & mask;
	for (i = (hole + 1) & mask; slot[i].place; i = (i + 1) & mask) {
		uint32_t home = slot[i].hash & mask;
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			slot[hole] = slot[i];
			hole = i;
		}
	}
	slot[hole] = (struct open_slot){0, 0};
}

void open_note_message_id(struct open_table *t, struct open_message *m)
{
	struct span message_id = open_span(m, m->message_id);
	uint32_t hash = t->message_hash, index = open_index(t, m);
	struct open_slot *slot = &t->by_message_id[hash & t->mask];
	for (uint32_t i = hash; slot->place; slot = &t->by_message_id[++i & t->mask]) {
		struct open_message *one = &t->message[slot->place - 1];
		if (slot->hash == hash && one->host == m->host &&
		    span_equal(open_span(one, one->message_id), message_id)) {
			m->id_older = slot->place - 1;
			one->id_newer = index;
			break;
		}
	}
	*slot = (struct open_slot){hash, index + 1};
	m->message_hash = hash;
	m->noted = true;
}

/* Those on either side of it come to stand beside each other. */
static void forget_message_id(struct open_table *t, struct open_message *m)
{
	uint32_t i = m->message_hash;
	if (m->id_older != OPEN_NONE)
		t->message[m->id_older].id_newer = m->id_newer;
	if (m->id_newer != OPEN_NONE) {
		t->message[m->id_newer].id_older = m->id_older;
	} else if (m->id_older != OPEN_NONE) {
		while (t->by_message_id[i & t->mask].place != open_index(t, m) + 1)
			i++;
		t->by_message_id[i & t->mask].place = m->id_older + 1;
	} else {
		slot_remove(t->by_message_id, t->mask, (struct open_slot){m->message_hash, open_index(t, m) + 1});
	}
}

static void list_append(struct open_table *t, uint32_t i)
{
	t->order[i] = (struct open_order){.older = t->newest, .newer = OPEN_NONE};
	if (t->newest != OPEN_NONE)
		t->order[t->newest].newer = i;
	else
		t->oldest = i;
	t->newest = i;
}

static void list_take(struct open_table *t, uint32_t i)
{
	struct open_order o = t->order[i];
	if (o.older != OPEN_NONE)
		t->order[o.older].newer = o.newer;
	else
		t->oldest = o.newer;
	if (o.newer != OPEN_NONE)
		t->order[o.newer].older = o.older;
	else
		t->newest = o.older;
}

static int places_grow(struct open_table *t)
{
	uint32_t size = t->size ? t->size * 2 : PLACES_FIRST;
	struct open_order *order = reallocarray(t->order, size, sizeof(*order));
	struct open_message *all;
	if (!order)
		return -ENOMEM;
	t->order = order;
	all = aligned_alloc(OPEN_ALIGN, size * sizeof(*all));
	if (!all)
		return -ENOMEM;
	if (t->used)
		memcpy(all, t->message, t->used * sizeof(*all));
	free(t->message);
	t->message = all;
	t->size = size;
	return 0;
}

static uint32_t place_take(struct open_table *t)
{
	uint32_t i = t->free;
	if (i != OPEN_NONE) {
		t->free = t->order[i].newer;
		return i;
	}
	if (t->used == t->size && places_grow(t) < 0)
		return OPEN_NONE;
	t->message[t->used] = (struct open_message){0};
	return t->used++;
}

/* All but what the place keeps: its generation, pool and deliveries. */
static void begin(struct open_message *m)
{
	uint32_t generation = m->generation + 1, pool_size = m->pool_size, delivery_size = m->delivery_size;
	uint8_t *pool = m->pool;
	struct open_delivery *delivery = m->delivery;
	*m = (struct open_message){.generation = generation,
				   .uid = MAIL_UID_NONE,
				   .id_newer = OPEN_NONE,
				   .id_older = OPEN_NONE,
				   .parent = OPEN_NONE,
				   .made_by = OPEN_NONE,
				   .pool = pool,
				   .pool_size = pool_size,
				   .delivery = delivery,
				   .delivery_size = delivery_size};
}

static void set_key(struct open_table *t, struct open_message *m, struct span id)
{
	m->hash = key_hash(m->host, m->instance, id);
	m->id_len = (uint8_t)id.len;
	octets_copy(m->id, id.at, id.len);
	slot_put(t->by_key, t->mask, (struct open_slot){m->hash, open_index(t, m) + 1});
}

void open_rename(struct open_table *t, struct open_message *m, struct span id)
{
	slot_remove(t->by_key, t->mask, (struct open_slot){m->hash, open_index(t, m) + 1});
	set_key(t, m, id);
}

struct open_message *open_add(struct open_table *t, uint32_t host, uint32_t instance, struct span id)
{
	struct open_message *m;
	uint32_t i;
	if (slots_room(t) < 0)
		goto no_memory;
	i = place_take(t);
	if (i == OPEN_NONE)
		goto no_memory;
	m = &t->message[i];
	begin(m);
	m->host = host;
	m->instance = instance;
	set_key(t, m, id);
	list_append(t, i);
	t->in_use++;
	t->copied.into = NULL;
	return m;
no_memory:
	t->error = -ENOMEM;
	return NULL;
}

void open_touch(struct open_table *t, struct open_message *m)
{
	uint32_t i = open_index(t, m);
	if (t->newest == i)
		return;
	list_take(t, i);
	list_append(t, i);
}

void open_take(struct open_table *t, struct open_message *m)
{
	uint32_t i = open_index(t, m);
	slot_remove(t->by_key, t->mask, (struct open_slot){m->hash, i + 1});
	if (m->noted)
		forget_message_id(t, m);
	list_take(t, i);
	m->generation++;
	t->in_use--;
}

void open_waiting_drop(struct open_table *t, struct open_message *m)
{
	if (m->waiting.slot)
		t->octets -= ((size_t)m->waiting.mask + 1) * sizeof(*m->waiting.slot);
	free(m->waiting.slot);
	m->waiting = (struct open_waiting){NULL, 0, 0};
}

void open_free(struct open_table *t, struct open_message *m)
{
	if (m->waiting.slot)
		open_waiting_drop(t, m);
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
	t->order[open_index(t, m)].newer = t->free;
	t->free = open_index(t, m);
}

bool open_pool_grow(struct open_table *t, struct open_message *m, size_t octets)
{
	size_t size = m->pool_size ? m->pool_size : POOL_FIRST;
	uint8_t *pool;
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

static bool deliveries_grow(struct open_table *t, struct open_message *m)
{
	uint32_t size = m->delivery_size ? m->delivery_size * 2 : DELIVERIES_FIRST;
	struct open_delivery *all;
	if (m->delivery_count >= OPEN_DELIVERIES_MAX)
		return false;
	all = reallocarray(m->delivery, size, sizeof(*all));
	if (!all) {
		t->error = -ENOMEM;
		return false;
	}
	t->octets += (size - m->delivery_size) * sizeof(*all);
	m->delivery = all;
	m->delivery_size = size;
	return true;
}

struct open_delivery *open_delivery_add(struct open_table *t, struct open_message *m)
{
	if (m->delivery_count == m->delivery_size && !deliveries_grow(t, m))
		return NULL;
	return &m->delivery[m->delivery_count++];
}

struct text open_line_copy(struct open_table *t, struct open_message *m, const struct log_line *l)
{
	struct span raw = l->raw.len > LINE_COPY_MAX ? span_of(l->raw.at, LINE_COPY_MAX) : l->raw;
	struct text text = open_text(t, m, raw);
	t->copied = (struct open_copied){.into = m, .raw = span_of(raw.at, text.len), .at = text.at};
	return text;
}
