/* SPDX-License-Identifier: BSD-2-Clause */
/* Views of bytes and ASCII text. Knows nothing of mail or DNS. */
#include "base/span.h"

#include <errno.h>

#include "base/ascii.h"

static bool octets_equal_nocase(const uint8_t *a, const uint8_t *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ascii_lower(a[i]) != ascii_lower(b[i]))
			return false;
	return true;
}

/* Most that are compared are equal in case, too: a word a step until one is not. */
bool span_equal_nocase(struct span a, struct span b)
{
	size_t i = 0;
	if (a.len != b.len)
		return false;
	for (; i + 8 <= a.len; i += 8)
		if (octets_load8(a.at + i) != octets_load8(b.at + i) && !octets_equal_nocase(a.at + i, b.at + i, 8))
			return false;
	return i == a.len || octets_equal_nocase(a.at + i, b.at + i, a.len - i);
}

bool span_begins_nocase(struct span s, const char *word)
{
	size_t len = strlen(word);
	return s.len >= len && octets_equal_nocase(s.at, (const uint8_t *)word, len);
}

bool span_contains_nocase(struct span s, const char *word)
{
	uint8_t first = (uint8_t)word[0];
	for (size_t at = 0; at < s.len; at++)
		if (ascii_lower(s.at[at]) == first && span_begins_nocase(span_from(s, at), word))
			return true;
	return false;
}

struct span span_trim(struct span s)
{
	while (s.len && ascii_is_space(s.at[0]))
		s = span_from(s, 1);
	while (s.len && ascii_is_space(s.at[s.len - 1]))
		s.len--;
	return s;
}

size_t span_find(struct span s, uint8_t octet)
{
	const uint8_t *hit = s.len ? memchr(s.at, octet, s.len) : NULL;
	return hit ? (size_t)(hit - s.at) : s.len;
}

int ascii_parse_u64(struct span text, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;
	if (text.len == 0)
		return -EINVAL;
	for (size_t i = 0; i < text.len; i++) {
		if (!ascii_is_digit(text.at[i]))
			return -EINVAL;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(text.at[i] - '0'), &value) || value > max)
			return -ERANGE;
	}
	*ret_value = value;
	return 0;
}

void ascii_lower_all(char *text)
{
	for (; *text; text++)
		*text = (char)ascii_lower((uint8_t)*text);
}
