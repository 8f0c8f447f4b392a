/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LISTS_BUILTIN_H
#define OFFLIST_LISTS_BUILTIN_H

#include "lists/lists.h"

/* data/lists as constant tables, ordered by zone; written by tools/compile-data at build time. */
extern const struct list *const catalogue_builtin[];
extern const size_t catalogue_builtin_count;

#endif
