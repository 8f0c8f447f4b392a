/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#include "verdict/budget.h"

#define DAY 86400000LL
#define NOW (20000 * DAY + 3600000) /* an hour into a UTC day */

static const struct list_terms silent = {.per_day = -1, .rate = 2, .burst = 300};

static void burst_then_rate(void **state)
{
	struct store_bucket b;
	budget_fill(&b, &silent, NOW);
	assert_int_equal(budget_take(&b, &silent, 200, NOW), 200);
	assert_int_equal(budget_take(&b, &silent, 200, NOW), 100);
	assert_int_equal(budget_take(&b, &silent, 1, NOW), 0);
	assert_int_equal(budget_wait_ms(&b, &silent, 1, NOW), 500);
	assert_int_equal(budget_wait_ms(&b, &silent, 10, NOW), 5000);
	assert_int_equal(budget_wait_ms(&b, &silent, 1000, NOW), 150000); /* the burst is all there can be */
	assert_int_equal(budget_take(&b, &silent, 5, NOW + 499), 0);
	assert_int_equal(budget_take(&b, &silent, 5, NOW + 500), 1);
	assert_int_equal(budget_take(&b, &silent, 500, NOW + 3600000), 300);
	assert_int_equal(b.used_today, 601);
}

static void silent_terms_have_defaults(void **state)
{
	struct list_terms nothing = {.per_day = -1};
	struct store_bucket b;
	budget_fill(&b, &nothing, NOW);
	assert_int_equal(budget_take(&b, &nothing, 1000, NOW), 300);
	assert_int_equal(budget_wait_ms(&b, &nothing, 1, NOW), 500);
}

static void small_steps_lose_nothing(void **state)
{
	struct list_terms t = {.per_day = -1, .rate = 0.1, .burst = 1};
	struct store_bucket b;
	budget_fill(&b, &t, NOW);
	assert_int_equal(budget_take(&b, &t, 1, NOW), 1);
	for (int i = 1; i < 10000; i += 7)
		assert_int_equal(budget_take(&b, &t, 1, NOW + i), 0);
	assert_int_equal(budget_take(&b, &t, 1, NOW + 10000), 1);
}

/* What wait promises is there then, however often it was looked at in between. */
static void waits_are_kept(void **state)
{
	static const double rates[] = {0.1, 0.3, 0.7, 1.1, 2, 3, 7.7, 100};
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		for (uint32_t want = 1; want <= 5; want++) {
			struct list_terms t = {.per_day = -1, .rate = rates[i], .burst = 5};
			struct store_bucket b;
			budget_fill(&b, &t, NOW);
			assert_int_equal(budget_take(&b, &t, 5, NOW), 5);
			int64_t wait_ms = budget_wait_ms(&b, &t, want, NOW);
			for (int64_t ms = 1; ms < wait_ms; ms++)
				(void)budget_take(&b, &t, 0, NOW + ms);
			assert_int_equal(budget_take(&b, &t, want, NOW + wait_ms), want);
		}
}

static void per_day_by_utc_day(void **state)
{
	struct list_terms t = {.per_day = 10, .rate = 100, .burst = 100};
	int64_t last_ms = 20001 * DAY - 1;
	struct store_bucket b;
	budget_fill(&b, &t, last_ms);
	assert_int_equal(budget_wait_ms(&b, &t, 50, last_ms), 0); /* ten may go */
	assert_int_equal(budget_take(&b, &t, 50, last_ms), 10);
	assert_int_equal(budget_take(&b, &t, 1, last_ms), 0);
	assert_true(budget_wait_ms(&b, &t, 1, last_ms) == INT64_MAX);
	assert_int_equal(budget_wait_ms(&b, &t, 1, last_ms + 1), 0);
	assert_int_equal(budget_take(&b, &t, 50, last_ms + 1), 10);
	budget_return(&b, &t, 4);
	assert_int_equal(b.used_today, 6);
	assert_int_equal(budget_take(&b, &t, 50, last_ms + 1), 4);
}

