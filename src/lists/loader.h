/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LISTS_LOADER_H
#define OFFLIST_LISTS_LOADER_H

#include "lists/record.h"

/* The room's own: files of one layer (data/, or the administrator's) over the lists below it. Knows no built-in table, so
 * that the build step can use it to make that table. */
struct loaded;

struct loader {
	struct arena *arena;
	struct schema_faults *faults;
	const struct list *const *base; /* ordered by zone */
	size_t base_count;
	struct loaded *records; /* newest first */
	size_t count;
};

/** All records of one file. @return 0, also with faults told; -ENOMEM. */
int loader_add(struct loader *l, struct span text, const char *file);
/**
 * Both layers as one, ordered by zone; checks what records say of each other.
 * @param ret_lists  owned by the arena.
 * @return 0, also with faults told; -ENOMEM.
 */
int loader_finish(struct loader *l, const struct list *const **ret_lists, size_t *ret_count);

/** In lists ordered by zone, as catalogue_find(). */
const struct list *loader_find(const struct list *const *lists, size_t count, const char *zone);

#endif
