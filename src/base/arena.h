/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_BASE_ARENA_H
#define OFFLIST_BASE_ARENA_H

#include "base/span.h"

struct arena_block;

/** Memory that is freed all at once; one for a transaction or a loaded file. Never grows past `max` octets. */
struct arena {
	struct arena_block *blocks;
	size_t used, max;
};

static inline struct arena arena_make(size_t max)
{
	return (struct arena){.max = max};
}

void arena_release(struct arena *a);

/**
 * @return count * size zeroed octets, aligned for any type, owned by the arena; NULL when memory or the maximum is
 * used up or the product overflows.
 */
void *arena_alloc(struct arena *a, size_t count, size_t size);

/** A NUL-ended copy, owned by the arena; NULL as for arena_alloc(). */
char *arena_copy(struct arena *a, struct span text);

char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
