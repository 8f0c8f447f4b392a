/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two rules of a syslog daemon, or the journal beside its file, may write each line twice. What a line says once more of
 * a message changes nothing, but a delivery would be a recipient more. Looked at only where there are more than the
 * queue manager has counted, or where it does not count.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "logjoin/join_parts.h"

enum {
	APART_MS = 2000, /* the stamps of one may have whole seconds, and come late */
	FEW = 32,        /* so many are compared each with each */
};

static bool is_same(const struct open_message *m, const struct open_delivery *a, const struct open_delivery *b)
{
	int64_t apart = a->at_ms - b->at_ms;
	return a->recipient.len == b->recipient.len && a->delay_ms == b->delay_ms && a->outcome == b->outcome &&
	       a->code == b->code && a->transport == b->transport && apart <= APART_MS && apart >= -APART_MS &&
	       addr_equal(&a->relay, &b->relay) && span_equal(open_span(m, a->recipient), open_span(m, b->recipient)) &&
	       span_equal(open_span(m, a->original), open_span(m, b->original));
}

static bool among_few(const struct open_message *m, uint32_t kept, const struct open_delivery *d)
{
	for (uint32_t i = 0; i < kept; i++)
		if (is_same(m, &m->delivery[i], d))
			return true;
	return false;
}

/* @return it was there; else it is put in, as the next that is kept. */
static bool among_many(const struct open_message *m, uint32_t *slot, uint32_t mask, uint32_t kept,
		       const struct open_delivery *d)
{
	uint32_t i = (uint32_t)hash_mix(hash_name(open_span(m, d->recipient), d->delay_ms), 0) & mask;
	for (; slot[i]; i = (i + 1) & mask)
		if (is_same(m, &m->delivery[slot[i] - 1], d))
			return true;
	slot[i] = kept + 1;
	return false;
}

/* One of 64 bits, by what is told without a look at the texts: mostly no other delivery has it, and nothing is compared. */
static uint64_t bit_of(const struct open_delivery *d)
{
	uint64_t relay = octets_load8(d->relay.octets) ^ octets_load8(d->relay.octets + 8);
	return UINT64_C(1) << (hash_mix(relay ^ d->delay_ms, d->recipient.len) >> 58);
}

void join_drop_twice(struct open_message *m)
{
	uint32_t size = FEW * 4, *slot = NULL, kept = 0;
	uint64_t bits = 0;
	if (m->delivery_count < 2 || (m->recipients && m->delivery_count <= m->recipients + m->done))
		return;
	while (size < m->delivery_count * 2)
		size *= 2;
	if (m->delivery_count > FEW) {
		slot = calloc(size, sizeof(*slot));
		if (!slot)
			return; /* counted twice, but nothing is lost */
	}
	for (uint32_t i = 0; i < m->delivery_count; i++) {
		const struct open_delivery *d = &m->delivery[i];
		uint64_t bit = bit_of(d);
		bool twice = slot ? among_many(m, slot, size - 1, kept, d) : (bits & bit) && among_few(m, kept, d);
		if (twice)
			continue;
		bits |= bit;
		if (kept < i)
			m->delivery[kept] = *d;
		kept++;
	}
	m->delivery_count = kept;
	free(slot);
}

static uint64_t gone_hash(uint32_t host, struct span id)
{
	return hash_octets(id, (uint64_t)host + 1);
}

static uint8_t gone_tag(uint64_t hash)
{
	return (uint8_t)(hash >> 56);
}

void join_note_gone(struct join *j, const struct open_message *m)
{
	uint64_t hash;
	if (!m->ended || m->format == FORMAT_QMAIL)
		return;
	hash = gone_hash(m->host, span_of(m->id, m->id_len));
	j->gone[hash % GONE_MAX] = (struct gone){hash, m->last_ms};
	j->gone_tags[hash % GONE_MAX] = gone_tag(hash);
}

bool join_is_gone(const struct join *j, uint32_t host, const struct mail_event *e)
{
	uint64_t hash = gone_hash(host, e->id);
	const struct gone *g = &j->gone[hash % GONE_MAX];
	if (j->gone_tags[hash % GONE_MAX] != gone_tag(hash))
		return false;
	return g->hash == hash && e->at_ms < g->ended_ms + SAME_ID_MS;
}
