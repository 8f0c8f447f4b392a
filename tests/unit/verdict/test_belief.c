/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#include "verdict/belief.h"

enum { RANDOM = 2 }; /* the number of the first random point */

/* Answers for the listed point, the clear one, and each random one; 0 is NXDOMAIN, below 256 an outcome + 1. */
static struct bulk_answer answer_at(uint32_t v)
{
	if (v == 0)
		return outcome_of(DNS_NXDOMAIN);
	return v < 256 ? outcome_of((enum dns_outcome)(v - 1)) : answer_of(v);
}

#define OUTCOME(o) ((o) + 1)
#define SAME       9999 /* in the place of the second random one: all answer the first one's */

struct world {
	const struct list *list;
	enum belief_family family;
	uint32_t listed, clear, random, more;
	enum belief_state state;
	enum why why;
	int asked;
};

static void run(const struct world *w, size_t row, bool backwards)
{
	struct belief b;
	struct belief_point waiting[BELIEF_POINTS_MAX];
	size_t n = 0;
	belief_init(&b, w->list, w->family, 42 + row);
	while (belief_next(&b, &waiting[n]))
		n++;
	assert_true(n <= 3); /* no more than three at first */
	while (n > 0) {
		struct belief_point p = waiting[backwards ? n - 1 : 0];
		if (!backwards)
			memmove(waiting, waiting + 1, (n - 1) * sizeof(waiting[0]));
		n--;
		uint32_t v = p.number == 0                           ? w->listed
			     : p.number == 1                         ? w->clear
			     : p.number == RANDOM || w->more == SAME ? w->random
								     : w->more;
		struct bulk_answer a = answer_at(v);
		belief_feed(&b, p.number, &a);
		while (belief_next(&b, &waiting[n]))
			n++;
		if (b.state != BELIEF_ASKING)
			break;
	}
	if (b.state != w->state || b.why != w->why || (w->asked && b.asked != w->asked))
		fail_msg("row %zu %s: state %d why %s asked %d", row, backwards ? "backwards" : "", b.state,
			 b.why < 0 ? "-" : status_why_text(b.why), b.asked);
}

static const struct list bare = {.class = CLASS_BLOCK}; /* no test points */

