/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_HASH_H
#define OFFLIST_DIAGNOSE_HASH_H

#include "net/addr.h"

/* Hashes of names for the tally's tables. A 64 x 64 to 128 bit product mixes well (wyhash's step); tables are bounded,
 * so that names made to collide cost a bounded search and no more. */

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product =
		(unsigned __int128)(a ^ 0x9e3779b97f4a7c15U) * (b ^ 0xe7037ed1a0b428dbU);
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/** Letters of either case hash alike (a few other octets fall together, too: compare before you believe). */
static inline uint64_t hash_name(struct span s, uint64_t seed)
{
	const uint64_t bit5 = 0x4040404040404040U;
	uint64_t h = seed ^ s.len, word;
	size_t at = 0;
	for (; at + sizeof(word) <= s.len; at += sizeof(word)) {
		memcpy(&word, s.at + at, sizeof(word));
		h = hash_mix(h, word | (word & bit5) >> 1);
	}
	if (at < s.len) {
		word = 0;
		memcpy(&word, s.at + at, s.len - at);
		h = hash_mix(h, word | (word & bit5) >> 1);
	}
	return hash_mix(h, seed);
}

/** The network of a client: /24 of IPv4, /64 of IPv6; `whole`: the address itself. */
static inline uint64_t hash_network(const struct addr *a, bool whole)
{
	uint64_t high = 0, low = 0;
	size_t octets = a->family == 4 ? 3 : 8;
	memcpy(&high, a->octets, octets);
	if (whole)
		memcpy(&low, a->octets + octets, a->family == 4 ? 1 : 8);
	return hash_mix(high ^ a->family, low);
}

/** What an address block of one provider mostly shares: /16 of IPv4, /32 of IPv6. */
static inline uint32_t hash_provider(const struct addr *a)
{
	uint32_t v = 0;
	memcpy(&v, a->octets, a->family == 4 ? 2 : 4);
	return v ^ a->family;
}

/** The part after the last '@'; empty: none. */
static inline struct span address_domain(struct span address)
{
	const uint8_t *at = address.len ? memrchr(address.at, '@', address.len) : NULL;
	return at ? span_from(address, (size_t)(at - address.at) + 1) : (struct span){NULL, 0};
}

#endif
