/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MAILLOG_JOIN_WORDS_H
#define OFFLIST_MAILLOG_JOIN_WORDS_H

#include "base/span.h"

/* Short names and ids, compared and hashed on every line of a log: word by word, without a call. Nothing is read before or
 * behind the octets. */

static inline uint64_t words_load8(const uint8_t *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint32_t words_load4(const uint8_t *at)
{
	uint32_t word;
	memcpy(&word, at, sizeof(word));
	return word;
}

/** Up to 8 octets as one number: no two strings of one length have the same. */
static inline uint64_t words_short(const uint8_t *at, size_t len)
{
	if (len == 8)
		return words_load8(at);
	if (len >= 4)
		return (uint64_t)words_load4(at) << 32 | words_load4(at + len - 4);
	return len ? (uint64_t)at[0] << 16 | (uint64_t)at[len / 2] << 8 | at[len - 1] : 0;
}

static inline bool words_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	if (len < 8)
		return words_short(a, len) == words_short(b, len);
	for (size_t i = 0; i + 8 < len; i += 8)
		if (words_load8(a + i) != words_load8(b + i))
			return false;
	return words_load8(a + len - 8) == words_load8(b + len - 8); /* the last word overlaps the one before */
}

/** Copy texts of some hundred octets at most, which do not overlap. */
static inline void words_copy(uint8_t *to, const uint8_t *from, size_t len)
{
	struct pair {
		uint64_t a, b;
	} last;
	size_t i = 0;
	if (len >= sizeof(last)) {
		for (; i + sizeof(last) < len; i += sizeof(last))
			memcpy(to + i, from + i, sizeof(last));
		memcpy(to + len - sizeof(last), from + len - sizeof(last), sizeof(last));
	} else if (len >= 8) {
		memcpy(to, from, 8);
		memcpy(to + len - 8, from + len - 8, 8);
	} else if (len >= 4) {
		memcpy(to, from, 4);
		memcpy(to + len - 4, from + len - 4, 4);
	} else if (len > 0) {
		to[0] = from[0];
		to[len / 2] = from[len / 2];
		to[len - 1] = from[len - 1];
	}
}

/** Multiply and fold (as in wyhash): two multiplications for an id of up to 16 octets. */
static inline uint64_t words_hash(struct span octets, uint64_t seed)
{
	const uint64_t k = 0x9e3779b97f4a7c15u;
	uint64_t h = seed ^ (octets.len * k);
	size_t i = 0;
	__extension__ unsigned __int128 p;
	for (; i + 8 < octets.len; i += 8) {
		p = (unsigned __int128)(h ^ words_load8(octets.at + i)) * k;
		h = (uint64_t)p ^ (uint64_t)(p >> 64);
	}
	p = (unsigned __int128)(h ^
				(i ? words_load8(octets.at + octets.len - 8) : words_short(octets.at, octets.len))) *
	    k;
	h = (uint64_t)p ^ (uint64_t)(p >> 64);
	return h ^ (h >> 29);
}

#endif
