/* SPDX-License-Identifier: BSD-2-Clause */
/* Which lists a run asks (rules 3 and 5), a lane for each, and the operators' purses. */
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "check/run.h"

enum {
	LEASE = 300,            /* queries taken from a bucket at a time: one default burst */
	AGAIN_US = 50000,       /* a bucket that has none, or that another process holds, is not looked at before */
	HELD_MAX_US = 5000000,  /* held so long: the run goes on with full buckets of its own */
	HELD_SMALL_US = 300000, /* the same where a person waits: lists have two seconds in all */
	CONTROLS = 4,           /* of several operators: one may be down, another served by other software */
};

static bool named(const char *const *zones, size_t count, const char *zone)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(zones[i], zone) == 0)
			return true;
	return false;
}

/* May this list be asked at all in this run, lists that hold it left aside? */
static bool askable(const struct check_config *c, const struct list *l, enum why *ret_not_asked,
		    const char **ret_left_out)
{
	*ret_not_asked = STATUS_WHY_NONE;
	*ret_left_out = NULL;
	if (l->query == 0 || named(c->skip, c->skip_count, l->zone))
		return false;
	if (c->only_count ? !named(c->only, c->only_count, l->zone) : !l->enabled)
		return false;
	if (l->key && !catalogue_query_zone(c->catalogue, l))
		*ret_not_asked = STATUS_WHY_NO_KEY;
	if (c->fleet && l->terms.sweeps == TERM_NO)
		*ret_left_out = "its terms exclude sweeps";
	else if (c->fleet && l->terms.commercial == TERM_NO)
		*ret_left_out = "its free service excludes commercial use";
	return true;
}

bool plan_list_selected(const struct check_config *c, const struct list *l, enum why *ret_not_asked,
			const char **ret_left_out)
{
	const struct list *whole;
	const char *left_out;
	enum why why;
	if (!askable(c, l, ret_not_asked, ret_left_out))
		return false;
	for (size_t i = 0; i < l->part_of.count && *ret_not_asked == STATUS_WHY_NONE; i++) {
		whole = catalogue_find(c->catalogue, l->part_of.at[i]);
		if (whole && whole != l && askable(c, whole, &why, &left_out) && why == STATUS_WHY_NONE && !left_out)
			*ret_not_asked = STATUS_WHY_PART_OF;
	}
	return true;
}

bool plan_list_fits(const struct list *l, const struct target *t, enum belief_family *ret_family)
{
	bool registrable = t->name && t->registrable && strcmp(t->name, t->registrable) == 0;
	switch (t->kind) {
	case TARGET_IP4:
		*ret_family = BELIEF_IP4;
		return l->query & QUERY_IP4;
	case TARGET_IP6:
		*ret_family = BELIEF_IP6;
		return l->query & QUERY_IP6;
	case TARGET_URL:
	case TARGET_DOMAIN:
	case TARGET_EMAIL:
		*ret_family = BELIEF_DOMAIN;
		return t->name && (l->query & QUERY_DOMAIN || (l->query & QUERY_REGISTRABLE && registrable));
	case TARGET_PREFIX: /* a /64 of a fleet: one question stands for it where an entry covers a /64 */
		*ret_family = BELIEF_IP6;
		return t->addr.family == 6 && (l->query & QUERY_IP6) && l->scope6 == SCOPE_PREFIX64;
	}
	return false;
}

bool lane_fits(const struct lane *l, const struct target *t)
{
	enum belief_family family;
	return plan_list_fits(l->list, t, &family) && family == l->family;
}

static struct purse *purse_find(struct run *r, const struct list *l)
{
	struct purse *p;
	if (l->terms.unlimited)
		return NULL;
	for (size_t i = 0; i < r->purse_count; i++) {
		p = &r->purses[i];
		if (strcmp(p->operator_name, l->operator_name) == 0 &&
		    (p->terms->per_day < 0) == (l->terms.per_day < 0))
			return p;
	}
	p = &r->purses[r->purse_count++];
	*p = (struct purse){.operator_name = l->operator_name, .terms = &l->terms};
	return p;
}

