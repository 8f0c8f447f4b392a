/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_VIEW_VIEW_LIST_H
#define OFFLIST_VIEW_VIEW_LIST_H

#include "base/buf.h"
#include "base/json.h"
#include "lists/lists.h"

/** Words of enum query_kind by bit, ended by text NULL. */
struct view_list_kind {
	uint32_t bit;
	const char *word, *text;
};
extern const struct view_list_kind view_list_kinds[];

/** The object of schema offlist.list/1, a line. */
void view_list(struct buf *out, const struct list *l);
/** Members "code"|"range"|..., "list", "meaning", ... of an answer, into an object that is open. */
void view_list_answer(struct json *j, const struct list_answer *a);
void view_list_suggests(struct json *j, uint32_t suggests);

#endif
