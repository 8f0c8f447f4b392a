/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LISTS_KEYS_H
#define OFFLIST_LISTS_KEYS_H

#include "lists/lists.h"
#include "config/schema.h"

/* The room's own: the administrator's keys. They stand in the names of zones, so each is one DNS label; "{key}" must fit
 * in its place (catalogue_redact() works in place). No message shows any of the file's values. */
enum { KEY_OCTETS_MIN = 5, KEY_OCTETS_MAX = 63 };

struct keys {
	struct schema_pair *at; /* longest key first: one may stand inside another */
	size_t count;
};

/** @return 0, also with faults told; -ENOMEM. */
int keys_read(struct span text, const char *file, unsigned int mode, const struct list *const *lists, size_t count,
	      struct arena *arena, struct schema_faults *faults, struct keys *ret_keys);
/** NULL: none of that name. */
const char *keys_find(const struct keys *keys, const char *name);
void keys_redact(const struct keys *keys, char *text);
/** Put "{key}" in the place of whatever label stands in a key's place of these lists' zones (redact.c). */
void redact_zones(const struct list *const *lists, size_t count, char *text);

#endif
