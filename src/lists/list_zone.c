/* SPDX-License-Identifier: BSD-2-Clause */
/* What looks like a zone in a text. */
#include "lists/list_zone.h"

#include "base/ascii.h"

bool list_zone_octet(uint8_t c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '.' || c == '-' || c == '_';
}

bool list_zone_is_likely(struct span name)
{
	bool dot = false, letter = false;
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	if (name.len == 0 || name.len > 253 || name.at[0] == '.' || name.at[0] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (!list_zone_octet(name.at[i]) && name.at[i] != '{' && name.at[i] != '}')
			return false;
		if (name.at[i] == '.' && name.at[i - 1] == '.')
			return false;
		dot |= name.at[i] == '.';
		letter |= ascii_is_alpha(name.at[i]);
	}
	return dot && letter;
}
