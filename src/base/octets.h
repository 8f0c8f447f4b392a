/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_BASE_OCTETS_H
#define OFFLIST_BASE_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Short names and ids, compared and copied on every line of a log: word by word, without a call. Nothing is read before or
 * behind the octets; words have this machine's order. */

static inline uint64_t octets_load8(const void *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint32_t octets_load4(const void *at)
{
	uint32_t word;
	memcpy(&word, at, sizeof(word));
	return word;
}

/** Up to 8 octets as one number: no two strings of one length have the same. */
static inline uint64_t octets_short(const uint8_t *at, size_t len)
{
	if (len == 8)
		return octets_load8(at);
	if (len >= 4) /* these two overlap */
		return (uint64_t)octets_load4(at) << 32 | octets_load4(at + len - 4);
	return len ? (uint64_t)at[0] << 16 | (uint64_t)at[len / 2] << 8 | at[len - 1] : 0;
}

static inline bool octets_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	if (len < 8)
		return octets_short(a, len) == octets_short(b, len);
	for (size_t i = 0; i + 8 < len; i += 8)
		if (octets_load8(a + i) != octets_load8(b + i))
			return false;
	return octets_load8(a + len - 8) == octets_load8(b + len - 8); /* the last word overlaps the one before */
}

/** Copy texts of some hundred octets at most, which do not overlap. */
static inline void octets_copy(uint8_t *to, const uint8_t *from, size_t len)
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

#endif
