/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_CHANGES_H
#define OFFLIST_CLI_CHANGES_H

#include "check/check.h"

/*
 * What is new since the last check of a target. Only two answers to be believed are compared: a list that was not
 * queried, refused or failed at either time tells nothing.
 */

struct changes_lists {
	const struct list **at;
	size_t count;
};

struct changes {
	int64_t since_ms;             /* the last check */
	struct changes_lists listed;  /* clear then, listed now */
	struct changes_lists removed; /* listed then, clear now */
};

/** Compare with what an offlist.check/1 object says. @return false: it is none. Memory is the arena's. */
bool changes_read(struct span json, const struct check_result *now, struct arena *arena, struct changes *ret_changes);
/**
 * The name under which a check of some lists alone is kept: it takes no whole check's place. The store's names are targets,
 * which hold no blank. @return the target's own name where `zone_count` is 0; NULL: no memory.
 */
const char *changes_name(struct arena *arena, const char *target, const char *const *zones, size_t zone_count);
/** Compare with the last check that the store has of the target, whole or under `name`. @return false: it has none. */
bool changes_find(struct store *store, const char *name, const struct check_result *now, struct arena *arena,
		  struct changes *ret_changes);

#endif
