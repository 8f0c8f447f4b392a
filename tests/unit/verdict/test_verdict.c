/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#include "verdict/verdict.h"

static const struct verdict_rules normal = {.min_impact = IMPACT_MEDIUM};
static const struct verdict_rules strict = {.min_impact = IMPACT_MEDIUM, .strict = true};

static const struct list low = {.class = CLASS_BLOCK, .impact = IMPACT_LOW};

static void add(struct verdict_tally *t, const struct verdict_rules *r, const struct list *l, int n, enum status s,
		enum why w)
{
	struct finding f = {.status = s, .why = w, .impact = l->impact};
	while (n-- > 0)
		verdict_add(t, r, l, &f);
}

/* rule 4: clear lists, silent lists, of low impact */
static void silence_makes_unknown(void **state)
{
	static const struct {
		int clear, silent;
		enum verdict verdict;
	} rows[] = {
		{0, 0, VERDICT_UNKNOWN}, {1, 0, VERDICT_CLEAR},     {0, 1, VERDICT_UNKNOWN}, {0, 2, VERDICT_UNKNOWN},
		{1, 2, VERDICT_CLEAR},   {5, 2, VERDICT_CLEAR},     {5, 3, VERDICT_UNKNOWN}, {26, 3, VERDICT_UNKNOWN},
		{27, 3, VERDICT_CLEAR}, /* exactly a tenth is not more */
		{90, 10, VERDICT_CLEAR}, {89, 10, VERDICT_UNKNOWN},
	};
	static const struct {
		enum status status;
		enum why why;
	} silences[] = {
		{STATUS_REFUSED, STATUS_WHY_PUBLIC_RESOLVER}, {STATUS_REFUSED, STATUS_WHY_VOLUME},
		{STATUS_BROKEN, STATUS_WHY_NO_TEST_POINT},    {STATUS_UNREACHABLE, STATUS_WHY_TIMEOUT},
		{STATUS_NOT_ASKED, STATUS_WHY_BUDGET},        {STATUS_NOT_ASKED, STATUS_WHY_INTERRUPTED},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t k = 0; k < sizeof(silences) / sizeof(silences[0]); k++) {
			struct verdict_tally t = {0};
			add(&t, &normal, &low, rows[i].clear, STATUS_CLEAR, STATUS_WHY_NONE);
			add(&t, &normal, &low, rows[i].silent, silences[k].status, silences[k].why);
			if (verdict_of(&t) != rows[i].verdict)
				fail_msg("row %zu, silence %zu: %s", i, k, verdict_text(verdict_of(&t)));
			assert_int_equal(t.by_status[silences[k].status], rows[i].silent);
		}
}

static void one_high_list_makes_unknown(void **state)
{
	struct verdict_tally t = {0};
	add(&t, &normal, &low, 60, STATUS_CLEAR, STATUS_WHY_NONE);
	add(&t, &normal, &list_zen, 1, STATUS_UNREACHABLE, STATUS_WHY_TIMEOUT);
	assert_int_equal(verdict_of(&t), VERDICT_UNKNOWN);

	t = (struct verdict_tally){0}; /* its impact stands at an answer */
	add(&t, &normal, &low, 60, STATUS_CLEAR, STATUS_WHY_NONE);
	add(&t, &normal, &list_bits, 1, STATUS_NOT_ASKED, STATUS_WHY_BUDGET);
	assert_int_equal(verdict_of(&t), VERDICT_UNKNOWN);
}

