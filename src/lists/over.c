/* SPDX-License-Identifier: BSD-2-Clause */
/* One map put over another, key by key. */
#include "lists/build.h"

#define TAKE(row, member)                                                                                              \
	if ((given >> (row)) & 1)                                                                                      \
	to->member = from->member

void removal_over(struct removal *to, const struct removal *from, uint64_t given)
{
	TAKE(REMOVAL_ROW_METHOD, method);
	TAKE(REMOVAL_ROW_WHO, who);
	TAKE(REMOVAL_ROW_URL, url);
	TAKE(REMOVAL_ROW_ADDRESS, address);
	TAKE(REMOVAL_ROW_FIRST, first);
	TAKE(REMOVAL_ROW_STEPS, steps);
	TAKE(REMOVAL_ROW_COOLDOWN, cooldown_s);
	TAKE(REMOVAL_ROW_EXPIRES, expires_after_s);
	TAKE(REMOVAL_ROW_PAID, paid);
	TAKE(REMOVAL_ROW_COUNTS, counts_removals);
	TAKE(REMOVAL_ROW_ADVICE, advice);
}

void terms_over(struct list_terms *to, const struct record_terms *terms)
{
	const struct list_terms *from = &terms->v;
	uint64_t given = terms->seen.given;
	TAKE(TERMS_ROW_PER_DAY, per_day);
	TAKE(TERMS_ROW_BURST, burst);
	TAKE(TERMS_ROW_RESOLVERS, public_resolvers);
	TAKE(TERMS_ROW_COMMERCIAL, commercial);
	TAKE(TERMS_ROW_SWEEPS, sweeps);
	TAKE(TERMS_ROW_NOTE, note);
	if (given >> TERMS_ROW_REGISTRATION & 1)
		to->registration = terms->registration != 0;
	if (given >> TERMS_ROW_RATE & 1) {
		to->unlimited = from->unlimited;
		/* `none` keeps a rate below it, for whoever takes the word away again */
		to->rate = from->unlimited ? to->rate : from->rate;
	}
}
