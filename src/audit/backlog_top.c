/* SPDX-License-Identifier: BSD-2-Clause */
#include "audit/backlog_top.h"

#include <errno.h>
#include <stdlib.h>

static uint32_t field_of(const struct backlog_row *row, enum backlog_field field)
{
	switch (field) {
	case BACKLOG_SENDERS:
		return row->sender;
	case BACKLOG_SUBJECTS:
		return row->subject;
	case BACKLOG_REASONS:
		return row->reason;
	case BACKLOG_CLIENTS:
		return row->client;
	case BACKLOG_SCRIPTS:
		return row->script;
	case BACKLOG_OWNERS:
		return row->owner;
	default:
		return 0;
	}
}

static void place(struct backlog_tops *t, uint32_t number, size_t count)
{
	size_t at = t->count < BACKLOG_TOP ? t->count++ : BACKLOG_TOP;
	while (at && t->at[at - 1].count < count) {
		if (at < BACKLOG_TOP)
			t->at[at] = t->at[at - 1];
		at--;
	}
	if (at < BACKLOG_TOP) {
		t->at[at].number = number;
		t->at[at].count = count;
	}
}

int backlog_top(const struct backlog *b, uint32_t owner, enum backlog_field field, struct backlog_tops *ret_tops)
{
	size_t numbers = field == BACKLOG_OWNERS    ? b->owner_count
			 : field == BACKLOG_REASONS ? b->reason_count
						    : b->name_count;
	uint32_t *counts = calloc(numbers, sizeof(*counts));
	*ret_tops = (struct backlog_tops){0};
	if (!counts)
		return -ENOMEM;
	for (size_t i = 0; i < b->count; i++)
		if (owner == 0 || b->rows[i].owner == owner)
			counts[field_of(&b->rows[i], field)]++;
	for (uint32_t i = 1; i < numbers; i++) {
		ret_tops->distinct += counts[i] != 0;
		if (counts[i])
			place(ret_tops, i, counts[i]);
	}
	free(counts);
	return 0;
}