static void lists_are_judged(void **state)
{
	struct list odd = list_zen; /* the test point answers what refuses elsewhere */
	odd.test.answer = A + 0xfffffe;
	const enum dns_outcome to = DNS_TIMEOUT;
	const struct world rows[] = {
		{&list_zen, BELIEF_IP4, A + 2, 0, 0, 0, BELIEF_GOOD, STATUS_WHY_NONE, 3},
		{&list_zen, BELIEF_IP4, A + 99, OUTCOME(DNS_NODATA), OUTCOME(DNS_NODATA), 0, BELIEF_GOOD,
		 STATUS_WHY_NONE, 3},
		{&list_zen, BELIEF_IP4, 0, 0, 0, 0, BELIEF_BROKEN, STATUS_WHY_NO_TEST_POINT, 3},
		{&list_zen, BELIEF_IP4, OUTCOME(DNS_NODATA), 0, 0, 0, BELIEF_BROKEN, STATUS_WHY_NO_TEST_POINT, 3},
		{&list_zen, BELIEF_IP4, A + 2, A + 2, 0, 0, BELIEF_BROKEN, STATUS_WHY_LISTS_LOCALHOST, 3},
		{&list_zen, BELIEF_IP4, 0xcb007109, 0, 0, 0, BELIEF_BROKEN, STATUS_WHY_OUTSIDE_127, 3},
		{&list_zen, BELIEF_IP4, A + 2, 0xcb007109, 0xcb007109, 0, BELIEF_BROKEN, STATUS_WHY_OUTSIDE_127, 3},
		{&list_zen, BELIEF_IP4, A + 2, 0, 0xcb007109, 0, BELIEF_BROKEN, STATUS_WHY_OUTSIDE_127, 3},
		{&list_zen, BELIEF_IP4, A + 0xfffffe, 0, 0, 0, BELIEF_REFUSED, STATUS_WHY_PUBLIC_RESOLVER, 3},
		{&list_zen, BELIEF_IP4, A + 2, 0, A + 0xffffff, 0, BELIEF_REFUSED, STATUS_WHY_VOLUME, 3},
		{&list_zen, BELIEF_IP4, OUTCOME(DNS_REFUSED), OUTCOME(DNS_REFUSED), OUTCOME(DNS_REFUSED), 0,
		 BELIEF_REFUSED, STATUS_WHY_UNKNOWN_REFUSAL, 3},
		{&list_zen, BELIEF_IP4, OUTCOME(to), OUTCOME(to), OUTCOME(to), 0, BELIEF_UNREACHABLE,
		 STATUS_WHY_TIMEOUT, 3},
		{&list_zen, BELIEF_IP4, A + 2, 0, OUTCOME(DNS_SERVFAIL), 0, BELIEF_UNREACHABLE, STATUS_WHY_SERVFAIL, 3},
		{&list_zen, BELIEF_IP4, A + 2, OUTCOME(DNS_LAME), 0, 0, BELIEF_UNREACHABLE, STATUS_WHY_LAME, 3},
		/* points that differ: refused, unreachable, broken */
		{&list_zen, BELIEF_IP4, 0, OUTCOME(to), A + 0xfffffe, 0, BELIEF_REFUSED, STATUS_WHY_PUBLIC_RESOLVER, 3},
		{&list_zen, BELIEF_IP4, 0, 0, OUTCOME(to), 0, BELIEF_UNREACHABLE, STATUS_WHY_TIMEOUT, 3},
		{&list_zen, BELIEF_IP4, OUTCOME(DNS_SERVFAIL), 0xcb007109, 0, 0, BELIEF_UNREACHABLE,
		 STATUS_WHY_SERVFAIL, 3},
		/* a policy list holds much, not all; a list of another answer lists no world */
		{&list_zen, BELIEF_IP4, A + 2, 0, A + 10, 0, BELIEF_GOOD, STATUS_WHY_NONE, 4},
		{&list_zen, BELIEF_IP4, A + 2, 0, A + 10, A + 11, BELIEF_GOOD, STATUS_WHY_NONE, 4},
		{&list_zen, BELIEF_IP4, A + 2, 0, A + 2, SAME, BELIEF_BROKEN, STATUS_WHY_LISTS_THE_WORLD, 10},
		{&list_white, BELIEF_IP4, A + 2, 0, A + 2, SAME, BELIEF_BROKEN, STATUS_WHY_LISTS_THE_WORLD, 9},
		/* exceptions of the record */
		{&odd, BELIEF_IP4, A + 0xfffffe, 0, 0, 0, BELIEF_GOOD, STATUS_WHY_NONE, 3},
		{&odd, BELIEF_IP4, A + 2, A + 0xfffffe, 0, 0, BELIEF_REFUSED, STATUS_WHY_PUBLIC_RESOLVER, 3},
		{&list_white, BELIEF_IP4, A + 2, A + 1, 0, 0, BELIEF_GOOD, STATUS_WHY_NONE, 2}, /* clear: none */
		{&bare, BELIEF_IP4, 0, 0, 0, 0, BELIEF_GOOD, STATUS_WHY_NONE, 1},
		{&bare, BELIEF_IP4, 0, 0, A + 2, SAME, BELIEF_BROKEN, STATUS_WHY_LISTS_THE_WORLD, 8},
		{&list_zen, BELIEF_IP6, 0, 0, 0, 0, BELIEF_GOOD, STATUS_WHY_NONE, 1},
		/* names */
		{&list_bits, BELIEF_DOMAIN, A + 126, 0, 0, 0, BELIEF_GOOD, STATUS_WHY_NONE, 3},
		{&list_bits, BELIEF_DOMAIN, A + 126, A + 64, A + 64, SAME, BELIEF_BROKEN, STATUS_WHY_LISTS_THE_WORLD,
		 0},
		{&list_bits, BELIEF_DOMAIN, A + 1, A + 1, A + 1, 0, BELIEF_REFUSED, STATUS_WHY_PUBLIC_RESOLVER, 3},
		{&list_bits, BELIEF_DOMAIN, 0, 0, 0, 0, BELIEF_BROKEN, STATUS_WHY_NO_TEST_POINT, 3},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run(&rows[i], i, false);
		run(&rows[i], i, true);
	}
}

