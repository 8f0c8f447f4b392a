/* SPDX-License-Identifier: BSD-2-Clause */
#include "lists/lists.h"

/* Stands in for the catalogue, which these tests do not need: the rows are written by hand. */
const struct list_answer *list_answer_find(const struct list *l, uint32_t address, size_t *state)
{
	for (; *state < l->answer_count; ++*state) {
		const struct list_answer *r = &l->answers[*state];
		bool fits = r->match == MATCH_BIT ? (address & 0xff & r->first) != 0
						  : address >= r->first && address <= r->last;
		if (fits) {
			*state = r->match == MATCH_BIT ? *state + 1 : l->answer_count;
			return r;
		}
	}
	return NULL;
}

const struct list_refusal *list_refusal_find(const struct list *l, uint32_t address)
{
	for (size_t i = 0; i < l->refusal_count; i++)
		if (address >= l->refusals[i].first && address <= l->refusals[i].last)
			return &l->refusals[i];
	return NULL;
}
