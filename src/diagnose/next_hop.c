/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/next_hop.h"

#include "diagnose/hash.h"
#include "diagnose/places.h"
#include "diagnose/trouble.h"

enum {
	ALL_UNTIL = 256, /* then one in SAMPLE */
	SAMPLE = 8,
	SAMPLED_MIN = 12,
	DOMAINS_MIN = 5, /* of recipients: else it is a partner's own server */
};

static struct next_hop *place(struct next_hops *n, uint32_t owner)
{
	struct next_hop *least = n->at;
	for (int i = 0; i < NEXT_HOPS_MAX; i++) {
		if (n->at[i].owner == owner)
			return n->at + i;
		if (n->at[i].count < least->count)
			least = n->at + i;
	}
	if (least->count > 0) {
		least->count--;
		return NULL;
	}
	*least = (struct next_hop){.owner = owner};
	return least;
}

void next_hops_note(struct next_hops *n, const struct mail_delivery *d)
{
	if (d->relay_name.len == 0 || (n->seen++ >= ALL_UNTIL && n->seen % SAMPLE != 0))
		return;
	uint32_t owner = trouble_receiver(d->relay_name);
	struct next_hop *at = place(n, owner);
	n->sampled++;
	if (!at)
		return;
	at->count++;
	at->domains |= UINT64_C(1) << (hash_name(address_domain(d->recipient), 0) >> 58);
}

uint32_t next_hops_relay(const struct next_hops *n)
{
	for (int i = 0; i < NEXT_HOPS_MAX; i++)
		if (n->sampled >= SAMPLED_MIN && n->at[i].count * UINT64_C(10) >= n->sampled * 8 &&
		    places_count_bits(n->at[i].domains) >= DOMAINS_MIN)
			return n->at[i].owner;
	return 0;
}
