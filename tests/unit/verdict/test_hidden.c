/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "fixture.h"

#include "verdict/hidden.h"

enum { BLOCKED = 1 << 15, FORGED = 1 << 4, PROHIBITED = 1 << 18 };

/* What real resolvers show of a list that is well (unless said otherwise), and whose doing it is. */
static void looks_tell_who_hides(void **state)
{
	const struct {
		const char *world;
		struct second_looks looks;
		enum hiding hiding;
		enum resolver_product product;
	} rows[] = {
		{"unbound private-address",
		 {.listed = POINT_ABSENT,
		  .bare = true,
		  .no_passes = true,
		  .txt = LOOK_SHOWN,
		  .txt_clear = LOOK_NO_NAME},
		 HIDING_ANSWERS,
		 PRODUCT_UNBOUND},
		{"dnsmasq stop-dns-rebind",
		 {.listed = POINT_ABSENT,
		  .bare = true,
		  .no_passes = true,
		  .errors = BLOCKED,
		  .txt = LOOK_SHOWN,
		  .txt_clear = LOOK_NO_NAME},
		 HIDING_ANSWERS,
		 PRODUCT_DNSMASQ},
		{"BIND deny-answer-addresses, an entry without a text",
		 {.listed = POINT_FAILED,
		  .no_passes = true,
		  .again = LOOK_FAILED,
		  .txt = LOOK_NO_DATA,
		  .txt_clear = LOOK_NO_NAME},
		 HIDING_ANSWERS,
		 PRODUCT_BIND},
		{"Knot Resolver's rebinding module",
		 {.listed = POINT_REFUSED, .no_passes = true, .errors = PROHIBITED},
		 HIDING_ANSWERS,
		 PRODUCT_KNOT},
		{"a filter that says 0.0.0.0",
		 {.listed = POINT_ELSEWHERE, .no_passes = true, .txt = LOOK_SHOWN, .txt_clear = LOOK_NO_NAME},
		 HIDING_ANSWERS,
		 PRODUCT_UNKNOWN},
		{"a parked zone: every name has an address and a text",
		 {.listed = POINT_ELSEWHERE, .txt = LOOK_SHOWN, .txt_clear = LOOK_SHOWN},
		 HIDING_NO,
		 PRODUCT_UNKNOWN},
		{"a filter that answers NXDOMAIN, or strict minimisation that let the text through",
		 {.listed = POINT_ABSENT,
		  .no_name = true,
		  .no_passes = true,
		  .txt = LOOK_SHOWN,
		  .txt_clear = LOOK_NO_NAME,
		  .has_above = true,
		  .above = LOOK_NO_NAME},
		 HIDING_EITHER,
		 PRODUCT_UNKNOWN},
		{"the same before a list of another kind than rbldnsd's: a filter",
		 {.listed = POINT_ABSENT,
		  .no_name = true,
		  .no_passes = true,
		  .txt = LOOK_SHOWN,
		  .txt_clear = LOOK_NO_NAME,
		  .has_above = true,
		  .above = LOOK_NO_DATA},
		 HIDING_ANSWERS,
		 PRODUCT_UNKNOWN},
		{"an emptied list with a text for every name",
		 {.listed = POINT_ABSENT, .no_name = true, .txt = LOOK_SHOWN, .txt_clear = LOOK_SHOWN},
		 HIDING_OPEN,
		 PRODUCT_UNKNOWN},
		{"strict minimisation before rbldnsd",
		 {.listed = POINT_ABSENT,
		  .no_name = true,
		  .no_passes = true,
		  .txt = LOOK_NO_NAME,
		  .has_above = true,
		  .direct = LOOK_SHOWN,
		  .direct_above = LOOK_NO_NAME},
		 HIDING_NAMES,
		 PRODUCT_UNKNOWN},
		{"an old answer in the cache, the list knows the name above",
		 {.listed = POINT_ABSENT,
		  .no_name = true,
		  .txt = LOOK_NO_NAME,
		  .has_above = true,
		  .direct = LOOK_SHOWN,
		  .direct_above = LOOK_NO_DATA},
		 HIDING_OLD,
		 PRODUCT_UNKNOWN},
		{"emptied, says the list itself",
		 {.listed = POINT_ABSENT,
		  .no_name = true,
		  .txt = LOOK_SHOWN,
		  .txt_clear = LOOK_NO_NAME,
		  .direct = LOOK_NO_NAME},
		 HIDING_NO,
		 PRODUCT_UNKNOWN},
		{"absent in every way that the resolver has",
		 {.listed = POINT_ABSENT, .no_name = true, .txt = LOOK_NO_NAME, .has_above = true},
		 HIDING_OPEN,
		 PRODUCT_UNKNOWN},
		{"a list that fails", {.listed = POINT_FAILED, .txt = LOOK_FAILED}, HIDING_NO, PRODUCT_BIND},
		{"a resolver that refuses everything",
		 {.listed = POINT_REFUSED, .errors = PROHIBITED, .txt = LOOK_FAILED},
		 HIDING_NO,
		 PRODUCT_KNOT},
		{"shown", {.listed = POINT_SHOWN, .errors = FORGED}, HIDING_NO, PRODUCT_UNKNOWN},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (hiding_of(&rows[i].looks) != rows[i].hiding)
			fail_msg("%s: hiding %d", rows[i].world, hiding_of(&rows[i].looks));
		if (hidden_product_of(&rows[i].looks) != rows[i].product)
			fail_msg("%s: product %d", rows[i].world, hidden_product_of(&rows[i].looks));
	}
}

