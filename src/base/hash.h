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

/** The last octets from `at` on, at most seven, as one word. Loads of known sizes that may overlap: no loop, no call. */
static inline uint64_t hash_tail(struct span s, size_t at)
{
	const uint8_t *p = s.at + at;
	size_t n = s.len - at;
	uint64_t word = 0;
	if (s.len >= sizeof(word)) {
		memcpy(&word, s.at + s.len - sizeof(word), sizeof(word));
		return word;
	}
	if (n >= 4) {
		uint32_t low, high;
		memcpy(&low, p, sizeof(low));
		memcpy(&high, p + n - sizeof(high), sizeof(high));
		return (uint64_t)high << 32 | low;
	}
	return (uint64_t)p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16;
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
		word = hash_tail(s, at);
		h = hash_mix(h, word | (word & bit5) >> 1);
	}
	return h;
}

#endif
