/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables by name against counts made the slow way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "logquery/top.h"

enum { NAMES = 5000, LIMIT = 64 };

static struct top_entry *add(struct top *t, unsigned name, uint64_t count)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "u%u@example.com", name);
	return top_add(t, span_of(text, (size_t)n), count);
}

static void exact_while_there_is_room(void **state)
{
	struct top *t = top_new(NAMES);
	const struct top_entry *const *rows;
	size_t count;
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 0; i < NAMES; i++)
			add(t, i, i % 7 + 1)->values[2] += 10;
	assert_int_equal(top_count(t), NAMES);
	assert_int_equal(top_error(t), 0);
	rows = top_sorted(t, TOP_BY_COUNT, &count);
	assert_int_equal(count, NAMES);
	for (size_t i = 1; i < count; i++)
		assert_true(rows[i - 1]->count >= rows[i]->count);
	assert_int_equal(rows[0]->count, 21);
	assert_int_equal(rows[0]->error, 0);
	assert_int_equal(top_find(t, span_str("u8@example.com"))->count, 6);
	assert_int_equal(top_find(t, span_str("u8@example.com"))->values[2], 30);
	assert_null(top_find(t, span_str("u5000@example.com")));
	top_free(t);
}

/* Pseudo-random, the same each time. */
static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* The promises of Space-Saving hold on a stream with a few names that are frequent and many that are not. */
static void bounded_beyond(void **state)
{
	struct top *t = top_new(LIMIT);
	uint64_t truth[NAMES] = {0}, sum = 0;
	const struct top_entry *const *rows;
	uint32_t seed = 7;
	size_t count;
	for (unsigned i = 0; i < 200000; i++) {
		unsigned name = next(&seed) % 2 ? next(&seed) % 8 : next(&seed) % NAMES;
		add(t, name, 1);
		truth[name]++;
		sum++;
	}
	assert_int_equal(top_total(t), sum);
	assert_int_equal(top_count(t), LIMIT);
	assert_true(top_error(t) > 0 && top_error(t) <= sum / LIMIT);
	rows = top_sorted(t, TOP_BY_COUNT, &count);
	for (size_t i = 0; i < count; i++) {
		unsigned name = 0;
		for (size_t d = 1; d < rows[i]->key.len && rows[i]->key.at[d] != '@'; d++)
			name = name * 10 + (unsigned)(rows[i]->key.at[d] - '0');
		assert_true(rows[i]->count >= truth[name]);
		assert_true(rows[i]->count - rows[i]->error <= truth[name]);
		if (i < 8)
			assert_true(name < 8);
	}
	for (unsigned name = 0; name < NAMES; name++) {
		char text[32];
		snprintf(text, sizeof(text), "u%u@example.com", name);
		if (!top_find(t, span_str(text)))
			assert_true(truth[name] <= top_error(t));
	}
	top_free(t);
}

static void sorted_by_a_value(void **state)
{
	struct top *t = top_new(8);
	size_t count;
	top_add(t, span_str("small"), 5)->values[0] = 1;
	top_add(t, span_str("big"), 1)->values[0] = 100;
	top_add(t, span_str("also"), 1)->values[0] = 100;
	assert_memory_equal(top_sorted(t, 0, &count)[0]->key.at, "also", 4);
	assert_memory_equal(top_sorted(t, 0, &count)[1]->key.at, "big", 3);
	assert_memory_equal(top_sorted(t, TOP_BY_COUNT, &count)[0]->key.at, "small", 5);
	assert_memory_equal(top_sorted(t, TOP_BY_NAME, &count)[2]->key.at, "small", 5);
	assert_memory_equal(top_sorted(t, TOP_BY_NAME, &count)[0]->key.at, "also", 4);
	top_free(t);
}

static void odd_names(void **state)
{
	struct top *t = top_new(1);
	char longer[TOP_KEY_MAX + 9] = {0};
	size_t count;
	assert_null(top_sorted(t, TOP_BY_COUNT, &count));
	assert_int_equal(count, 0);
	assert_int_equal(top_add(t, span_of(NULL, 0), 2)->count, 2);
	assert_int_equal(top_add(t, span_of(longer, sizeof(longer)), 1)->count, 3);
	assert_int_equal(top_add(t, span_of(longer, sizeof(longer) - 1), 1)->count, 4);
	assert_int_equal(top_error(t), 2);
	top_free(t);
	top_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact_while_there_is_room),
		cmocka_unit_test(bounded_beyond),
		cmocka_unit_test(sorted_by_a_value),
		cmocka_unit_test(odd_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
