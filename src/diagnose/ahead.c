/* SPDX-License-Identifier: BSD-2-Clause */
/* Most of what a message costs is waiting for memory: what a batch will touch is fetched before the first of it is
 * counted, in four looks, as each needs what the one before has fetched. */
#include <errno.h>
#include <stdlib.h>

#include "diagnose/count.h"
#include "diagnose/hash.h"

enum { FETCHED_MAX = 64 }; /* recipients of a message: more than that are counted where they are still cached */

static bool room_for_hashes(struct tally *t, size_t count)
{
	if (count <= t->hashes_size)
		return true;
	struct recipient_hashes *at = reallocarray(t->hashes, count * 2, sizeof(*at));
	if (!at) {
		t->ids.error = -ENOMEM;
		return false;
	}
	t->hashes = at;
	t->hashes_size = count * 2;
	return true;
}

static void expect(struct tally *t, struct load *l, enum expected which, uint64_t hash)
{
	l->expected[which].hash = hash;
	identity_fetch_slot(&t->ids, hash);
}

static void expect_source(struct tally *t, struct load *l, const struct mail_message *m)
{
	bool client = m->client.family && !l->loopback;
	if (m->origin == ORIGIN_LOGIN && m->login.len > 0) {
		expect(t, l, EXPECTED_SOURCE, identity_hash(IDENTITY_LOGIN, l->host, m->login));
		if (client && l->inside)
			expect(t, l, EXPECTED_CLIENT, identity_hash_client(IDENTITY_CLIENT, l->host, &m->client));
	} else if (m->origin == ORIGIN_CLIENT && client) {
		enum identity_kind kind = l->outside ? IDENTITY_OUTSIDE : IDENTITY_CLIENT;
		expect(t, l, EXPECTED_SOURCE, identity_hash_client(kind, l->host, &m->client));
	}
}

/* @return one of them was not delivered. */
static bool hash_recipients(struct tally *t, const struct mail_message *m, bool outside, struct recipient_hashes *h)
{
	bool failed = false;
	for (size_t i = 0; i < m->delivery_count; i++) {
		const struct mail_delivery *d = m->deliveries + i;
		if (d->transport == TRANSPORT_LOCAL) { /* stays here, whatever it is called */
			h[i] = (struct recipient_hashes){0};
			continue;
		}
		h[i].address = hash_name(d->recipient, 0);
		h[i].domain = outside ? hash_name(address_domain(d->recipient), 0) : 0;
		h[i].relay = d->relay_name.len ? hash_name(d->relay_name, 0) : 0;
		listed_fetch(&t->listed, h[i].relay);
		h[i].trouble = trouble_fetch(&t->troubles, d);
		if (d->outcome == OUTCOME_SENT)
			continue;
		failed = true;
		if (t->o->receivers)
			receivers_fetch(t->o->receivers, h[i].relay);
	}
	return failed;
}

static void begin(struct tally *t, const struct mail_message *m, struct load *l, char sender_text[NAME_LEN_MAX + 1])
{
	*l = (struct load){.host = tally_host(t, m->host), .at_ms = m->first_ms};
	if (m->client.family) {
		enum addr_kind kind = addr_kind(&m->client);
		l->network = hash_network(&m->client, false);
		l->loopback = kind == ADDR_LOOPBACK;
		l->inside = places_inside_kind(&t->places, &m->client, kind);
		l->outside = m->origin == ORIGIN_CLIENT && !l->inside;
	}
	expect_source(t, l, m);
	if (m->sender.len == 0)
		return;
	l->sender = sender_name(m->sender, sender_text);
	/* a login's mail under its own address is that login's already */
	l->own_sender = m->origin == ORIGIN_LOGIN && span_equal_nocase(m->sender, m->login);
	if (!l->outside && !l->own_sender)
		expect(t, l, EXPECTED_SENDER, identity_hash(IDENTITY_SENDER, l->host, l->sender));
}

static void find(struct tally *t, struct load *l)
{
	for (int i = 0; i < EXPECTED_COUNT; i++) {
		struct expected_identity *e = &l->expected[i];
		e->id = e->hash ? identity_find(&t->ids, e->hash) : NULL;
		if (e->id)
			identity_fetch(e->id, i == EXPECTED_CLIENT);
	}
}

static void fetch_parts(const struct load *l, const struct mail_message *m)
{
	for (int i = 0; i < EXPECTED_COUNT; i++) {
		const struct identity *id = l->expected[i].id;
		if (!id)
			continue;
		identity_fetch_parts(id, l->network, l->failed);
		for (size_t k = 0; i == EXPECTED_SOURCE && k < m->delivery_count && k < FETCHED_MAX; k++)
			seen_fetch(&id->seen, l->hashes[k].address);
	}
}

static void fetch_networks(const struct load *l)
{
	for (int i = 0; i < EXPECTED_COUNT; i++)
		if (l->expected[i].id)
			identity_fetch_network(l->expected[i].id, l->network);
}

bool look_ahead(struct tally *t, const struct mail_message *m, size_t count, struct load *loads)
{
	size_t recipients = 0;
	for (size_t i = 0; i < count; i++)
		recipients += m[i].delivery_count;
	if (!room_for_hashes(t, recipients))
		return false;
	struct recipient_hashes *next = t->hashes;
	for (size_t i = 0; i < count; i++) {
		begin(t, m + i, loads + i, t->sender_text[i]);
		loads[i].failed = hash_recipients(t, m + i, loads[i].outside, next);
		loads[i].hashes = next;
		next += m[i].delivery_count;
	}
	for (size_t i = 0; i < count; i++)
		find(t, loads + i);
	for (size_t i = 0; i < count; i++)
		fetch_parts(loads + i, m + i);
	for (size_t i = 0; i < count; i++)
		fetch_networks(loads + i);
	return true;
}
