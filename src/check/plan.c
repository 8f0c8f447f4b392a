/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run would ask and how long the lists' terms make it, without asking (rule 5); health of the lists. */
#include "check/run.h"

int check_plan(const struct check_config *config, uint64_t count4, uint64_t count6, uint64_t count_names,
	       void (*on_line)(void *arg, const struct check_plan_line *line), void *arg)
{
	size_t count = catalogue_count(config->catalogue);
	for (size_t i = 0; i < count; i++) {
		const struct list *l = catalogue_at(config->catalogue, i);
		struct check_plan_line line = {.list = l};
		enum why not_asked;
		if (!plan_list_selected(config, l, &not_asked, &line.left_out))
			continue;
		line.queries = (l->query & QUERY_IP4 ? count4 : 0) + (l->query & QUERY_IP6 ? count6 : 0) +
			       (l->query & (QUERY_DOMAIN | QUERY_REGISTRABLE) ? count_names : 0);
		if (line.queries == 0)
			continue;
		line.queries += 3; /* its test points */
		if (not_asked == STATUS_WHY_NO_KEY)
			line.left_out = "it needs a key that is not in the key file";
		else if (not_asked == STATUS_WHY_PART_OF)
			line.left_out = "it is part of another list that is queried";
		line.duration_ms = line.left_out ? 0 : budget_duration_ms(&l->terms, line.queries);
		on_line(arg, &line);
	}
	return 0;
}

static void health_of(const struct lane *l, struct check_health *h)
{
	static const enum status as[] = {
		[BELIEF_ASKING] = STATUS_UNREACHABLE,      [BELIEF_GOOD] = STATUS_CLEAR,
		[BELIEF_REFUSED] = STATUS_REFUSED,         [BELIEF_BROKEN] = STATUS_BROKEN,
		[BELIEF_UNREACHABLE] = STATUS_UNREACHABLE,
	};
	*h = (struct check_health){
		.list = l->list, .status = as[l->belief_state], .why = l->why, .latency_us = l->test_latency_us};
	if (l->not_asked != STATUS_WHY_NONE) {
		h->status = STATUS_NOT_ASKED;
		h->why = l->not_asked;
	} else if (l->no == NO_IN_DOUBT && h->status == STATUS_CLEAR) {
		h->status = STATUS_UNREACHABLE;
		h->why = STATUS_WHY_RESOLVER_FILTERS;
	}
	if (l->not_asked == STATUS_WHY_NONE && l->hold != HOLD_NOW) {
		h->asked = l->stands == STAGE_DIRECT || !lane_on(l, STAGE_FIRST) ? "direct"
			   : l->run->config->mode == CHECK_GIVEN                 ? l->run->given_text
										 : "system";
	}
}

int check_health_new(const struct check_config *config, const struct dns_network *network, int64_t now_us,
		     int64_t wall_ms, struct run **ret_run, struct error *err)
{
	struct run *r;
	int e = run_open(config, network, now_us, wall_ms, &r, err);
	if (e < 0)
		return e;
	r->health = r->small = true;
	for (size_t i = 0; i < r->lane_count; i++)
		lane_begin(&r->lanes[i]);
	run_begin(r);
	*ret_run = r;
	return 0;
}

void check_health_report(const struct run *r, void (*on_list)(void *arg, const struct check_health *h), void *arg)
{
	struct check_health h;
	const struct list *last = NULL;
	for (size_t i = 0; i < r->own_count; i++) {
		if (r->lanes[i].list == last)
			continue; /* one row a list: its first kind of target */
		last = r->lanes[i].list;
		health_of(&r->lanes[i], &h);
		on_list(arg, &h);
	}
}
