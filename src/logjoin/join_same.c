/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Filters and forwards that hand a message back and name no id: a pipe that runs sendmail, an LMTP or SMTP filter with
 * words of its own. The second leg has the Message-ID of the first and comes while that is delivered or right after. Has
 * it the first one's recipients it went through a filter, else somebody's forward or list sent it on. A Message-ID alone
 * joins nothing: it may be sent again.
 */
#include <stdlib.h>

#include "logjoin/join_parts.h"

enum {
	SAME_LOOKED_AT = 16,       /* messages of one Message-ID */
	DELIVERIES_LOOKED_AT = 16, /* the last ones of a message */
	EARLY_MS = 2000,           /* lines of one second may stand in any order */
	FEW_RECIPIENTS = 16,       /* so many are looked through; more get an index */
};

/* May a filter of ours have handed it to us? */
static bool may_be_second(const struct open_message *m)
{
	return !m->linked && m->origin != ORIGIN_LOGIN;
}

uint8_t join_nearness(const struct open_message *m)
{
	if (m->origin == ORIGIN_LOCAL || m->origin == ORIGIN_UNKNOWN || m->xforward ||
	    addr_kind(&m->client) == ADDR_LOOPBACK)
		return OPEN_THIS_HOST;
	return join_is_inner(&m->client) ? OPEN_INSIDE : OPEN_OUTSIDE;
}

/* A mailbox's filter (Sieve) sends on from this host, or from the host that has the mailbox; other hosts inside may send
 * what they like under one Message-ID. */
static bool hands_back_to(const struct open_delivery *d, uint8_t near)
{
	switch (d->transport) {
	case TRANSPORT_PIPE:
		return near != OPEN_OUTSIDE;
	case TRANSPORT_SMTP:
		return near != OPEN_OUTSIDE && join_is_inner(&d->relay);
	case TRANSPORT_LOCAL:
		return near == OPEN_THIS_HOST;
	default:
		return false;
	}
}

/* May what was delivered there be this message now? A filter may stand behind an address of the world that is our own:
 * then the message comes from where the first one went. */
static bool may_be(const struct open_message *first, const struct open_delivery *d, const struct open_message *m)
{
	bool paired = m->parent != OPEN_NONE;
	const struct addr *client = paired ? &m->own_client : &m->client;
	int64_t at_ms = paired ? m->own_ms : m->first_ms;
	if (d->outcome != OUTCOME_SENT || d->hop || at_ms + EARLY_MS < first->first_ms ||
	    at_ms > d->at_ms + JOIN_LINGER_MS)
		return false;
	if (d->relay.family && client->family && addr_equal(&d->relay, client))
		return true;
	return hands_back_to(d, paired ? m->own_near : join_nearness(m));
}

/* Told as somebody's forward until its recipients are known. What comes from outside is until then its client's: a receiver
 * sends back what it likes under the Message-ID that it got, as lists do. */
static void pair(struct join *j, struct open_message *first, struct open_delivery *d, struct open_message *m)
{
	first->may_return = true;
	m->own_near = join_nearness(m);
	m->own_client = m->client;
	m->own_ms = m->first_ms;
	m->parent = open_index(&j->open, first);
	m->parent_generation = first->generation;
	if (m->own_near == OPEN_OUTSIDE)
		return;
	d->claimed = true;
	m->link = LINK_FORWARD;
	join_link_origin(j, m, first);
	open_set(&j->open, m, &m->link_address, open_span(first, d->original.len ? d->original : d->recipient));
	join_inherit(j, m, first);
}

/* A mailbox is the last that a message comes back from. */
static bool hands_back(const struct open_delivery *d)
{
	return d->transport == TRANSPORT_PIPE || d->relay.family;
}

/* @param again  a delivery may have made several: a list */
static bool pair_with(struct join *j, struct open_message *first, struct open_message *m, bool again)
{
	struct open_delivery *best = NULL;
	uint32_t i = first->delivery_count, left = DELIVERIES_LOOKED_AT;
	for (; i > 0 && left > 0; i--, left--) {
		struct open_delivery *d = &first->delivery[i - 1];
		if ((again || !d->claimed) && (!best || (hands_back(d) && !hands_back(best))) && may_be(first, d, m))
			best = d;
	}
	if (best)
		pair(j, first, best, m);
	return best;
}

