/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_BASE_ASCII_H
#define OFFLIST_BASE_ASCII_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* ctype.h asks the locale and takes int; protocols are ASCII whatever the locale. */
static inline bool ascii_is_upper(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}
static inline bool ascii_is_alpha(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}
static inline bool ascii_is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}
static inline bool ascii_is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline uint8_t ascii_lower(uint8_t c)
{
	return ascii_is_upper(c) ? c | 0x20 : c;
}

/** Eight octets at once. */
static inline uint64_t ascii_lower8(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101U;
	uint64_t low = w & 0x7f * ones; /* no sum below carries into the next octet */
	uint64_t from_a = low + (0x80 - 'A') * ones, behind_z = low + (0x7f - 'Z') * ones;
	return w | ((from_a & ~behind_z & ~w & 0x80 * ones) >> 2);
}

/**
 * Read a whole decimal number: digits only, no sign, no blanks.
 * @param max        largest value taken.
 * @param ret_value  set on success.
 * @return 0; -EINVAL: not a number; -ERANGE: above max.
 */
int ascii_parse_u64(struct span text, uint64_t max, uint64_t *ret_value);

/**
 * Read the digits that eight octets begin with, all at once.
 * @return how many they are; *ret_value is their number, 0 where there are none.
 */
static inline unsigned int ascii_digits8(const uint8_t at[8], uint32_t *ret_value)
{
	uint64_t w, over;
	unsigned int count;
	memcpy(&w, at, sizeof(w));
	w = le64toh(w) ^ 0x3030303030303030U; /* digits are 0 to 9 now */
	over = (w | (w + 0x7676767676767676U)) & 0x8080808080808080U;
	count = over ? (unsigned int)__builtin_ctzll(over) / 8 : 8;
	*ret_value = 0;
	if (count == 0)
		return 0;
	w <<= 64 - 8 * count; /* noughts in front; then neighbours are added up: pairs, fours, all eight */
	w = (w * 10 + (w >> 8)) & 0x00ff00ff00ff00ffU;
	w = (w * 100 + (w >> 16)) & 0x0000ffff0000ffffU;
	*ret_value = (uint32_t)(w * 10000 + (w >> 32));
	return count;
}

/** Lower-case the letters in place. */
void ascii_lower_all(char *text);

#endif