/* No caller can make it judge too early, or twice, by feeding what was not asked. */
static void stray_answers_change_nothing(void **state)
{
	struct bulk_answer yes = answer_of(A + 2), no = outcome_of(DNS_NXDOMAIN);
	struct belief_point p;
	struct belief b;
	belief_init(&b, &list_zen, BELIEF_IP4, 1);
	belief_feed(&b, 0, &yes);
	belief_feed(&b, -1, &yes);
	belief_feed(&b, 99, &yes);
	assert_int_equal(b.fed, 0);
	assert_true(belief_next(&b, &p));
	assert_int_equal(p.number, 0);
	belief_feed(&b, 0, &yes);
	belief_feed(&b, 0, &no);
	assert_int_equal(b.state, BELIEF_ASKING); /* two points were not even asked */
	assert_true(belief_next(&b, &p));
	belief_feed(&b, p.number, &no);
	assert_true(belief_next(&b, &p));
	assert_int_equal(p.number, RANDOM);
	belief_feed(&b, p.number, &no);
	assert_int_equal(b.state, BELIEF_GOOD);
	belief_feed(&b, 3, &yes);
	assert_int_equal(b.state, BELIEF_GOOD);
	assert_false(belief_next(&b, &p));
}

static void mapped_test_points_stay_ip6(void **state)
{
	static const uint8_t mapped[16] = {[10] = 0xff, 0xff, 127, 0, 0, 2};
	struct list l = {.test = {.ip6 = true, .ip6_listed = {4, {127, 0, 0, 2}}}};
	struct belief_point p;
	struct belief b;
	belief_init(&b, &l, BELIEF_IP6, 1);
	assert_true(belief_next(&b, &p));
	assert_int_equal(p.number, 0);
	assert_int_equal(p.addr.family, 6);
	assert_memory_equal(p.addr.octets, mapped, 16);
	assert_true(belief_next(&b, &p)); /* clear: none */
	assert_int_equal(p.number, RANDOM);
}

static bool special_8(uint8_t o)
{
	return o == 0 || o == 10 || o == 100 || o == 127 || o == 169 || o == 172 || o == 192 || o == 198 || o == 203 ||
	       o >= 224;
}

/* Feed listings until eight points went out. @return how many. */
static int draw(enum belief_family family, uint64_t seed, struct belief_point p[BELIEF_RANDOM_MAX])
{
	struct bulk_answer yes = answer_of(A + 2);
	struct belief b;
	int n = 0;
	belief_init(&b, &bare, family, seed);
	while (n < BELIEF_RANDOM_MAX && belief_next(&b, &p[n]))
		belief_feed(&b, p[n++].number, &yes);
	return n;
}

static void random_addresses_are_public_and_unrelated(void **state)
{
	for (uint64_t seed = 0; seed < 3000; seed++) {
		struct belief_point p[BELIEF_RANDOM_MAX];
		assert_int_equal(draw(BELIEF_IP4, seed * 0x123456789abcdefU, p), BELIEF_RANDOM_MAX);
		for (int i = 0; i < BELIEF_RANDOM_MAX; i++) {
			assert_int_equal(p[i].addr.family, 4);
			assert_false(special_8(p[i].addr.octets[0]));
			for (int k = 0; k < i; k++)
				assert_int_not_equal(p[i].addr.octets[0], p[k].addr.octets[0]);
		}
		assert_int_equal(draw(BELIEF_IP6, seed, p), BELIEF_RANDOM_MAX);
		for (int i = 0; i < BELIEF_RANDOM_MAX; i++) {
			assert_int_equal(p[i].addr.family, 6);
			assert_int_equal(p[i].addr.octets[0] & 0xe0, 0x20);
			assert_true(p[i].addr.octets[0] >= 0x24 && p[i].addr.octets[0] <= 0x2c);
			for (int k = 0; k < i; k++)
				assert_int_not_equal(p[i].addr.octets[0] << 4 | p[i].addr.octets[1] >> 4,
						     p[k].addr.octets[0] << 4 | p[k].addr.octets[1] >> 4);
		}
	}
	struct belief_point p[BELIEF_RANDOM_MAX], q[BELIEF_RANDOM_MAX];
	draw(BELIEF_DOMAIN, 1, p);
	draw(BELIEF_DOMAIN, 2, q);
	assert_int_equal(p[0].addr.family, 0);
	assert_int_equal(strlen(p[0].label), 16);
	assert_int_equal(strspn(p[0].label, "abcdefghijklmnopqrstuvwxyz"), 16);
	assert_string_not_equal(p[0].label, p[1].label);
	assert_string_not_equal(p[0].label, q[0].label);
}