/* The nearest first: a message may go through several filters. */
static void pair_with_older(struct join *j, struct open_message *m, bool again)
{
	struct open_message *first = open_same_id(&j->open, m->id_older);
	for (int i = 0; i < SAME_LOOKED_AT && first && may_be_second(m); i++) {
		if (pair_with(j, first, m, again))
			return;
		first = open_same_id(&j->open, first->id_older);
	}
}

void join_same_id(struct join *j, struct open_message *m)
{
	open_note_message_id(&j->open, m);
	if (m->id_older != OPEN_NONE && may_be_second(m))
		pair_with_older(j, m, false);
}

void join_may_return(struct join *j, struct open_message *m, struct open_delivery *d)
{
	struct open_message *later = open_same_id(&j->open, m->id_newer);
	if (d->hop || !m->message_id.len)
		return;
	m->may_return |= d->transport != TRANSPORT_SMTP || join_is_inner(&d->relay);
	if (!hands_back(d) && m->delivery_count < m->recipients)
		return;
	for (int i = 0; i < SAME_LOOKED_AT && later; i++) {
		if (may_be_second(later) && may_be(m, d, later))
			pair(j, m, d, later);
		later = open_same_id(&j->open, later->id_newer);
	}
}

static bool names_all(const struct open_message *m)
{
	return m->ended || (m->delivery_count > 0 && m->delivery_count >= m->recipients);
}

bool join_awaits_another(struct join *j, const struct open_message *m)
{
	const struct open_message *later = open_same_id(&j->open, m->id_newer);
	if (j->now_ms - m->last_ms > GHOST_MS)
		return false;
	for (int i = 0; i < SAME_LOOKED_AT && later; i++) {
		bool of_this = later->parent == open_index(&j->open, m) && later->parent_generation == m->generation;
		if (!names_all(later) && (of_this || may_be_second(later)))
			return true;
		later = open_same_id(&j->open, later->id_newer);
	}
	return false;
}

/* ---- through a filter, or sent on? ---- */

struct by_recipient { /* deliveries of a message */
	const struct open_message *m;
	uint32_t *slot, mask; /* NULL: so few that they are looked through */
};

static uint32_t hash_of(struct span recipient)
{
	return (uint32_t)hash_mix(hash_name(recipient, 0), 0);
}

static void put(struct by_recipient *b, struct text recipient, uint32_t delivery)
{
	uint32_t i;
	if (!recipient.len)
		return;
	i = hash_of(open_span(b->m, recipient)) & b->mask;
	while (b->slot[i])
		i = (i + 1) & b->mask;
	b->slot[i] = delivery + 1;
}

static void by_recipient_make(struct by_recipient *b, const struct open_message *m)
{
	uint32_t size = FEW_RECIPIENTS * 4;
	*b = (struct by_recipient){.m = m};
	if (m->delivery_count <= FEW_RECIPIENTS)
		return;
	while (size < m->delivery_count * 4)
		size *= 2;
	b->slot = calloc(size, sizeof(*b->slot));
	if (!b->slot)
		return; /* the first ones are looked through */
	b->mask = size - 1;
	for (uint32_t i = 0; i < m->delivery_count; i++) {
		put(b, m->delivery[i].recipient, i);
		put(b, m->delivery[i].original, i);
	}
}

static bool is_for(const struct open_message *m, const struct open_delivery *d, struct span address)
{
	return span_equal_nocase(open_span(m, d->recipient), address) ||
	       span_equal_nocase(open_span(m, d->original), address);
}

static const struct open_delivery *find_recipient(const struct by_recipient *b, struct span address)
{
	const struct open_message *m = b->m;
	if (!b->slot) {
		for (uint32_t i = 0; i < m->delivery_count && i < FEW_RECIPIENTS; i++)
			if (is_for(m, &m->delivery[i], address))
				return &m->delivery[i];
		return NULL;
	}
	for (uint32_t i = hash_of(address) & b->mask; b->slot[i]; i = (i + 1) & b->mask)
		if (is_for(m, &m->delivery[b->slot[i] - 1], address))
			return &m->delivery[b->slot[i] - 1];
	return NULL;
}

