/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "diagnose/hash.h"
#include "diagnose/places.h"

enum { DOMAINS_MIN = 1024 };

static uint32_t own_bit(uint64_t hash)
{
	return (uint32_t)(hash >> 40) % OWN_FILTER;
}

static void own_add(struct places *p, uint64_t hash)
{
	p->own_filter[own_bit(hash) / 64] |= UINT64_C(1) << own_bit(hash) % 64;
}

void places_init(struct places *p, const struct diagnose_options *o)
{
	*p = (struct places){.o = o};
	mailbox_providers_init(&p->providers);
	for (size_t i = 0; i < o->own_domain_count; i++)
		own_add(p, hash_name(span_str(o->own_domains[i]), 0));
}

void places_release(struct places *p)
{
	free(p->domains);
	p->domains = NULL;
}

static bool is_private(enum addr_kind k)
{
	return k == ADDR_PRIVATE || k == ADDR_UNIQUE_LOCAL || k == ADDR_LINK_LOCAL || k == ADDR_SHARED;
}

bool places_inside_kind(const struct places *p, const struct addr *a, enum addr_kind kind)
{
	if (kind == ADDR_LOOPBACK)
		return true;
	if (p->o->mynetwork_count == 0)
		return is_private(kind);
	for (size_t i = 0; i < p->o->mynetwork_count; i++)
		if (prefix_contains(&p->o->mynetworks[i], a))
			return true;
	return false;
}

bool places_inside(const struct places *p, const struct addr *a)
{
	return a->family && places_inside_kind(p, a, addr_kind(a));
}

static bool grow(struct places *p)
{
	uint32_t size = p->domain_size ? p->domain_size * 2 : DOMAINS_MIN;
	struct domain_seen *at = calloc(size, sizeof(*at));
	if (!at) {
		p->error = -ENOMEM;
		return false;
	}
	for (uint32_t i = 0; i < p->domain_size; i++) {
		uint32_t slot = (uint32_t)p->domains[i].hash & (size - 1);
		while (p->domains[i].hash && at[slot].hash)
			slot = (slot + 1) & (size - 1);
		if (p->domains[i].hash)
			at[slot] = p->domains[i];
	}
	free(p->domains);
	p->domains = at;
	p->domain_size = size;
	return true;
}

static struct domain_seen *slot_of(const struct places *p, uint64_t hash)
{
	uint32_t mask = p->domain_size - 1, slot = (uint32_t)hash & mask;
	while (p->domains[slot].hash && p->domains[slot].hash != hash)
		slot = (slot + 1) & mask;
	return p->domains + slot;
}

struct domain_seen *places_domain(struct places *p, uint64_t hash, bool create)
{
	hash = hash ? hash : 1;
	struct domain_seen *d = p->domain_size ? slot_of(p, hash) : NULL;
	if (d && d->hash)
		return d;
	if (!create || p->domain_count == DOMAINS_MAX)
		return NULL;
	if ((p->domain_count + 1) * 2 > p->domain_size) {
		if (!grow(p))
			return NULL;
		d = slot_of(p, hash);
	}
	*d = (struct domain_seen){.hash = hash};
	p->domain_count++;
	return d;
}

const struct domain_seen *places_find(const struct places *p, uint64_t hash)
{
	const struct domain_seen *d = p->domain_size ? slot_of(p, hash ? hash : 1) : NULL;
	return d && d->hash ? d : NULL;
}

bool places_has_mailboxes(const struct domain_seen *d)
{
	return d->local > 0 || d->stored > d->outside;
}

void places_serve(struct places *p, struct domain_seen *d)
{
	if (d->local++ == 0)
		own_add(p, d->hash);
}

void places_store(struct places *p, struct domain_seen *d)
{
	if (d->stored++ == 0)
		own_add(p, d->hash);
}

bool places_own_hash(const struct places *p, uint64_t hash)
{
	if (!(p->own_filter[own_bit(hash) / 64] >> own_bit(hash) % 64 & 1))
		return false;
	const struct domain_seen *d = places_find(p, hash);
	if (d && places_has_mailboxes(d))
		return true;
	for (size_t i = 0; i < p->o->own_domain_count; i++)
		if (hash_name(span_str(p->o->own_domains[i]), 0) == hash)
			return true;
	return false;
}

bool places_own(const struct places *p, struct span domain)
{
	return places_own_hash(p, hash_name(domain, 0));
}

bool places_of_host(const char *host, struct span domain)
{
	struct span h = span_str(host);
	if (domain.len == 0 || h.len < domain.len || !memchr(domain.at, '.', domain.len))
		return false;
	return span_equal_nocase(span_from(h, h.len - domain.len), domain) &&
	       (h.len == domain.len || h.at[h.len - domain.len - 1] == '.');
}

struct inside_relay *places_relay(struct places *p, const struct addr *a)
{
	for (uint32_t i = 0; i < p->relay_count; i++)
		if (addr_equal(&p->relays[i].addr, a))
			return p->relays + i;
	if (p->relay_count == INSIDE_RELAYS_MAX)
		return NULL;
	p->relays[p->relay_count] = (struct inside_relay){.addr = *a};
	return &p->relays[p->relay_count++];
}

bool places_relay_note(struct inside_relay *r, uint64_t domain, bool from_outside)
{
	if (from_outside)
		r->from_outside++;
	else
		r->from_inside++;
	if (!from_outside && !r->smarthost) {
		r->domains |= 1ULL << (domain >> 58);
		r->smarthost =
			places_count_bits(r->domains) >= SMARTHOST_DOMAINS_MIN && r->from_outside * 10 < r->from_inside;
	}
	return r->smarthost;
}

bool places_relay_filters(const struct inside_relay *r)
{
	return r->hops > r->from_inside + r->from_outside;
}

unsigned places_count_bits(uint64_t map)
{
	if (map == 0)
		return 0;
	int free_bits = 64 - __builtin_popcountll(map);
	return free_bits > 0 ? (unsigned)lround(-64.0 * log(free_bits / 64.0)) : 256;
}