static void evidence_tells_the_fault(void **state)
{
	const struct {
		struct resolver_evidence e;
		enum resolver_fault fault;
	} rows[] = {
		{{.asked = 3, .answers = 1}, FAULT_FILTERS},
		{{.asked = 9, .answers = 1, .shown = 8}, FAULT_FILTERS}, /* the others have exceptions */
		{{.asked = 10, .either = 10}, FAULT_EITHER},
		{{.asked = 10, .shown = 1, .either = 9}, FAULT_MINIMISES},
		{{.asked = 10, .shown = 1, .shown_below = 1, .either = 9}, FAULT_EITHER},
		{{.asked = 10, .shown = 5, .shown_below = 5, .either = 5}, FAULT_FILTERS},
		{{.asked = 10, .shown = 6, .names = 4}, FAULT_MINIMISES},
		{{.asked = 10, .shown = 9, .shown_below = 6, .names = 1}, FAULT_NONE}, /* an old answer in its cache */
		{{.asked = 10, .shown = 6, .shown_below = 1, .names = 4}, FAULT_MINIMISES}, /* BIND, now and then not */
		{{.asked = 10, .shown = 9, .shown_below = 6, .names = 1, .changed = 6}, FAULT_MINIMISES},
		{{.asked = 10, .shown = 6, .open = 4, .open_names = 4, .looked_above = 6}, FAULT_HIDES},
		{{.asked = 10, .shown = 6, .open = 4, .looked_above = 6},
		 FAULT_NONE},                                                        /* no names are missing: emptied */
		{{.asked = 10, .shown = 6, .open = 4, .open_names = 4}, FAULT_NONE}, /* nothing speaks against it yet */
		{{.asked = 6, .shown = 2, .shown_below = 1, .open = 4, .open_names = 4, .looked_above = 2},
		 FAULT_NONE}, /* four lists that are emptied */
		{{.asked = 60, .shown = 2, .shown_below = 1, .open = 58, .open_names = 58, .looked_above = 1},
		 FAULT_NONE},
		{{.asked = 9, .shown = 2, .cut_below = 2, .looked_above = 2}, FAULT_MINIMISES},
		{{.asked = 60, .shown = 50, .shown_below = 9, .open = 4, .open_high = 3}, FAULT_HIDES},
		{{.asked = 1, .open = 1, .denied = 1, .no_apex = 1}, FAULT_NOTHING},
		{{.asked = 2, .shown = 1, .shown_below = 1, .open = 1, .denied = 1, .no_apex = 1}, FAULT_NONE},
		{{.asked = 1, .open = 1}, FAULT_HIDES},
		{{.asked = 5, .lists = 5}, FAULT_LISTS},
		{{.asked = 5, .lists = 5, .control_asked = true, .control = POINT_ABSENT}, FAULT_NONE},
		{{.asked = 1, .lists = 1, .control_asked = true, .control = POINT_SHOWN}, FAULT_LISTS},
		{{.asked = 1, .rewrites = 1, .control_asked = true, .control = POINT_ELSEWHERE}, FAULT_REWRITES},
		{{.asked = 2, .fails = 2, .control_asked = true, .control = POINT_FAILED}, FAULT_FAILS},
		{{.asked = 2, .fails = 2, .control_asked = true, .control = POINT_ABSENT}, FAULT_NONE}, /* dead lists */
		{{.asked = 2, .silent = 2, .control_asked = true, .control = POINT_NONE}, FAULT_SILENT},
		{{.asked = 4, .refuses = 4, .control_asked = true, .control = POINT_REFUSED}, FAULT_REFUSES},
		{{.asked = 6, .shown = 2, .fails = 4}, FAULT_NONE},
		{{.asked = 6, .shown = 6, .refused = 5}, FAULT_REFUSED},
		{{.asked = 0}, FAULT_NONE},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (hidden_fault_of(&rows[i].e) != rows[i].fault)
			fail_msg("row %zu: %s", i, hidden_fault_text(hidden_fault_of(&rows[i].e)));
}

static void emptied_needs_a_second_way(void **state)
{
	const struct second_looks plain = {
		.listed = POINT_ABSENT, .no_name = true, .no_passes = true, .txt = LOOK_NO_NAME, .apex = LOOK_NO_DATA};
	const struct resolver_evidence nobody = {.asked = 1, .open = 1};
	struct resolver_evidence shown = {.asked = 5, .shown = 4, .open = 1}, below = shown, filters = shown;
	struct second_looks deep = plain, no_zone = plain, no_text = plain, data = plain;
	(void)state;
	below.shown_below = 1;
	filters.answers = 1;
	deep.has_above = data.has_above = true;
	no_zone.apex = LOOK_NO_NAME;
	no_text.txt = LOOK_NONE;
	data.no_name = false;
	assert_true(hidden_emptied(&plain, &nobody)); /* one label below the zone: no minimisation hides it */
	assert_false(hidden_emptied(&deep, &nobody));
	assert_false(hidden_emptied(&deep, &shown));
	assert_true(hidden_emptied(&deep, &below));
	assert_false(hidden_emptied(&plain, &filters));
	assert_false(hidden_emptied(&no_text, &below));
	assert_false(hidden_emptied(&no_zone, &nobody)); /* NXDOMAIN to everything */
	assert_true(hidden_emptied(&no_zone, &shown));
	assert_false(hidden_emptied(&data, &nobody));
	assert_true(hidden_emptied(&data, &shown)); /* the name is there: nothing above it is missing */
	assert_true(hidden_may_be_minimised(&deep));
	assert_false(hidden_may_be_minimised(&plain));
	assert_false(hidden_may_be_minimised(&data));
}

/* A list whose own test point came through is believed, but for a resolver that minimises, now and then not, and for a
 * filter that denies names: that one's "no" looks like the list's. */
static void a_no_is_worth_what_its_list_shows(void **state)
{
	const struct second_looks
		pointless = {.listed = POINT_NONE},
		label = {.listed = POINT_SHOWN}, shown = {.listed = POINT_SHOWN, .has_above = true},
		ents = {.listed = POINT_SHOWN, .has_above = true, .above = LOOK_NO_DATA},
		cut = {.listed = POINT_SHOWN, .has_above = true, .above = LOOK_NO_NAME, .below = LOOK_NO_NAME},
		below = {.listed = POINT_SHOWN, .has_above = true, .above = LOOK_NO_NAME, .below = LOOK_NO_DATA};
	const struct resolver_evidence none = {.asked = 9}, denies = {.asked = 9, .filtered = 1};
	(void)state;
	assert_true(hidden_no_is_doubtful(&pointless, FAULT_FILTERS, &none));
	assert_true(hidden_no_is_doubtful(&pointless, FAULT_NOTHING, &none));
	assert_false(hidden_no_is_doubtful(&pointless, FAULT_NONE, &none));
	assert_false(hidden_no_is_doubtful(&pointless, FAULT_REFUSED, &none));
	assert_false(hidden_no_is_doubtful(&shown, FAULT_FILTERS, &none));
	assert_true(hidden_no_is_doubtful(&shown, FAULT_FILTERS, &denies));
	assert_true(hidden_no_is_doubtful(&shown, FAULT_EITHER, &denies));
	assert_false(hidden_no_is_doubtful(&label, FAULT_FILTERS, &none));
	assert_true(hidden_no_is_doubtful(&label, FAULT_MINIMISES, &none));
	assert_true(hidden_no_is_doubtful(&label, FAULT_HIDES, &none));
	assert_true(hidden_no_is_doubtful(&shown, FAULT_MINIMISES, &none));
	assert_true(hidden_no_is_doubtful(&cut, FAULT_MINIMISES, &none));
	assert_true(hidden_no_is_doubtful(&cut, FAULT_HIDES, &none));
	assert_true(hidden_no_is_doubtful(&below, FAULT_MINIMISES, &none));
	assert_false(hidden_no_is_doubtful(&below, FAULT_HIDES, &none));
	assert_false(hidden_no_is_doubtful(&ents, FAULT_MINIMISES, &none));
	assert_false(hidden_no_is_doubtful(&ents, FAULT_MINIMISES, &denies));
}

/* Lists without a test point, or with one that no minimisation hides, need others that speak for the resolver. */
static void some_noes_hang_on_the_resolver(void **state)
{
	const struct second_looks pointless = {.listed = POINT_NONE}, label = {.listed = POINT_SHOWN},
				  shown = {.listed = POINT_SHOWN, .has_above = true},
				  ents = {.listed = POINT_SHOWN, .has_above = true, .above = LOOK_NO_DATA};
	const struct {
		struct resolver_evidence e;
		bool proved;
	} rows[] = {
		{{.asked = 0}, false},
		{{.asked = 2, .shown = 2, .shown_deep = 2}, false}, /* of the kind that minimising does not hide? */
		{{.asked = 9, .shown = 9, .shown_deep = 8}, true},
		{{.asked = 9, .shown = 9}, false}, /* labels right below their zones */
		{{.asked = 2, .shown = 1, .shown_deep = 1, .shown_below = 1}, true},
		{{.asked = 2, .shown = 1, .shown_deep = 1, .shown_below_unkept = 1}, true},
		{{.asked = 2, .shown = 1, .shown_deep = 1, .cut_below = 1}, false},
		{{.asked = 9, .shown = 9, .shown_deep = 9, .shown_below = 1, .changed = 3}, false},
		{{.asked = 9, .shown = 9, .shown_deep = 9, .shown_below = 1, .changed = 1}, true}, /* it came back */
		{{.asked = 1, .shown = 1, .shown_deep = 1, .shown_below = 1, .changed = 1}, false},
	};
	const struct resolver_evidence none = {.asked = 9}, changed = {.asked = 9, .shown = 9, .changed = 3};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (hidden_is_proved(&rows[i].e) != rows[i].proved)
			fail_msg("row %zu", i);
	assert_true(hidden_no_hangs_on_resolver(&pointless, &none));
	assert_true(hidden_no_hangs_on_resolver(&label, &none));
	assert_false(hidden_no_hangs_on_resolver(&shown, &none));
	assert_true(hidden_no_hangs_on_resolver(&shown, &changed));
	assert_false(hidden_no_hangs_on_resolver(&ents, &changed));
}

static void every_fault_has_words(void **state)
{
	(void)state;
	assert_null(hidden_fault_text(FAULT_NONE));
	for (enum resolver_fault f = FAULT_FILTERS; f <= FAULT_UNPROVEN; f++) {
		assert_non_null(hidden_fault_text(f));
		assert_non_null(hidden_fault_words(f));
		assert_non_null(hidden_fault_remedy(f, PRODUCT_UNKNOWN));
	}
	for (enum resolver_product p = PRODUCT_UNKNOWN; p <= PRODUCT_KNOT; p++)
		assert_non_null(strstr(hidden_fault_remedy(FAULT_FILTERS, p), "Let it pass"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_tell_who_hides),           cmocka_unit_test(evidence_tells_the_fault),
		cmocka_unit_test(emptied_needs_a_second_way),     cmocka_unit_test(a_no_is_worth_what_its_list_shows),
		cmocka_unit_test(some_noes_hang_on_the_resolver), cmocka_unit_test(every_fault_has_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
