/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/gateways.h"

#include "diagnose/hash.h"
#include "diagnose/places.h"

enum {
	WORLD_MESSAGES = 20,
	WORLD_DOMAINS = 8, /* an office's partners write from their own servers, not through one inside */
	HELOS = 5,
	HELOS_IN = 3, /* messages that came for us */
	GUESSED = 8,  /* logins; people forget their own */
};

/* The slots are never full. */
static uint32_t slot_of(const struct gateways *g, uint64_t hash)
{
	uint32_t slot = (uint32_t)(hash >> 32) % GATEWAY_SLOTS;
	while (g->slots[slot] && g->at[g->slots[slot] - 1].hash != hash)
		slot = (slot + 1) % GATEWAY_SLOTS;
	return slot;
}

static uint64_t hash_of(const char *host, const struct addr *a)
{
	return hash_mix(hash_network(a, true), (uintptr_t)host);
}

struct gateway_seen *gateway_get(struct gateways *g, const char *host, const struct addr *a)
{
	uint64_t hash = hash_of(host, a);
	uint32_t slot = slot_of(g, hash);
	if (!g->slots[slot]) {
		if (g->count == GATEWAYS_MAX)
			return NULL;
		g->at[g->count].hash = hash;
		g->slots[slot] = (uint8_t)++g->count;
	}
	return g->at + g->slots[slot] - 1;
}

const struct gateway_seen *gateway_find(const struct gateways *g, const char *host, const struct addr *a)
{
	uint8_t index = g->slots[slot_of(g, hash_of(host, a))];
	return index ? g->at + index - 1 : NULL;
}

static uint64_t bit(struct span name)
{
	return UINT64_C(1) << (hash_name(name, 0) >> 58);
}

void gateway_note_in(struct gateway_seen *g, struct span sender_domain, struct span recipient_domain)
{
	g->in++;
	if (recipient_domain.len > 0)
		g->to |= bit(recipient_domain);
	if (sender_domain.len > 0)
		g->domains |= bit(sender_domain);
}

void gateway_note_helo(struct gateway_seen *g, struct span helo)
{
	if (helo.len > 0)
		g->helos |= bit(helo);
}

void gateway_note_guess(struct gateway_seen *g, struct span login)
{
	if (login.len > 0)
		g->guessed |= bit(login);
}

/* The first and the last address of a network are its router's by custom, and docker's bridge has the first. */
static bool has_routers_number(const struct addr *a)
{
	if (a->family == 4)
		return (a->octets[3] == 1 || a->octets[3] == 254) && addr_kind(a) == ADDR_PRIVATE;
	for (int i = 8; i < 15; i++)
		if (a->octets[i] != 0)
			return false;
	enum addr_kind k = addr_kind(a);
	return (k == ADDR_UNIQUE_LOCAL || k == ADDR_LINK_LOCAL) && a->octets[15] == 1;
}

/* What went to many domains, a few messages each, was not for us: a filter of our own has it, whose second half the log
 * does not join. */
static bool brings_the_world(const struct gateway_seen *g)
{
	return g->in >= WORLD_MESSAGES && places_count_bits(g->domains) >= WORLD_DOMAINS &&
	       (uint64_t)places_count_bits(g->to) * 10 <= g->in;
}

/* Spam programs make up HELO names. Behind a gateway stands the world, and that writes to us as well, or guesses. */
static bool may_hide_many(const struct gateway_seen *g, const struct addr *a)
{
	return addr_kind(a) == ADDR_LOOPBACK || has_routers_number(a) || (g && (g->in >= HELOS_IN || g->guessed));
}

enum gateway_sign gateway_sign(const struct gateway_seen *g, const struct addr *a, uint64_t helos)
{
	if (places_count_bits(helos | (g ? g->helos : 0)) >= HELOS && may_hide_many(g, a))
		return GATEWAY_HELOS;
	if (g && brings_the_world(g))
		return GATEWAY_WORLD;
	if (g && places_count_bits(g->guessed) >= GUESSED)
		return GATEWAY_LOGINS;
	return has_routers_number(a) ? GATEWAY_NUMBER : GATEWAY_NO;
}
