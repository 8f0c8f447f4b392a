/* SPDX-License-Identifier: BSD-2-Clause */
/* Nearest name for messages about names that are not known. */
#include "cli/nearest.h"

#include <limits.h>
#include <string.h>

#include "base/ascii.h"

enum { NAME_MAX_LEN = 80 }; /* longer ones are not compared: zones and options are shorter */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Restricted Damerau-Levenshtein distance; three rows are enough. */
static unsigned distance(const char *a, size_t an, const char *b, size_t bn)
{
	unsigned rows[3][NAME_MAX_LEN + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2], *spare;
	for (size_t j = 0; j <= bn; j++)
		last[j] = before[j] = (unsigned)j;
	for (size_t i = 1; i <= an; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= bn; j++) {
			uint8_t x = ascii_lower((uint8_t)a[i - 1]), y = ascii_lower((uint8_t)b[j - 1]);
			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == ascii_lower((uint8_t)b[j - 2]) &&
			    y == ascii_lower((uint8_t)a[i - 2]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[bn];
}

struct nearest nearest_to(const char *wanted)
{
	return (struct nearest){.wanted = wanted, .distance = UINT_MAX};
}

void nearest_try(struct nearest *n, const char *name)
{
	size_t wanted = strlen(n->wanted), len = strlen(name);
	unsigned limit = (unsigned)(wanted / 3 + 1), d;
	if (wanted == 0 || wanted > NAME_MAX_LEN || len > NAME_MAX_LEN)
		return;
	d = distance(n->wanted, wanted, name, len);
	/* a beginning counts as one step: "zen" is near zen.spamhaus.org */
	if (wanted >= 3 && len > wanted && span_equal_nocase(span_of(name, wanted), span_str(n->wanted)))
		d = 1;
	if (d <= limit && d < n->distance) {
		n->distance = d;
		n->name = name;
	}
}
