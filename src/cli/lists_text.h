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

/** Words of enum query_kind by bit, ended by text NULL. */
struct lists_kind {
	uint32_t bit;
	const char *word, *text;
};
extern const struct lists_kind lists_kinds[];

/** The object of schema offlist.list/1, a line. */
void lists_json(struct buf *out, const struct list *l);
/** Members "code"|"range"|..., "list", "meaning", ... of an answer, into an object that is open. */
void lists_json_answer(struct json *j, const struct list_answer *a);
void lists_json_suggests(struct json *j, uint32_t suggests);

#endif
