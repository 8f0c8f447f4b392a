/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_LISTS_TEXT_H
#define OFFLIST_CLI_LISTS_TEXT_H

#include "base/buf.h"
#include "base/json.h"
#include "lists/lists.h"

/* One record of the catalogue, for people and for programs. */

/** All of a record as text of `width` columns. */
void lists_show(struct buf *out, const struct list *l, unsigned width);
/** Whether the word stands in the list's name or its operator's; ASCII case ignored. */
bool lists_is_named(const struct list *l, const char *word);
/** "IPv4, IPv6": what a list is asked with; "cannot be asked". */
void lists_query_text(struct buf *out, const struct list *l);
/** "self_service" as "self service". */
void lists_add_word(struct buf *out, const char *word);

#endif
