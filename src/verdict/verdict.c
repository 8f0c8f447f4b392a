/* SPDX-License-Identifier: BSD-2-Clause */
#include "verdict/verdict.h"

enum {
	UNANSWERED_MIN = 3,    /* fewer silent lists of low or medium impact change no verdict */
	UNANSWERED_SHARE = 10, /* nor does a tenth of those asked or less */
};

/* What is missing is the user's own doing, or is held by another list: no sign that something went wrong. */
static bool counts(const struct verdict_rules *rules, const struct list *l, const struct finding *f)
{
	/* lists that answer only registered resolvers do not all say so: some are silent, some refuse */
	bool silent = f->status == STATUS_REFUSED || f->status == STATUS_UNREACHABLE;
	if (l->terms.registration && !l->key && silent)
		return rules->strict;
	if (f->status != STATUS_NOT_ASKED && f->status != STATUS_REFUSED)
		return true;
	switch (f->why) {
	case STATUS_WHY_PART_OF:
		return false;
	case STATUS_WHY_NO_KEY:
	case STATUS_WHY_KEY:
	case STATUS_WHY_REGISTRATION:
		return rules->strict;
	default:
		return true;
	}
}

/* What its silence may hide: a record can give impact to the list or to single answers. */
static enum impact hidden_impact(const struct list *l)
{
	enum impact max = l->impact;
	for (size_t i = 0; i < l->answer_count; i++)
		if (status_class_lists(l->answers[i].class) && l->answers[i].impact > max)
			max = l->answers[i].impact;
	return max;
}

/* Could it list anybody? White lists and the like say good or neutral things only. */
static bool blocks_somebody(const struct list *l)
{
	bool any = status_class_lists(l->class);
	for (size_t i = 0; i < l->answer_count && !any; i++)
		any = status_class_lists(l->answers[i].class);
	return any;
}

static void add_listing(struct verdict_tally *t, const struct verdict_rules *rules, enum impact impact)
{
	if (impact >= rules->min_impact)
		t->listed = true;
	else
		t->listed_low = true;
	if (impact > t->strongest)
		t->strongest = impact;
}

void verdict_add(struct verdict_tally *t, const struct verdict_rules *rules, const struct list *l,
		 const struct finding *f)
{
	t->by_status[f->status]++;
	t->clear_blocks += f->status == STATUS_CLEAR && blocks_somebody(l);
	if (!counts(rules, l, f))
		return;
	t->asked++;
	if (f->status == STATUS_LISTED) {
		add_listing(t, rules, f->impact);
	} else if (f->status != STATUS_CLEAR) {
		t->without_answer++;
		t->left_out += f->status == STATUS_NOT_ASKED;
		t->high_without_answer |= hidden_impact(l) == IMPACT_HIGH;
	}
}

enum verdict verdict_of(const struct verdict_tally *t)
{
	if (t->listed)
		return VERDICT_LISTED;
	if (t->high_without_answer || t->without_answer == t->asked)
		return VERDICT_UNKNOWN;
	if (t->without_answer >= UNANSWERED_MIN && (uint64_t)t->without_answer * UNANSWERED_SHARE > t->asked)
		return VERDICT_UNKNOWN;
	return VERDICT_CLEAR;
}

int verdict_exit(enum verdict v)
{
	switch (v) {
	case VERDICT_CLEAR:
		return 0;
	case VERDICT_LISTED:
		return 1;
	default:
		return 2;
	}
}

int verdict_exit_join(int a, int b)
{
	if (a == 1 || b == 1)
		return 1;
	return a > b ? a : b;
}

int verdict_nagios(const struct verdict_tally *t, bool only_neighbour)
{
	switch (verdict_of(t)) {
	case VERDICT_LISTED:
		return t->strongest >= IMPACT_MEDIUM && !only_neighbour ? 2 : 1;
	case VERDICT_CLEAR:
		return t->listed_low ? 1 : 0;
	default:
		return 3;
	}
}
