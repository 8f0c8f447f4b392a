/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_BASE_HASH_H
#define OFFLIST_BASE_HASH_H

#include "base/span.h"

/* Hashes of names for the tables of outside names. A 64 x 64 to 128 bit product mixes well (wyhash's step); tables are bounded,
 * so that names made to collide cost a bounded search and no more. */

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product =
		(unsigned __int128)(a ^ 0x9e3779b97f4a7c15U) * (b ^ 0xe7037ed1a0b428dbU);
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/** What stands behind the whole words of `s`: its last eight octets, some of them seen before, or all where it is shorter. */
static inline uint64_t hash_tail(struct span s)
{
	return s.len > 8 ? octets_load8(s.at + s.len - 8) : octets_short(s.at, s.len);
}

/** Of octets as they are. */
static inline uint64_t hash_octets(struct span s, uint64_t seed)
{
	uint64_t h = seed ^ s.len;
	for (size_t at = 0; at + 8 < s.len; at += 8)
		h = hash_mix(h, octets_load8(s.at + at));
	return hash_mix(h, hash_tail(s));
}

/** Letters of either case hash alike (a few other octets fall together, too: compare before you believe). */
static inline uint64_t hash_name(struct span s, uint64_t seed)
{
	const uint64_t bit5 = 0x4040404040404040U;
	uint64_t h = seed ^ s.len, word;
	for (size_t at = 0; at + 8 < s.len; at += 8) {
		word = octets_load8(s.at + at);
		h = hash_mix(h, word | (word & bit5) >> 1);
	}
	word = hash_tail(s);
	return hash_mix(h, word | (word & bit5) >> 1);
}

#endif
