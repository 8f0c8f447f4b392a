/* SPDX-License-Identifier: BSD-2-Clause */
/* Which lists a run asks, and what the plan says of the others: on the built-in catalogue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/run.h"

struct world {
	struct catalogue *catalogue;
	struct check_config config;
	size_t lines;
	const char *want; /* zone whose line is kept */
	struct check_plan_line kept;
};

static int setup(void **state)
{
	static struct world w;
	static const volatile sig_atomic_t never = 0;
	const struct catalogue_config config = {.lists_dir = NULL};
	struct error err;
	assert_int_equal(catalogue_load(&config, NULL, NULL, &w.catalogue, &err), 0);
	w.config = (struct check_config){.catalogue = w.catalogue, .stop = &never};
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	w->catalogue = catalogue_free(w->catalogue);
	return 0;
}

static const struct list *list(const struct world *w, const char *zone)
{
	const struct list *l = catalogue_find(w->catalogue, zone);
	assert_non_null(l);
	return l;
}

static bool selected(const struct world *w, const char *zone, enum why *why, const char **left_out)
{
	return plan_list_selected(&w->config, list(w, zone), why, left_out);
}

static void parts_keys_and_states_decide(void **state)
{
	struct world *w = *state;
	enum why why;
	const char *left_out;
	assert_true(selected(w, "zen.spamhaus.org", &why, &left_out));
	assert_int_equal(why, STATUS_WHY_NONE); /* its keyed form has no key here */
	assert_true(selected(w, "xbl.spamhaus.org", &why, &left_out));
	assert_int_equal(why, STATUS_WHY_PART_OF);
	assert_true(selected(w, "{key}.zen.dq.spamhaus.net", &why, &left_out));
	assert_int_equal(why, STATUS_WHY_NO_KEY);
	assert_false(selected(w, "dnsbl.sorbs.net", &why, &left_out)); /* closed */
	assert_false(selected(w, "rbl.schulte.org", &why, &left_out)); /* unverified: off */
}

static void skip_and_only_name_zones(void **state)
{
	struct world *w = *state;
	const char *skip[] = {"ZEN.spamhaus.org"}, *only[] = {"xbl.spamhaus.org"}, *left_out;
	enum why why;
	w->config.skip = skip;
	w->config.skip_count = 1;
	assert_false(selected(w, "zen.spamhaus.org", &why, &left_out));
	assert_true(selected(w, "xbl.spamhaus.org", &why, &left_out));
	assert_int_equal(why, STATUS_WHY_NONE); /* what would hold it is not asked */
	w->config.skip_count = 0;
	w->config.only = only;
	w->config.only_count = 1;
	assert_true(selected(w, "xbl.spamhaus.org", &why, &left_out));
	assert_int_equal(why, STATUS_WHY_NONE);
	assert_false(selected(w, "bl.spamcop.net", &why, &left_out));
	w->config.only_count = 0;
}

static void targets_fit_lists_of_their_kind(void **state)
{
	struct world *w = *state;
	struct arena arena = arena_make(1 << 20);
	struct target ip, name;
	enum belief_family family;
	struct error err;
	assert_int_equal(target_parse(span_str("2001:db8::1"), &arena, &ip, &err), 0);
	assert_true(plan_list_fits(list(w, "zen.spamhaus.org"), &ip, &family));
	assert_int_equal(family, BELIEF_IP6);
	assert_false(plan_list_fits(list(w, "bl.spamcop.net"), &ip, &family));
	assert_int_equal(target_parse(span_str("www.example.com"), &arena, &name, &err), 0);
	assert_false(plan_list_fits(list(w, "zen.spamhaus.org"), &name, &family));
	assert_true(plan_list_fits(list(w, "dbl.spamhaus.org"), &name, &family));
	assert_false(plan_list_fits(list(w, "multi.surbl.org"), &name, &family)); /* the registrable domain is asked */
	assert_int_equal(target_parse(span_str("example.com"), &arena, &name, &err), 0);
	assert_true(plan_list_fits(list(w, "multi.surbl.org"), &name, &family));
	arena_release(&arena);
}

static void keep_line(void *arg, const struct check_plan_line *line)
{
	struct world *w = arg;
	w->lines++;
	if (strcmp(line->list->zone, w->want) == 0)
		w->kept = *line;
}

static void a_sweep_is_planned_within_the_terms(void **state)
{
	struct world *w = *state;
	w->config.fleet = true;
	w->want = "zen.spamhaus.org";
	assert_int_equal(check_plan(&w->config, 65536, 0, 0, keep_line, w), 0);
	assert_true(w->lines > 40);
	assert_non_null(w->kept.left_out); /* free use excludes sweeps */
	w->want = "psbl.surriel.com";
	assert_int_equal(check_plan(&w->config, 65536, 0, 0, keep_line, w), 0);
	assert_null(w->kept.left_out);
	assert_int_equal(w->kept.queries, 65536 + 3);
	assert_in_range(w->kept.duration_ms, 32000000, 33000000); /* a burst of 300, then 2 a second: nine hours */
	w->config.fleet = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_keys_and_states_decide),
		cmocka_unit_test(skip_and_only_name_zones),
		cmocka_unit_test(targets_fit_lists_of_their_kind),
		cmocka_unit_test(a_sweep_is_planned_within_the_terms),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