static int lane_add(struct run *r, const struct list *l, enum belief_family family, enum why not_asked)
{
	struct lane *lane = &r->lanes[r->lane_count];
	const char *zone = catalogue_query_zone(r->config->catalogue, l);
	struct error ignored;
	int64_t until;
	int why;
	if (r->lane_count == LANES_MAX)
		return -ENOSPC;
	*lane = (struct lane){
		.run = r, .list = l, .family = family, .number = (uint16_t)r->lane_count, .not_asked = not_asked};
	r->lane_count++;
	if (not_asked != STATUS_WHY_NONE)
		return 0;
	if (!zone || dns_name_parse(span_str(zone), &lane->zone) < 0)
		return -EINVAL;
	lane->purse = purse_find(r, l);
	lane->memory = memory_load(r, l);
	if (!lane->memory)
		return -ENOMEM;
	if (store_refusal_get(r->config->store, l->zone, r->wall_ms, &why, &until, &ignored) == 0) {
		lane->hold = HOLD_NOW;
		lane->held_why = (enum why)why;
	}
	return 0;
}

/* May its test point be asked though the list is not of this run: kept up, free for all, of nobody who is asked? */
static bool may_be_control(const struct run *r, const struct list *l)
{
	enum why not_asked;
	const char *left_out;
	const struct check_config everything = {
		.catalogue = r->config->catalogue,
		.fleet = true, /* terms at their strictest */
		.skip = r->config->skip,
		.skip_count = r->config->skip_count,
	};
	if (l->state != LIST_ACTIVE || l->key || l->terms.registration || !status_class_lists(l->class) ||
	    l->test.ip4_listed.family == 0 || r->lane_count == LANES_MAX)
		return false;
	if (!plan_list_selected(&everything, l, &not_asked, &left_out) || not_asked != STATUS_WHY_NONE || left_out)
		return false;
	for (size_t i = 0; i < r->lane_count; i++)
		if (strcmp(r->lanes[i].list->operator_name, l->operator_name) == 0)
			return false;
	return true;
}

/* Lists that stand by (guilt.c): those that most mail servers ask come first, for they are the best kept. */
static int controls_make(struct run *r)
{
	const struct catalogue *c = r->config->catalogue;
	int e = 0, found = 0;
	for (int impact = IMPACT_HIGH; impact >= IMPACT_LOW; impact--)
		for (size_t i = 0; i < catalogue_count(c) && e == 0 && found < CONTROLS; i++) {
			const struct list *l = catalogue_at(c, i);
			if ((int)l->impact != impact || !may_be_control(r, l))
				continue;
			e = lane_add(r, l, BELIEF_IP4, STATUS_WHY_NONE);
			if (e == 0 && r->lanes[r->lane_count - 1].hold == HOLD_NOW) {
				r->lane_count--; /* it refused not long ago */
				continue;
			}
			if (e == 0)
				r->lanes[r->lane_count - 1].role = LANE_CONTROL;
			found++;
		}
	return e;
}

/* A sweep leaves out lists whose terms exclude it: the user is told, once, which. */
static void note_left_out(const struct run *r, struct buf *zones, size_t count)
{
	struct buf line = buf_make(400);
	if (count == 0)
		return;
	buf_printf(&line, "%zu list%s left out, whose free service excludes sweeps or commercial use:%s", count,
		   count == 1 ? " is" : "s are", buf_text(zones));
	if (line.error == 0)
		buf_add_str(&line, "; --dry-run shows the plan");
	r->config->on_note(r->config->arg, buf_text(&line));
	buf_release(&line);
}

static int room_for(struct run *r, size_t lists)
{
	r->lanes = calloc(LANES_MAX, sizeof(*r->lanes));
	r->memories = calloc(LANES_MAX, sizeof(*r->memories));
	r->purses = calloc(lists + 1, sizeof(*r->purses));
	return r->lanes && r->memories && r->purses ? 0 : -ENOMEM;
}

int lanes_make(struct run *r)
{
	static const struct {
		uint32_t query;
		enum belief_family family;
	} kinds[] = {
		{QUERY_IP4, BELIEF_IP4}, {QUERY_IP6, BELIEF_IP6}, {QUERY_DOMAIN | QUERY_REGISTRABLE, BELIEF_DOMAIN}};
	const struct check_config *c = r->config;
	size_t count = catalogue_count(c->catalogue);
	struct buf zones = buf_make(300);
	size_t left_out_count = 0;
	const char *left_out;
	enum why not_asked;
	int e = room_for(r, count);
	for (size_t i = 0; i < count && e == 0; i++) {
		const struct list *l = catalogue_at(c->catalogue, i);
		if (!plan_list_selected(c, l, &not_asked, &left_out))
			continue;
		if (left_out && not_asked == STATUS_WHY_NONE) {
			left_out_count++;
			buf_printf(&zones, " %s", l->zone);
		}
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]) && !left_out && e == 0; k++)
			if (l->query & kinds[k].query)
				e = lane_add(r, l, kinds[k].family, not_asked);
	}
	if (e == 0)
		note_left_out(r, &zones, left_out_count);
	buf_release(&zones);
	r->own_count = r->lane_count;
	if (e == 0 && c->mode != CHECK_DIRECT)
		e = controls_make(r);
	return e;
}

