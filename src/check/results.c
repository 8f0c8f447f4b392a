/* SPDX-License-Identifier: BSD-2-Clause */
/* From cells to rows and results. */
#include <stdio.h>
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "check/run.h"

struct row_store { /* rows of one target with all that they point at */
	struct check_row *rows;
	struct finding *findings;
	char (*removed)[CLOCK_TEXT_SIZE];
	size_t count;
};

static const char *asked_text(const struct lane *l, const struct cell *cell)
{
	const struct run *r = l->run;
	if (cell->state == CELL_NOT_ASKED || (l->hold == HOLD_NOW))
		return NULL;
	if (cell->stage == STAGE_DIRECT || l->stands == STAGE_DIRECT || !lane_on(l, STAGE_FIRST))
		return "direct";
	return r->config->mode == CHECK_GIVEN ? r->given_text : "system";
}

static void row_make(const struct lane *l, const struct cell *cell, struct finding *finding, char *removed,
		     struct check_row *row)
{
	const struct kept *kept = cell_kept(l, cell);
	bool answered;
	cell_finding(l, cell, finding);
	answered = finding->status == STATUS_LISTED || finding->status == STATUS_CLEAR;
	*row = (struct check_row){
		.list = l->list,
		.finding = finding,
		.asked = asked_text(l, cell),
		.latency_us = answered && cell->latency_us ? (int64_t)cell->latency_us : -1,
	};
	if (kept && finding->status == STATUS_LISTED) {
		row->txt = kept->txt;
		row->txt_count = kept->txt_count;
	}
	if (kept && kept->removed_until_ms && finding->status == STATUS_CLEAR) {
		clock_text(kept->removed_until_ms, removed);
		row->removed_until = removed;
	}
}

static int group(const struct check_row *row)
{
	static const int order[STATUS_COUNT] = {
		[STATUS_LISTED] = 0, [STATUS_REFUSED] = 1, [STATUS_UNREACHABLE] = 2,
		[STATUS_BROKEN] = 3, [STATUS_CLEAR] = 4,   [STATUS_NOT_ASKED] = 5,
	};
	return order[row->finding->status];
}

static int row_compare(const void *pa, const void *pb)
{
	const struct check_row *a = pa, *b = pb;
	int by = group(a) - group(b);
	if (by == 0)
		by = (int)b->finding->impact - (int)a->finding->impact;
	return by ? by : strcmp(a->list->zone, b->list->zone);
}

void results_lane(struct lane *l)
{
	struct run *r = l->run;
	struct finding finding;
	struct check_row row;
	char removed[CLOCK_TEXT_SIZE];
	for (size_t t = 0; t < r->target_count; t++) {
		if (l->cells[t].state == CELL_OTHER_KIND)
			continue;
		row_make(l, &l->cells[t], &finding, removed, &row);
		r->rows_by_status[finding.status]++;
		if (r->small && r->config->on_row)
			r->config->on_row(r->config->arg, &r->targets[t], &row);
	}
}

/* A wider scope than the target means that a neighbour may be at fault. */
static bool neighbours_fault(const struct finding *f)
{
	for (size_t i = 0; i < f->reason_count; i++)
		if (status_class_lists(f->reasons[i].class) &&
		    (f->reasons[i].scope == SCOPE_ADDRESS || f->reasons[i].scope == SCOPE_DOMAIN ||
		     f->reasons[i].scope == SCOPE_URL || f->reasons[i].scope == SCOPE_PREFIX64))
			return false;
	return true;
}

/* Count every list's word on target t; true: something else than "clear" or "not asked" came. */
static bool tally(const struct run *r, size_t t, struct check_result *result)
{
	struct finding finding;
	bool news = false;
	result->only_neighbour = true;
	for (size_t i = 0; i < r->lane_count; i++) {
		const struct lane *l = &r->lanes[i];
		const struct cell *cell = &l->cells[t];
		if (cell->state == CELL_OTHER_KIND)
			continue;
		if (cell_is_plain_no(l, cell)) {
			finding.status = STATUS_CLEAR;
			finding.why = STATUS_WHY_NONE;
			finding.impact = l->list->impact;
			finding.reason_count = 0;
		} else {
			cell_finding(l, cell, &finding);
			news = news || (finding.status != STATUS_CLEAR && finding.status != STATUS_NOT_ASKED);
		}
		verdict_add(&result->tally, &r->config->rules, l->list, &finding);
		if (finding.status == STATUS_LISTED && finding.impact >= r->config->rules.min_impact)
			result->only_neighbour = result->only_neighbour && neighbours_fault(&finding);
	}
	result->only_neighbour = result->only_neighbour && result->tally.listed;
	return news;
}

static void count_result(struct run *r, const struct check_result *result)
{
	struct check_totals *t = &r->totals;
	t->targets++;
	t->listed += result->verdict == VERDICT_LISTED;
	t->clear += result->verdict == VERDICT_CLEAR;
	t->unknown += result->verdict == VERDICT_UNKNOWN;
	t->clear_blocks += result->tally.clear_blocks;
	for (int s = 0; s < STATUS_COUNT; s++)
		t->by_status[s] += result->tally.by_status[s];
}

static const char *resolver_text(const struct run *r)
{
	static const char *const names[] = {
		[CHECK_AUTO] = "auto", [CHECK_SYSTEM] = "system", [CHECK_DIRECT] = "direct"};
	return r->config->mode == CHECK_GIVEN ? r->given_text : names[r->config->mode];
}

static void report_target(struct run *r, size_t t, struct row_store *store)
{
	const struct check_config *c = r->config;
	const struct target *target = &r->targets[t];
	struct check_result result = {.target = target,
				      .checked_at_ms = r->wall_ms,
				      .resolver = resolver_text(r),
				      .unaskable = target_unaskable(target),
				      .fault = r->guilt.fault ? &r->guilt.report : NULL};
	tally(r, t, &result);
	result.verdict = result.unaskable ? VERDICT_UNKNOWN : verdict_of(&result.tally);
	count_result(r, &result);
	if (c->fleet && result.verdict == VERDICT_CLEAR && !c->all_results)
		return;
	store->count = 0;
	for (size_t i = 0; i < r->lane_count && !result.unaskable; i++) {
		const struct lane *l = &r->lanes[i];
		if (l->cells[t].state == CELL_OTHER_KIND)
			continue;
		row_make(l, &l->cells[t], &store->findings[store->count], store->removed[store->count],
			 &store->rows[store->count]);
		store->count++;
	}
	qsort(store->rows, store->count, sizeof(*store->rows), row_compare);
	result.rows = store->rows;
	result.row_count = store->count;
	c->on_result(c->arg, &result);
}

void results_block(struct run *r)
{
	struct row_store store = {
		.rows = calloc(r->lane_count + 1, sizeof(*store.rows)),
		.findings = calloc(r->lane_count + 1, sizeof(*store.findings)),
		.removed = calloc(r->lane_count + 1, sizeof(*store.removed)),
	};
	struct error ignored;
	bool transaction;
	if (!store.rows || !store.findings || !store.removed)
		r->error = -ENOMEM;
	/* what is kept of a block is one transaction: a hundred commits would cost more than the questions */
	transaction = store_begin(r->config->store, &ignored) == 0;
	memory_save(r);
	for (size_t t = 0; t < r->target_count && !r->error; t++)
		report_target(r, t, &store);
	if (transaction)
		store_commit(r->config->store, &ignored);
	free(store.rows);
	free(store.findings);
	free(store.removed);
}