static void belief_stands_over_the_finding(void **state)
{
	static const struct {
		enum belief_state belief;
		enum why belief_why;
		enum status status;
		enum why why;
		enum status result;
		enum why result_why;
	} rows[] = {
		{BELIEF_GOOD, STATUS_WHY_NONE, STATUS_LISTED, STATUS_WHY_NONE, STATUS_LISTED, STATUS_WHY_NONE},
		{BELIEF_BROKEN, STATUS_WHY_LISTS_THE_WORLD, STATUS_LISTED, STATUS_WHY_NONE, STATUS_BROKEN,
		 STATUS_WHY_LISTS_THE_WORLD},
		{BELIEF_BROKEN, STATUS_WHY_NO_TEST_POINT, STATUS_CLEAR, STATUS_WHY_NONE, STATUS_BROKEN,
		 STATUS_WHY_NO_TEST_POINT},
		{BELIEF_BROKEN, STATUS_WHY_NO_TEST_POINT, STATUS_UNREACHABLE, STATUS_WHY_TIMEOUT, STATUS_UNREACHABLE,
		 STATUS_WHY_TIMEOUT},
		{BELIEF_UNREACHABLE, STATUS_WHY_LAME, STATUS_BROKEN, STATUS_WHY_OUTSIDE_127, STATUS_UNREACHABLE,
		 STATUS_WHY_LAME},
		{BELIEF_UNREACHABLE, STATUS_WHY_LAME, STATUS_REFUSED, STATUS_WHY_VOLUME, STATUS_REFUSED,
		 STATUS_WHY_VOLUME},
		{BELIEF_REFUSED, STATUS_WHY_KEY, STATUS_CLEAR, STATUS_WHY_NONE, STATUS_REFUSED, STATUS_WHY_KEY},
		{BELIEF_GOOD, STATUS_WHY_NONE, STATUS_UNREACHABLE, STATUS_WHY_TIMEOUT, STATUS_UNREACHABLE,
		 STATUS_WHY_TIMEOUT},
		{BELIEF_REFUSED, STATUS_WHY_KEY, STATUS_NOT_ASKED, STATUS_WHY_BUDGET, STATUS_NOT_ASKED,
		 STATUS_WHY_BUDGET},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct finding f = {.status = rows[i].status, .why = rows[i].why, .reason_count = 1};
		belief_apply(rows[i].belief, rows[i].belief_why, &f);
		assert_int_equal(f.status, rows[i].result);
		assert_int_equal(f.why, rows[i].result_why);
		assert_int_equal(f.reason_count, rows[i].status == rows[i].result);
	}
	assert_int_equal(belief_lifetime_ms(BELIEF_GOOD), 3600000);
	assert_int_equal(belief_lifetime_ms(BELIEF_BROKEN), 600000);
	assert_int_equal(belief_lifetime_ms(BELIEF_UNREACHABLE), 0);
}

/* How a list says "not listed" is what a target's "no" must look like. */
static void a_lists_own_no_is_known(void **state)
{
	const struct bulk_answer listed = answer_of(A + 2), no_name = outcome_of(DNS_NXDOMAIN),
				 no_data = outcome_of(DNS_NODATA);
	struct belief_point p;
	struct belief b;
	(void)state;
	for (int data = 0; data < 2; data++) {
		belief_init(&b, &list_zen, BELIEF_IP4, 1);
		while (belief_next(&b, &p))
			belief_feed(&b, p.number, p.number == 0 ? &listed : data ? &no_data : &no_name);
		assert_int_equal(b.state, BELIEF_GOOD);
		assert_true(b.no_passes);
		assert_int_equal(b.no_data_passes, data);
	}
	belief_init(&b, &list_zen, BELIEF_IP4, 1); /* the listed point alone is hidden: no word of the list's "no" */
	while (belief_next(&b, &p))
		belief_feed(&b, p.number, p.number == 0 ? &no_data : &no_name);
	assert_false(b.no_data_passes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_judged),
		cmocka_unit_test(a_lists_own_no_is_known),
		cmocka_unit_test(mapped_test_points_stay_ip6),
		cmocka_unit_test(stray_answers_change_nothing),
		cmocka_unit_test(random_addresses_are_public_and_unrelated),
		cmocka_unit_test(belief_stands_over_the_finding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
