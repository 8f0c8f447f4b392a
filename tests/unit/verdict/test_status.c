/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

static void outcomes_keep_apart(void **state)
{
	static const struct {
		enum dns_outcome outcome;
		enum status status;
		enum why why;
	} rows[] = {
		{DNS_NXDOMAIN, STATUS_CLEAR, STATUS_WHY_NONE},
		{DNS_NODATA, STATUS_CLEAR, STATUS_WHY_NONE},
		{DNS_REFUSED, STATUS_REFUSED, STATUS_WHY_UNKNOWN_REFUSAL},
		{DNS_SERVFAIL, STATUS_UNREACHABLE, STATUS_WHY_SERVFAIL},
		{DNS_FORMERR, STATUS_UNREACHABLE, STATUS_WHY_FORMERR},
		{DNS_LAME, STATUS_UNREACHABLE, STATUS_WHY_LAME},
		{DNS_MALFORMED, STATUS_UNREACHABLE, STATUS_WHY_MALFORMED},
		{DNS_TIMEOUT, STATUS_UNREACHABLE, STATUS_WHY_TIMEOUT},
		{DNS_NETWORK, STATUS_UNREACHABLE, STATUS_WHY_NETWORK},
		{DNS_ANSWER, STATUS_UNREACHABLE, STATUS_WHY_MALFORMED}, /* without an address: never clear */
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bulk_answer a = outcome_of(rows[i].outcome);
		struct finding f;
		status_of_answer(&list_zen, &a, &f);
		assert_int_equal(f.status, rows[i].status);
		assert_int_equal(f.why, rows[i].why);
		assert_int_equal(f.reason_count, 0);
		assert_int_equal(f.impact, IMPACT_HIGH); /* the list's */
	}
}