static void missing_keys_do_not_count(void **state)
{
	static const struct {
		enum status status;
		enum why why;
		enum verdict normal, strict;
	} rows[] = {
		{STATUS_NOT_ASKED, STATUS_WHY_NO_KEY, VERDICT_CLEAR, VERDICT_UNKNOWN},
		{STATUS_REFUSED, STATUS_WHY_KEY, VERDICT_CLEAR, VERDICT_UNKNOWN},
		{STATUS_REFUSED, STATUS_WHY_REGISTRATION, VERDICT_CLEAR, VERDICT_UNKNOWN},
		{STATUS_NOT_ASKED, STATUS_WHY_PART_OF, VERDICT_CLEAR, VERDICT_CLEAR},
		{STATUS_REFUSED, STATUS_WHY_TYPO, VERDICT_UNKNOWN, VERDICT_UNKNOWN},
		{STATUS_REFUSED, STATUS_WHY_GENERIC_PTR, VERDICT_UNKNOWN, VERDICT_UNKNOWN},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verdict_tally t = {0}, s = {0};
		add(&t, &normal, &low, 1, STATUS_CLEAR, STATUS_WHY_NONE);
		add(&s, &strict, &low, 1, STATUS_CLEAR, STATUS_WHY_NONE);
		add(&t, &normal, &list_zen, 1, rows[i].status, rows[i].why);
		add(&s, &strict, &list_zen, 1, rows[i].status, rows[i].why);
		assert_int_equal(verdict_of(&t), rows[i].normal);
		assert_int_equal(verdict_of(&s), rows[i].strict);
		assert_int_equal(t.by_status[rows[i].status], 1);
	}
}

static void a_listing_beats_silence(void **state)
{
	struct verdict_tally t = {0};
	add(&t, &normal, &list_zen, 9, STATUS_UNREACHABLE, STATUS_WHY_TIMEOUT);
	add(&t, &normal, &list_bits, 1, STATUS_LISTED, STATUS_WHY_NONE); /* medium */
	assert_int_equal(verdict_of(&t), VERDICT_LISTED);
}

static void min_impact_and_nagios(void **state)
{
	static const struct {
		enum impact min, listing;
		enum verdict verdict;
		int nagios, neighbour;
	} rows[] = {
		{IMPACT_MEDIUM, IMPACT_LOW, VERDICT_CLEAR, 1, 1},
		{IMPACT_MEDIUM, IMPACT_MEDIUM, VERDICT_LISTED, 2, 1},
		{IMPACT_MEDIUM, IMPACT_HIGH, VERDICT_LISTED, 2, 1},
		{IMPACT_LOW, IMPACT_LOW, VERDICT_LISTED, 1, 1},
		{IMPACT_HIGH, IMPACT_MEDIUM, VERDICT_CLEAR, 1, 1},
		{IMPACT_HIGH, IMPACT_HIGH, VERDICT_LISTED, 2, 1},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verdict_rules r = {.min_impact = rows[i].min};
		struct verdict_tally t = {0};
		struct finding f = {.status = STATUS_LISTED, .why = STATUS_WHY_NONE, .impact = rows[i].listing};
		verdict_add(&t, &r, &low, &f);
		assert_int_equal(verdict_of(&t), rows[i].verdict);
		assert_int_equal(verdict_nagios(&t, false), rows[i].nagios);
		assert_int_equal(verdict_nagios(&t, true), rows[i].neighbour);
	}
	struct verdict_tally t = {0};
	assert_int_equal(verdict_nagios(&t, false), 3);
	add(&t, &normal, &low, 1, STATUS_CLEAR, STATUS_WHY_NONE);
	assert_int_equal(verdict_nagios(&t, false), 0);
	add(&t, &normal, &low, 1, STATUS_LISTED, STATUS_WHY_NONE);
	assert_int_equal(verdict_nagios(&t, false), 1);
	add(&t, &normal, &list_zen, 1, STATUS_BROKEN, STATUS_WHY_OUTSIDE_127);
	assert_int_equal(verdict_nagios(&t, false), 3);
}

static void exits_join(void **state)
{
	assert_int_equal(verdict_exit(VERDICT_CLEAR), 0);
	assert_int_equal(verdict_exit(VERDICT_LISTED), 1);
	assert_int_equal(verdict_exit(VERDICT_UNKNOWN), 2);
	static const int rows[][3] = {{0, 0, 0}, {0, 2, 2}, {2, 0, 2}, {1, 2, 1}, {2, 1, 1}, {0, 1, 1}, {1, 0, 1}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(verdict_exit_join(rows[i][0], rows[i][1]), rows[i][2]);
	assert_string_equal(verdict_text(VERDICT_UNKNOWN), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_makes_unknown),     cmocka_unit_test(one_high_list_makes_unknown),
		cmocka_unit_test(missing_keys_do_not_count), cmocka_unit_test(a_listing_beats_silence),
		cmocka_unit_test(min_impact_and_nagios),     cmocka_unit_test(exits_join),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