/* What went the same way was sent twice: what a filter hands back does not go to that filter. */
static bool same_way(const struct open_message *first, const struct open_delivery *a, const struct open_message *m,
		     const struct open_delivery *b)
{
	return a->transport == b->transport && a->relay_port == b->relay_port &&
	       (a->relay.family ? addr_equal(&a->relay, &b->relay) : !b->relay.family) &&
	       span_equal(open_span(first, a->relay_name), open_span(m, b->relay_name));
}

static bool one_sender(const struct open_message *first, const struct open_message *m)
{
	return !first->has_sender || !m->has_sender ||
	       span_equal_nocase(open_span(first, first->sender), open_span(m, m->sender));
}

struct overlap {
	uint32_t back;  /* deliveries of the first whose recipient the second has */
	uint32_t twice; /* of which both went the same way */
};

static struct overlap look_at_both(struct open_message *first, const struct by_recipient *second, bool mark)
{
	struct overlap o = {0, 0};
	for (uint32_t i = 0; i < first->delivery_count; i++) {
		struct open_delivery *d = &first->delivery[i];
		const struct open_delivery *then;
		if (!may_be(first, d, second->m))
			continue;
		then = find_recipient(second, open_span(first, d->recipient));
		if (then && same_way(first, d, second->m, then)) {
			o.twice++;
		} else if (then) {
			o.back++;
			d->hop |= mark;
		}
	}
	return o;
}

static void is_no_forward(struct open_message *m)
{
	m->link = LINK_NONE;
	m->link_client = (struct addr){0};
	m->link_address = m->link_login = (struct text){0, 0};
}

/* Some of its recipients no line names yet: as many as went there, from one sender. */
static bool as_many(const struct open_message *first, const struct open_message *m)
{
	uint32_t gone = 0;
	for (uint32_t i = 0; i < first->delivery_count; i++)
		gone += may_be(first, &first->delivery[i], m);
	return m->delivery_count == 0 && m->recipients > 0 && m->recipients == gone;
}

static void mark_all(struct open_message *first, const struct open_message *m)
{
	for (uint32_t i = 0; i < first->delivery_count; i++)
		first->delivery[i].hop |= may_be(first, &first->delivery[i], m);
}

/* A filter leaves the sender as it is, or, where that is rewritten on the way, all recipients; one that stands outside has no
 * more but those that went to it. */
static void decide(struct join *j, struct open_message *first, struct open_message *m)
{
	struct by_recipient second;
	struct overlap o;
	by_recipient_make(&second, m);
	o = look_at_both(first, &second, false);
	if (m->own_near == OPEN_OUTSIDE) {
		if (o.back > 0 && o.back == m->delivery_count) {
			look_at_both(first, &second, true);
			join_inherit(j, m, first);
		}
	} else if (o.back > 0 && (one_sender(first, m) || o.back == m->delivery_count)) {
		look_at_both(first, &second, true);
		is_no_forward(m);
	} else if (one_sender(first, m) && (o.twice > 0 || as_many(first, m))) {
		if (!o.twice)
			mark_all(first, m);
		is_no_forward(m);
	}
	free(second.slot);
	m->parent = OPEN_NONE;
}

/* All messages that may have come of this one are decided now: it goes. */
static void decide_newer(struct join *j, struct open_message *first)
{
	struct open_message *m = open_same_id(&j->open, first->id_newer);
	for (int i = 0; i < SAME_LOOKED_AT && m; i++) {
		if (may_be_second(m))
			pair_with(j, first, m, true);
		if (m->parent == open_index(&j->open, first) && m->parent_generation == first->generation)
			decide(j, first, m);
		m = open_same_id(&j->open, m->id_newer);
	}
}

static void settle_forward(struct open_message *m)
{
	if (!m->link_address.len) {
		m->link = LINK_NONE;
		return;
	}
	for (uint32_t i = 0; i < m->delivery_count; i++) {
		m->delivery[i].forwarded = true;
		if (!m->delivery[i].original.len)
			m->delivery[i].original = m->link_address;
	}
}

void join_settle(struct join *j, struct open_message *m)
{
	struct open_message *first;
	if (m->id_older != OPEN_NONE && may_be_second(m))
		pair_with_older(j, m, true);
	first = m->parent != OPEN_NONE ? join_still(j, m->parent, m->parent_generation) : NULL;
	if (first)
		decide(j, first, m);
	if (m->id_newer != OPEN_NONE && m->delivery_count)
		decide_newer(j, m);
	if (m->link == LINK_FORWARD)
		settle_forward(m);
}
