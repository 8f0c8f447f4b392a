/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>

#include "verdict/budget.h"

#define BURST_DEFAULT 300.0
#define RATE_DEFAULT  2.0  /* queries a second */
#define TOKENS_SLACK  1e-6 /* what rounding may take from a sum of small refills */
#define MS_PER_DAY    86400000LL

static double burst_of(const struct list_terms *terms)
{
	return terms->burst > 0 ? (double)terms->burst : BURST_DEFAULT;
}

static double rate_of(const struct list_terms *terms)
{
	return terms->rate > 0 ? terms->rate : RATE_DEFAULT;
}

static int64_t day_of(int64_t now_ms)
{
	return now_ms / MS_PER_DAY - (now_ms % MS_PER_DAY < 0);
}

static int64_t ms_of(double ms)
{
	return ms >= (double)INT64_MAX ? INT64_MAX : (int64_t)ceil(ms);
}

/*
 * Bring the bucket to now. A clock that went back only moves the marks: nothing is filled, and the queries already
 * sent stay counted, so that it does not wait for a day that lay in a wrong future.
 */
static void advance(struct store_bucket *b, const struct list_terms *terms, int64_t now_ms)
{
	double elapsed_ms = (double)now_ms - (double)b->filled_at_ms;
	if (!(b->tokens > 0)) /* also what is no number */
		b->tokens = 0;
	if (elapsed_ms > 0)
		b->tokens += elapsed_ms / 1000 * rate_of(terms);
	b->tokens = fmin(b->tokens, burst_of(terms));
	b->filled_at_ms = now_ms;

	int64_t day = day_of(now_ms);
	if (day > b->day || b->used_today < 0)
		b->used_today = 0;
	b->day = day;
}

/* What is left of the day, INT64_MAX where nothing is stated. */
static int64_t left_today(const struct store_bucket *b, const struct list_terms *terms)
{
	if (terms->per_day < 0)
		return INT64_MAX;
	return terms->per_day > b->used_today ? terms->per_day - b->used_today : 0;
}

void budget_fill(struct store_bucket *b, const struct list_terms *terms, int64_t now_ms)
{
	*b = (struct store_bucket){.tokens = burst_of(terms), .filled_at_ms = now_ms, .day = day_of(now_ms)};
}

uint32_t budget_take(struct store_bucket *b, const struct list_terms *terms, uint32_t want, int64_t now_ms)
{
	advance(b, terms, now_ms);
	int64_t left = left_today(b, terms);
	uint32_t taken = want < left ? want : (uint32_t)left;
	if (!terms->unlimited) {
		double whole = floor(b->tokens + TOKENS_SLACK);
		if (taken > whole)
			taken = (uint32_t)whole;
		b->tokens = fmax(b->tokens - taken, 0);
	}
	b->used_today += taken;
	return taken;
}

void budget_return(struct store_bucket *b, const struct list_terms *terms, uint32_t unused)
{
	b->used_today = b->used_today > unused ? b->used_today - unused : 0;
	if (!terms->unlimited)
		b->tokens = fmin(b->tokens + unused, burst_of(terms));
}

int64_t budget_wait_ms(const struct store_bucket *b, const struct list_terms *terms, uint32_t want, int64_t now_ms)
{
	struct store_bucket at_now = *b;
	advance(&at_now, terms, now_ms);
	int64_t left = left_today(&at_now, terms);
	if (want == 0)
		return 0;
	if (left == 0)
		return INT64_MAX;
	if (terms->unlimited)
		return 0;
	double need = fmin(fmin(want, floor(burst_of(terms))), (double)left) - at_now.tokens;
	return need > TOKENS_SLACK ? ms_of(need / rate_of(terms) * 1000) : 0;
}

int64_t budget_duration_ms(const struct list_terms *terms, uint64_t queries)
{
	if (terms->per_day >= 0 && queries > (uint64_t)terms->per_day)
		return INT64_MAX;
	double over = (double)queries - burst_of(terms);
	return terms->unlimited || over <= 0 ? 0 : ms_of(over / rate_of(terms) * 1000);
}

int64_t budget_refusal_ms(enum refusal_why why)
{
	switch (why) {
	case WHY_VOLUME:
	case WHY_KEY:
	case WHY_TYPO:
		return MS_PER_DAY;
	default: /* about the resolver or its address: another way of asking may be answered at once */
		return 0;
	}
}
