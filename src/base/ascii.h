/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_BASE_ASCII_H
#define OFFLIST_BASE_ASCII_H

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

/**
 * Read a whole decimal number: digits only, no sign, no blanks.
 * @param max        largest value taken.
 * @param ret_value  set on success.
 * @return 0; -EINVAL: not a number; -ERANGE: above max.
 */
int ascii_parse_u64(struct span text, uint64_t max, uint64_t *ret_value);

/** Lower-case the letters in place. */
void ascii_lower_all(char *text);

#endif
