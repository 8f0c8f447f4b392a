/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MAILLOG_JOIN_NAMES_H
#define OFFLIST_MAILLOG_JOIN_NAMES_H

#include "base/span.h"

/* Names of hosts and instances as numbers: few, met on every line, mostly the same as on the line before. */

enum { NAMES_MAX = 1 << 20 };

struct names {
	struct span *name; /* owned octets */
	uint32_t count, size;
	uint32_t *slot; /* index + 1 */
	uint32_t mask;
	uint32_t last;
};

int names_init(struct names *n);
void names_release(struct names *n);
/** @return the number of the name, from 0; UINT32_MAX: no memory, or NAMES_MAX reached. */
uint32_t names_number(struct names *n, struct span name);
struct span names_text(const struct names *n, uint32_t number);

#endif
