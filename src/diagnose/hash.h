/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_HASH_H
#define OFFLIST_DIAGNOSE_HASH_H

#include "base/hash.h"
#include "net/addr.h"

/* Hashes of where clients are, beside those of names. */

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
