/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_HASH_H
#define OFFLIST_DIAGNOSE_HASH_H

#include <endian.h>

#include "base/hash.h"
#include "net/addr.h"

/* Hashes of where clients are, beside those of names. */

/** The network of a client: /24 of IPv4, /64 of IPv6; `whole`: the address itself. */
static inline uint64_t hash_network(const struct addr *a, bool whole)
{
	/* read as words and cut: what was put together of octets has to be waited for */
	uint64_t high = le64toh(octets_load8(a->octets)), low = octets_load8(a->octets + 8);
	if (a->family == 4) {
		low = high >> 24 & 0xff;
		high &= 0xffffff;
	}
	return hash_mix(high ^ a->family, whole ? low : 0);
}

/** What an address block of one provider mostly shares: /16 of IPv4, /32 of IPv6. The ranges for benchmarks (RFC 2544)
 * and documentation (RFC 3849) are no provider's: who tests with them means each /24 and /48 as one of its own. */
static inline uint64_t hash_provider(const struct addr *a)
{
	const uint8_t *o = a->octets;
	uint64_t v = 0;
	bool test = a->family == 4 ? o[0] == 198 && (o[1] & 0xfe) == 18
				   : o[0] == 0x20 && o[1] == 1 && o[2] == 0x0d && o[3] == 0xb8;
	memcpy(&v, o, a->family == 4 ? 2 + test : 4 + 2 * test);
	return hash_mix(v, a->family);
}

/** The part after the last '@'; empty: none. */
static inline struct span address_domain(struct span address)
{
	const uint8_t *at = address.len ? memrchr(address.at, '@', address.len) : NULL;
	return at ? span_from(address, (size_t)(at - address.at) + 1) : (struct span){NULL, 0};
}

#endif