/* Move up to `want` queries from the operator's bucket in the store into the purse. Store faults cost nothing but the
 * memory of them: the run goes on with full buckets of its own.
 * @param s  NULL: it cannot be had now. */
static void lease(struct run *r, struct purse *p, uint32_t want, struct store *s)
{
	struct store_bucket b;
	struct error ignored;
	int64_t wait_ms;
	if (!s || store_bucket_get(s, p->operator_name, &b, &ignored) < 0)
		budget_fill(&b, p->terms, r->wall_ms);
	p->tokens += budget_take(&b, p->terms, want, r->wall_ms);
	wait_ms = p->tokens ? 0 : budget_wait_ms(&b, p->terms, want < 20 ? want : 20, r->wall_ms);
	if (wait_ms == INT64_MAX)
		p->empty = true;
	else
		p->retry_at_us = r->now_us + (wait_ms * 1000 > AGAIN_US ? wait_ms * 1000 : AGAIN_US);
	if (s)
		store_bucket_put(s, p->operator_name, &b, &ignored);
}

void purses_begin(struct run *r)
{
	for (size_t i = 0; i < r->purse_count; i++) {
		struct purse *p = &r->purses[i];
		p->due = p->wanted > p->tokens ? p->wanted - p->tokens : 0;
		p->wanted = 0;
	}
}

static bool any_due(const struct run *r)
{
	for (size_t i = 0; i < r->purse_count; i++)
		if (r->purses[i].due)
			return true;
	return false;
}

/* Another process writes to the store: it is not waited for. */
static bool held_by_others(struct run *r)
{
	if (r->held_since_us == 0)
		r->held_since_us = r->now_us;
	return r->now_us - r->held_since_us < (r->small ? HELD_SMALL_US : HELD_MAX_US);
}

/* What others ask meanwhile is not known here: said once. */
static void note_own_buckets(struct run *r, int e, const struct error *err)
{
	const char *why = e == -EBUSY ? "another process holds the state" : err->text;
	struct buf line = buf_make(1024);
	if (r->own_buckets_told)
		return;
	r->own_buckets_told = true;
	buf_printf(&line, "%s; this run counts its queries by itself, beside those of other runs", why);
	r->config->on_note(r->config->arg, buf_text(&line));
	buf_release(&line);
}

bool purses_fill(struct run *r)
{
	struct error err, ignored;
	int e;
	if (!any_due(r) || r->now_us < r->purses_at_us)
		return false;
	e = store_begin_now(r->config->store, &err);
	if (e == -EBUSY && held_by_others(r)) {
		r->purses_at_us = r->now_us + AGAIN_US;
		return false;
	}
	if (e < 0)
		note_own_buckets(r, e, &err);
	r->held_since_us = 0;
	for (size_t i = 0; i < r->purse_count; i++) {
		struct purse *p = &r->purses[i];
		if (p->due)
			lease(r, p, p->due > LEASE ? LEASE : p->due, e == -EBUSY ? NULL : r->config->store);
		p->due = 0;
	}
	if (e == 0)
		store_commit(r->config->store, &ignored);
	return true;
}

int64_t purses_timer(const struct run *r, int64_t at_us)
{
	if (!any_due(r))
		return at_us;
	return r->purses_at_us < at_us ? r->purses_at_us : at_us;
}

int purse_take(struct run *r, struct purse *p)
{
	if (!p)
		return 0;
	if (p->tokens) {
		p->tokens--;
		return 0;
	}
	if (!p->due && !p->empty && r->now_us >= p->retry_at_us)
		p->due = LEASE;
	return p->due ? -EAGAIN : -EDQUOT;
}

void purses_close(struct run *r)
{
	struct store *s = r->config->store;
	struct store_bucket b;
	struct error ignored;
	bool transaction = store_begin(s, &ignored) == 0;
	for (size_t i = 0; i < r->purse_count; i++) {
		struct purse *p = &r->purses[i];
		if (!p->tokens || store_bucket_get(s, p->operator_name, &b, &ignored) < 0)
			continue;
		budget_return(&b, p->terms, p->tokens);
		store_bucket_put(s, p->operator_name, &b, &ignored);
		p->tokens = 0;
	}
	if (transaction)
		store_commit(s, &ignored);
}