static void clock_jumps_are_harmless(void **state)
{
	struct store_bucket b;
	budget_fill(&b, &silent, NOW);
	assert_int_equal(budget_take(&b, &silent, 300, NOW), 300);
	/* back: nothing filled, nothing lost, and it goes on from there */
	assert_int_equal(budget_take(&b, &silent, 1, NOW - 10 * DAY), 0);
	assert_int_equal(budget_wait_ms(&b, &silent, 1, NOW - 20 * DAY), 500);
	assert_int_equal(budget_take(&b, &silent, 5, NOW - 10 * DAY + 1000), 2);
	assert_int_equal(b.used_today, 302);
	/* forward: at most the burst */
	assert_int_equal(budget_take(&b, &silent, 1000, INT64_MAX), 300);
	assert_int_equal(budget_take(&b, &silent, 1000, INT64_MIN), 0);
	/* back from a wrong future: the day does not stay used up until that future comes */
	struct list_terms daily = {.per_day = 10, .rate = 100, .burst = 100};
	budget_fill(&b, &daily, NOW + 400 * DAY);
	assert_int_equal(budget_take(&b, &daily, 10, NOW + 400 * DAY), 10);
	assert_int_equal(budget_take(&b, &daily, 10, NOW), 0);
	assert_int_equal(budget_take(&b, &daily, 10, NOW + DAY), 10);
}

static void damaged_buckets_are_harmless(void **state)
{
	struct store_bucket b = {.tokens = 0.0 / 0.0, .filled_at_ms = NOW, .day = 20000, .used_today = -5};
	assert_int_equal(budget_take(&b, &silent, 10, NOW), 0);
	b = (struct store_bucket){.tokens = 1e300, .filled_at_ms = NOW, .day = 20000};
	assert_int_equal(budget_take(&b, &silent, 1000, NOW), 300);
	b = (struct store_bucket){.tokens = -50, .filled_at_ms = NOW, .day = 20000};
	assert_int_equal(budget_wait_ms(&b, &silent, 1, NOW), 500);
}

static void unlimited_keeps_the_day(void **state)
{
	struct list_terms t = {.per_day = -1, .unlimited = true};
	struct store_bucket b;
	budget_fill(&b, &t, NOW);
	assert_int_equal(budget_take(&b, &t, 1000000, NOW), 1000000);
	assert_int_equal(budget_wait_ms(&b, &t, 1000000, NOW), 0);
	t.per_day = 1000500;
	assert_int_equal(budget_take(&b, &t, 1000000, NOW), 500);
}

static void giving_back_stays_in_the_burst(void **state)
{
	struct store_bucket b;
	budget_fill(&b, &silent, NOW);
	budget_return(&b, &silent, 50);
	assert_int_equal(b.used_today, 0);
	assert_int_equal(budget_take(&b, &silent, 1000, NOW), 300);
}

static void durations_and_refusals(void **state)
{
	struct list_terms daily = {.per_day = 1000, .rate = 2, .burst = 300};
	struct list_terms none = {.per_day = -1, .unlimited = true};
	assert_int_equal(budget_duration_ms(&silent, 300), 0);
	assert_int_equal(budget_duration_ms(&silent, 302), 1000);
	assert_int_equal(budget_duration_ms(&daily, 1000), 350000);
	assert_true(budget_duration_ms(&daily, 1001) == INT64_MAX);
	assert_int_equal(budget_duration_ms(&none, 1U << 30), 0);
	assert_true(budget_duration_ms(&silent, UINT64_MAX) == INT64_MAX);
	assert_int_equal(budget_refusal_ms(WHY_VOLUME), DAY);
	assert_int_equal(budget_refusal_ms(WHY_KEY), DAY);
	assert_int_equal(budget_refusal_ms(WHY_TYPO), DAY);
	assert_int_equal(budget_refusal_ms(WHY_PUBLIC_RESOLVER), 0);
	assert_int_equal(budget_refusal_ms(WHY_GENERIC_PTR), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(burst_then_rate),          cmocka_unit_test(silent_terms_have_defaults),
		cmocka_unit_test(small_steps_lose_nothing), cmocka_unit_test(per_day_by_utc_day),
		cmocka_unit_test(clock_jumps_are_harmless), cmocka_unit_test(damaged_buckets_are_harmless),
		cmocka_unit_test(unlimited_keeps_the_day),  cmocka_unit_test(giving_back_stays_in_the_burst),
		cmocka_unit_test(durations_and_refusals),   cmocka_unit_test(waits_are_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
