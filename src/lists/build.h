/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LISTS_BUILD_H
#define OFFLIST_LISTS_BUILD_H

#include "lists/record.h"

/* The room's own: one record, put over what it stands on, becomes one complete struct list. */
struct build {
	const struct record *record;
	const struct record_operator *operator; /* NULL: the file has none */
	const struct list *base;                /* the list below it; NULL: a new one, which must be whole */
	const char *file;
	struct arena *arena;
	struct schema_faults *faults;
};

/** @return 0, also with faults told (ret_list then holds what was good); -ENOMEM. */
int build_list(const struct build *b, struct list *ret_list);

/** The keys of `given` (bits of the removal rows) from one to the other. */
void removal_over(struct removal *to, const struct removal *from, uint64_t given);
void terms_over(struct list_terms *to, const struct record_terms *from);

/** The rules that one record alone can break; build_list() calls it. */
void record_check(const struct build *b);

#endif
