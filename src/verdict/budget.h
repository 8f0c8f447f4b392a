/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_VERDICT_BUDGET_H
#define OFFLIST_VERDICT_BUDGET_H

#include "lists/lists.h"
#include "store/store.h"

/* Rule 5: how often an operator may be asked. Pure over struct store_bucket; the caller loads and stores it. Terms that
 * say nothing (burst or rate 0) are a burst of 300, then 2 a second. `unlimited` lifts the rate, never per_day. */

/** A full bucket of these terms. */
void budget_fill(struct store_bucket *b, const struct list_terms *terms, int64_t now_ms);
/**
 * Take up to `want` queries now. @return how many may go now (0 to want): bounded by tokens and by what is left of
 * per_day. A clock that went backwards fills nothing and costs nothing.
 */
uint32_t budget_take(struct store_bucket *b, const struct list_terms *terms, uint32_t want, int64_t now_ms);
/** Give back what was taken and not used. */
void budget_return(struct store_bucket *b, const struct list_terms *terms, uint32_t unused);
/** Milliseconds until `want` tokens (at most the burst and what is left of per_day) are there; INT64_MAX: not today (per_day is used up). */
int64_t budget_wait_ms(const struct store_bucket *b, const struct list_terms *terms, uint32_t want, int64_t now_ms);
/** How long `queries` take under these terms from a full bucket, in ms; INT64_MAX where per_day makes it over a day. */
int64_t budget_duration_ms(const struct list_terms *terms, uint64_t queries);
/** How long a list is left alone after a refusal: volume 24 h, key and typo 24 h; 0 for those about the resolver. */
int64_t budget_refusal_ms(enum refusal_why why);

#endif
