/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recipients of a message that wait for their next try. A few are looked through; a message with many has an index of
 * those that have ever waited, or one that is deferred to thousands would cost the square of their number.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "logjoin/join_parts.h"

enum { LOOKED_THROUGH_MAX = 64 };

static uint32_t recipient_hash(struct span recipient)
{
	return (uint32_t)hash_name(recipient, 0);
}

static uint64_t hash_bit(uint32_t hash)
{
	return UINT64_C(1) << (hash & 63);
}

static bool waits_for(const struct open_message *m, const struct open_delivery *d, uint32_t hash, struct span recipient)
{
	return d->hash == hash && join_is_waiting(d) && span_equal_nocase(open_span(m, d->recipient), recipient);
}

static void index_put(struct open_message *m, uint32_t delivery)
{
	struct open_waiting *w = &m->waiting;
	uint32_t i = hash_mix(m->delivery[delivery].hash, 0) & w->mask;
	while (w->slot[i])
		i = (i + 1) & w->mask;
	w->slot[i] = delivery + 1;
	w->indexed++;
}

/* Those that wait no more never do again: they are left out. */
static void index_make(struct open_table *t, struct open_message *m)
{
	struct open_waiting *w = &m->waiting;
	uint32_t size = LOOKED_THROUGH_MAX;
	open_waiting_drop(t, m);
	while (size < m->deferred * 4)
		size *= 2;
	w->slot = calloc(size, sizeof(*w->slot));
	if (!w->slot) {
		t->error = -ENOMEM;
		return;
	}
	t->octets += size * sizeof(*w->slot);
	w->mask = size - 1;
	for (uint32_t i = 0; i < m->delivery_count; i++)
		if (join_is_waiting(&m->delivery[i]))
			index_put(m, i);
}

static uint32_t look_up(const struct open_message *m, uint32_t hash, struct span recipient)
{
	const struct open_waiting *w = &m->waiting;
	for (uint32_t i = hash_mix(hash, 0) & w->mask; w->slot[i]; i = (i + 1) & w->mask)
		if (waits_for(m, &m->delivery[w->slot[i] - 1], hash, recipient))
			return w->slot[i] - 1;
	return OPEN_NONE;
}

static uint32_t look_through(const struct open_message *m, uint32_t hash, struct span recipient)
{
	uint32_t i = m->next_try;
	for (uint32_t left = m->delivery_count; left > 0; left--, i++) {
		if (i >= m->delivery_count)
			i = 0;
		if (waits_for(m, &m->delivery[i], hash, recipient))
			return i;
	}
	return OPEN_NONE;
}

struct open_delivery *join_tried_again(struct open_message *m, struct span recipient)
{
	uint32_t hash = recipient_hash(recipient), i;
	if (!(m->waiting_bits & hash_bit(hash)))
		return NULL;
	i = m->waiting.slot ? look_up(m, hash, recipient) : look_through(m, hash, recipient);
	if (i == OPEN_NONE)
		return NULL;
	m->deferred--;
	m->next_try = i + 1;
	return &m->delivery[i];
}

void join_waits(struct join *j, struct open_message *m, struct open_delivery *d, struct span recipient)
{
	uint32_t index = (uint32_t)(d - m->delivery);
	const struct open_waiting *w = &m->waiting;
	if (m->deferred++ == 0) {
		m->waiting_bits = 0;
		m->next_try = index;
	}
	d->hash = recipient_hash(recipient);
	m->waiting_bits |= hash_bit(d->hash);
	if (w->slot ? w->indexed * 2 > w->mask : m->deferred > LOOKED_THROUGH_MAX)
		index_make(&j->open, m);
	else if (w->slot && d->tries <= 1)
		index_put(m, index);
}