static void addresses_are_judged(void **state)
{
	static const struct {
		const struct list *list;
		uint32_t a, b; /* b 0: none */
		enum status status;
		enum why why;
		enum impact impact;
		size_t reasons;
	} rows[] = {
		{&list_zen, A + 2, 0, STATUS_LISTED, STATUS_WHY_NONE, IMPACT_HIGH, 1},
		{&list_zen, A + 11, 0, STATUS_LISTED, STATUS_WHY_NONE, IMPACT_MEDIUM, 1},
		{&list_zen, A + 11, A + 4, STATUS_LISTED, STATUS_WHY_NONE, IMPACT_HIGH, 2},
		{&list_zen, A + 4, A + 4, STATUS_LISTED, STATUS_WHY_NONE, IMPACT_HIGH, 1}, /* the same twice */
		{&list_zen, A + 20, 0, STATUS_CLEAR, STATUS_WHY_NONE, IMPACT_HIGH, 1},     /* information only */
		{&list_zen, A + 20, A + 10, STATUS_LISTED, STATUS_WHY_NONE, IMPACT_MEDIUM, 2},
		{&list_zen, A + 99, 0, STATUS_LISTED, STATUS_WHY_NONE, IMPACT_HIGH, 1}, /* unknown: the list's class */
		{&list_white, A + 99, 0, STATUS_CLEAR, STATUS_WHY_NONE, IMPACT_LOW, 1},
		{&list_zen, A + 0xfffffe, 0, STATUS_REFUSED, STATUS_WHY_PUBLIC_RESOLVER, IMPACT_HIGH, 0},
		{&list_zen, A + 0xffffff, 0, STATUS_REFUSED, STATUS_WHY_VOLUME, IMPACT_HIGH, 0},
		{&list_white, A + 0xff0001, 0, STATUS_REFUSED, STATUS_WHY_UNKNOWN_REFUSAL, IMPACT_LOW, 0},
		{&list_zen, A + 2, A + 0xfffffe, STATUS_REFUSED, STATUS_WHY_PUBLIC_RESOLVER, IMPACT_HIGH, 0},
		{&list_zen, A + 0xff0001, A + 0xffffff, STATUS_REFUSED, STATUS_WHY_VOLUME, IMPACT_HIGH,
		 0}, /* the row's */
		{&list_zen, 0xcb007109, 0, STATUS_BROKEN, STATUS_WHY_OUTSIDE_127, IMPACT_HIGH, 0},
		{&list_zen, A + 2, 0xcb007109, STATUS_BROKEN, STATUS_WHY_OUTSIDE_127, IMPACT_HIGH, 0},
		{&list_zen, 0xcb007109, A + 0xfffffe, STATUS_REFUSED, STATUS_WHY_PUBLIC_RESOLVER, IMPACT_HIGH, 0},
		{&list_zen, 0x7effffff, 0, STATUS_BROKEN, STATUS_WHY_OUTSIDE_127, IMPACT_HIGH, 0},
		{&list_zen, 0x80000001, 0, STATUS_BROKEN, STATUS_WHY_OUTSIDE_127, IMPACT_HIGH, 0},
		{&list_bits, A + 72, 0, STATUS_LISTED, STATUS_WHY_NONE, IMPACT_HIGH, 2}, /* two bits */
		{&list_bits, A + 64, 0, STATUS_LISTED, STATUS_WHY_NONE, IMPACT_LOW, 1},
		{&list_bits, A + 1, 0, STATUS_REFUSED, STATUS_WHY_PUBLIC_RESOLVER, IMPACT_MEDIUM, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bulk_answer a = rows[i].b ? answer_of2(rows[i].a, rows[i].b) : answer_of(rows[i].a);
		struct finding f;
		status_of_answer(rows[i].list, &a, &f);
		if (f.status != rows[i].status || f.why != rows[i].why || f.impact != rows[i].impact ||
		    f.reason_count != rows[i].reasons)
			fail_msg("row %zu: %s %s impact %d reasons %zu", i, status_text(f.status),
				 f.why < 0 ? "-" : status_why_text(f.why), f.impact, f.reason_count);
	}
}

static void reasons_carry_the_record(void **state)
{
	struct bulk_answer a = answer_of2(A + 5, A + 99);
	struct finding f;
	status_of_answer(&list_zen, &a, &f);
	assert_int_equal(f.reason_count, 2);
	assert_string_equal(f.reasons[0].answer->list, "XBL");
	assert_int_equal(f.reasons[0].code, A + 5);
	assert_int_equal(f.reasons[0].suggests, 1U << CAUSE_INFECTED_CLIENT);
	assert_null(f.reasons[1].answer);
	assert_int_equal(f.reasons[1].class, CLASS_BLOCK);
	assert_int_equal(f.reasons[1].suggests, 1U << CAUSE_SCRIPT);
	assert_int_equal(status_reason_scope(&list_zen, &f.reasons[0], false), SCOPE_ADDRESS);
	assert_int_equal(status_reason_scope(&list_zen, &f.reasons[0], true), SCOPE_PREFIX64);
	f.reasons[0].scope = SCOPE_AS;
	assert_int_equal(status_reason_scope(&list_zen, &f.reasons[0], true), SCOPE_AS);
	assert_true(status_scope_neighbour(SCOPE_ALLOCATION));
	assert_false(status_scope_neighbour(SCOPE_ADDRESS));
	assert_false(status_scope_neighbour(SCOPE_DOMAIN));
}

/* More reasons than there is room for: the strongest still counts. */
static void too_many_reasons(void **state)
{
	static const struct list_answer rows[] = {
		{MATCH_BIT, 1, 0, "a", "", CLASS_SCORE, IMPACT_LOW, SCOPE_ADDRESS, 0, {0}},
		{MATCH_BIT, 2, 0, "b", "", CLASS_SCORE, IMPACT_LOW, SCOPE_ADDRESS, 0, {0}},
		{MATCH_BIT, 128, 0, "c", "", CLASS_BLOCK, IMPACT_HIGH, SCOPE_ADDRESS, 0, {0}},
	};
	struct list l = {.class = CLASS_SCORE, .answers = rows, .answer_count = 3};
	struct bulk_answer a = {.outcome = DNS_ANSWER, .a_count = BULK_A_MAX};
	for (uint32_t i = 0; i < BULK_A_MAX; i++)
		a.a[i] = A + (i << 8) + (i == BULK_A_MAX - 1 ? 128 : 3);
	struct finding f;
	status_of_answer(&l, &a, &f);
	assert_int_equal(f.reason_count, REASONS_MAX);
	assert_int_equal(f.status, STATUS_LISTED);
	assert_int_equal(f.impact, IMPACT_HIGH);
}

static void every_word_is_there(void **state)
{
	assert_string_equal(status_text(STATUS_NOT_ASKED), "not_asked");
	assert_string_equal(status_text(STATUS_UNREACHABLE), "unreachable");
	assert_string_equal(status_why_text(STATUS_WHY_PUBLIC_RESOLVER), "public_resolver");
	assert_string_equal(status_why_text(STATUS_WHY_LISTS_THE_WORLD), "lists_the_world");
	assert_null(status_why_text(STATUS_WHY_NONE));
	assert_null(status_why_advice(STATUS_WHY_NONE));
	assert_string_equal(status_why_text(STATUS_WHY_RESOLVER_FILTERS), "resolver_filters");
	assert_null(status_why_text(STATUS_WHY_RESOLVER_LIES + 1));
	for (int w = 0; w <= STATUS_WHY_RESOLVER_LIES; w++) {
		assert_non_null(status_why_text((enum why)w));
		const char *advice = status_why_advice((enum why)w);
		assert_non_null(advice);
		assert_int_equal(advice[strlen(advice) - 1], '.');
	}
	for (int s = 0; s < STATUS_COUNT; s++)
		assert_non_null(status_text((enum status)s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcomes_keep_apart),      cmocka_unit_test(addresses_are_judged),
		cmocka_unit_test(reasons_carry_the_record), cmocka_unit_test(too_many_reasons),
		cmocka_unit_test(every_word_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
