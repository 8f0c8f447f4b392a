/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGJOIN_JOIN_NAMES_H
#define OFFLIST_LOGJOIN_JOIN_NAMES_H

#include "base/hash.h"

/* Names of hosts and instances as numbers: few, met on every line, mostly the same as on the line before. */

enum { NAMES_MAX = 1 << 20 };

struct names {
	struct span *name; /* owned octets */
	uint32_t count, size;
	uint32_t *slot; /* index + 1 */
	uint32_t mask;
	uint32_t last;
	struct span last_name;
};

int names_init(struct names *n);
void names_release(struct names *n);
/** As names_number(), of a name that is not the one asked for last. */
uint32_t names_other(struct names *n, struct span name);
/** @return the number of the name, from 0; UINT32_MAX: no memory, or NAMES_MAX reached. */
static inline uint32_t names_number(struct names *n, struct span name)
{
	bool again = n->count && n->last_name.len == name.len && octets_equal(n->last_name.at, name.at, name.len);
	return again ? n->last : names_other(n, name);
}
struct span names_text(const struct names *n, uint32_t number);

#endif
