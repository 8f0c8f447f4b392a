/* SPDX-License-Identifier: BSD-2-Clause */
/* The text format: what a person reads. */
#include <stdlib.h>

#include "cli/terminal.h"
#include "cli/text.h"

enum {
	NAMED_MAX = 6, /* lists named on a fleet's line */
	PRINTED_MAX = 512,
};

struct text_state {
	bool heading;                            /* of the only target, printed before its first listing */
	const struct list *printed[PRINTED_MAX]; /* its listings that were printed as they settled */
	bool untold[PRINTED_MAX];                /* its text had not come then */
	size_t printed_count;
	struct fold *listed, *unknown;
};

static void text_begin(struct report *r)
{
	struct text_state *s = calloc(1, sizeof(*s));
	r->own = s;
	if (s && r->fold) {
		s->listed = fold_new();
		s->unknown = fold_new();
	}
	if (!s || (r->fold && (!s->listed || !s->unknown)))
		r->out.error = -12; /* ENOMEM */
}

static void heading(struct report *r, const struct target *t)
{
	struct text_state *s = r->own;
	if (s->heading)
		return;
	text_target_name(r, t);
	buf_add_char(&r->out, '\n');
	s->heading = true;
}

/* What the resolver does to all lists, once and before them. */
static void text_fault(struct report *r)
{
	text_resolver_fault(r, &r->fault);
	buf_add_char(&r->out, '\n');
}

/* As lists settle: the only target's listings in full, of several targets a line each (their report follows). */
static void text_row(struct report *r, const struct target *t, const struct check_row *row)
{
	enum text_group group = text_group_of(r, row);
	struct text_state *s = r->own;
	if (group == GROUP_NONE || !s)
		return;
	if (!r->single) {
		buf_printf(&r->out, "%s: listed on %s (%s)\n", t->text, row->list->name,
			   group == GROUP_POLICY ? "policy" : impact_text(row->finding->impact));
		return;
	}
	heading(r, t);
	if (group == GROUP_LISTED && s->printed_count < PRINTED_MAX) {
		s->untold[s->printed_count] = row->txt_count == 0;
		s->printed[s->printed_count++] = row->list;
		text_listing(r, t, row);
	} else if (group != GROUP_LISTED)
		buf_printf(&r->out, "  %s, %s: %s, see below\n", row->list->name, row->list->zone,
			   group == GROUP_POLICY ? "policy" : "low impact");
}

static void verdict_line(struct report *r, const struct check_result *result)
{
	const struct verdict_tally *t = &result->tally;
	const uint32_t *n = t->by_status;
	if (result->verdict == VERDICT_LISTED) {
		text_styled(r, STYLE_BAD, "LISTED");
		buf_printf(&r->out, " on %u list%s", n[STATUS_LISTED], n[STATUS_LISTED] == 1 ? "" : "s");
		if (n[STATUS_CLEAR])
			buf_printf(&r->out, ", clear on %u", n[STATUS_CLEAR]);
		if (result->only_neighbour)
			buf_add_str(&r->out, ", for a neighbour's fault only");
	} else if (result->unaskable) {
		text_styled(r, STYLE_DOUBT, "CANNOT BE ASKED");
		buf_printf(&r->out, ": %s; lists know public addresses only", result->unaskable);
		return;
	} else if (result->verdict == VERDICT_UNKNOWN) {
		text_styled(r, STYLE_DOUBT, "NOT KNOWN");
		buf_printf(&r->out, ": %u of %u lists gave no answer to be believed", t->without_answer, t->asked);
	} else {
		text_styled(r, STYLE_GOOD, "CLEAR");
		buf_printf(&r->out, " on %u list%s", n[STATUS_CLEAR], n[STATUS_CLEAR] == 1 ? "" : "s");
		if (n[STATUS_LISTED])
			buf_printf(&r->out, "; %u listing%s that hardly anyone refuses mail for", n[STATUS_LISTED],
				   n[STATUS_LISTED] == 1 ? "" : "s");
	}
	if (n[STATUS_NOT_ASKED] && !result->unaskable)
		buf_printf(&r->out, ", %u not asked", n[STATUS_NOT_ASKED]);
}

static bool group_heading(struct report *r, const struct check_result *result, enum text_group group)
{
	for (size_t i = 0; i < result->row_count; i++) {
		if (text_group_of(r, &result->rows[i]) != group)
			continue;
		buf_add_str(&r->out, "\n  ");
		if (group == GROUP_POLICY)
			text_styled(r, STYLE_BOLD, "By policy: mail sent from here directly is refused");
		else if (r->min_impact <= IMPACT_MEDIUM)
			text_styled(r, STYLE_BOLD, "Listed, but hardly anyone refuses mail for it");
		else
			text_styled(r, STYLE_BOLD, "Listed, below the impact asked for");
		buf_add_char(&r->out, '\n');
		return true;
	}
	return false;
}

/* Texts of listings that were printed before these came. */
static void late_texts(struct report *r, const struct check_result *result)
{
	const struct text_state *s = r->own;
	for (size_t i = 0; i < result->row_count; i++) {
		const struct check_row *row = &result->rows[i];
		for (size_t k = 0; k < s->printed_count && row->txt_count; k++) {
			if (s->printed[k] != row->list || !s->untold[k] ||
			    text_said_is_evidence(r, result->target, row))
				continue;
			buf_add_str(&r->out, "  ");
			text_styled(r, STYLE_BAD, row->list->name);
			buf_add_char(&r->out, '\n');
			text_said(r, row);
		}
	}
}

static bool printed(const struct text_state *s, const struct list *l)
{
	for (size_t i = 0; i < s->printed_count; i++)
		if (s->printed[i] == l)
			return true;
	return false;
}

static void group(struct report *r, const struct check_result *result, enum text_group group)
{
	if (group != GROUP_LISTED && !group_heading(r, result, group))
		return;
	for (size_t i = 0; i < result->row_count; i++)
		if (text_group_of(r, &result->rows[i]) == group && !printed(r->own, result->rows[i].list))
			text_listing(r, result->target, &result->rows[i]);
}

static void full(struct report *r, const struct check_result *result)
{
	struct text_state *s = r->own;
	if (r->single) {
		heading(r, result->target);
	} else {
		text_target_name(r, result->target);
		buf_add_str(&r->out, ": ");
		verdict_line(r, result);
		buf_add_char(&r->out, '\n');
	}
	s->heading = false;
	if (result->not_yours)
		text_entry(r, 2, "", "not yours: the smarthost that your mail goes through; its owner must get it off");
	if (!result->unaskable) {
		group(r, result, GROUP_LISTED);
		late_texts(r, result);
		text_removals(r, result, GROUP_LISTED);
		group(r, result, GROUP_POLICY);
		text_removals(r, result, GROUP_POLICY);
		group(r, result, GROUP_LOW);
		text_no_answers(r, result);
		buf_add_char(&r->out, '\n');
		text_rest(r, result);
	}
	if (r->single) {
		text_target_name(r, result->target);
		buf_add_str(&r->out, ": ");
		verdict_line(r, result);
		buf_add_char(&r->out, '\n');
	} else {
		buf_add_char(&r->out, '\n');
	}
}

static const char *listed_label(struct report *r, const struct check_row *row)
{
	return arena_printf(&r->scratch, "%s (%s, %s impact)", row->list->name, row->list->zone,
			    impact_text(row->finding->impact));
}

static const char *silent_label(struct report *r, const struct check_row *row)
{
	const char *why = why_text(row->finding->why);
	return arena_printf(&r->scratch, "%s %s%s%s%s", row->list->name, text_status_words(row->finding->status),
			    why ? " (" : "", why ? why : "", why ? ")" : "");
}

/* Rows that made the verdict: the listings, or what was silent. */
static bool made_it(const struct check_result *result, const struct check_row *row)
{
	enum status s = row->finding->status;
	if (result->verdict == VERDICT_LISTED || s == STATUS_LISTED)
		return s == STATUS_LISTED;
	return result->verdict == VERDICT_UNKNOWN &&
	       (s == STATUS_REFUSED || s == STATUS_BROKEN || s == STATUS_UNREACHABLE ||
		(s == STATUS_NOT_ASKED &&
		 (row->finding->why == STATUS_WHY_BUDGET || row->finding->why == STATUS_WHY_INTERRUPTED)));
}

static void fold_result(struct report *r, const struct check_result *result)
{
	struct text_state *s = r->own;
	int e = 0;
	if (result->unaskable)
		e = fold_add(s->unknown, arena_printf(&r->scratch, "cannot be asked: %s", result->unaskable),
			     result->target);
	for (size_t i = 0; i < result->row_count && e == 0; i++) {
		const struct check_row *row = &result->rows[i];
		if (!made_it(result, row))
			continue;
		if (row->finding->status == STATUS_LISTED)
			e = fold_add(s->listed, listed_label(r, row), result->target);
		else
			e = fold_add(s->unknown, silent_label(r, row), result->target);
	}
	if (e && !r->out.error)
		r->out.error = e;
}

static void fleet_line(struct report *r, const struct check_result *result)
{
	uint32_t named = 0, more = 0;
	terminal_add_str(&r->out, result->target->text);
	buf_add_str(&r->out, ": ");
	verdict_line(r, result);
	for (size_t i = 0; i < result->row_count; i++) {
		const struct check_row *row = &result->rows[i];
		if (!made_it(result, row))
			continue;
		if (named == NAMED_MAX) {
			more++;
			continue;
		}
		buf_printf(&r->out, "%s%s", named++ ? "; " : ": ",
			   row->finding->status == STATUS_LISTED ? arena_printf(&r->scratch, "%s (%s)", row->list->name,
										impact_text(row->finding->impact))
								 : silent_label(r, row));
	}
	if (more)
		buf_printf(&r->out, "; and %u more", more);
	buf_add_char(&r->out, '\n');
}

static void text_result(struct report *r, const struct check_result *result)
{
	if (!r->own)
		return;
	if (!r->fleet)
		full(r, result);
	else if (r->fold && !r->verbose)
		fold_result(r, result);
	else
		fleet_line(r, result);
}

static void text_finish(struct report *r, const struct check_totals *totals)
{
	struct text_state *s = r->own;
	if (s && r->fold) {
		fold_write(r, s->listed, STYLE_BAD);
		fold_write(r, s->unknown, STYLE_DOUBT);
	}
	if (r->fleet)
		buf_printf(&r->out, "%llu targets: %llu listed, %llu clear, %llu not known; %llu queries.\n",
			   (unsigned long long)totals->targets, (unsigned long long)totals->listed,
			   (unsigned long long)totals->clear, (unsigned long long)totals->unknown,
			   (unsigned long long)totals->queries);
	if (totals->interrupted)
		buf_printf(&r->out, "Interrupted: this is what was known then.%s\n",
			   r->fleet ? " Go on with --resume." : "");
}

static void text_release(struct report *r)
{
	struct text_state *s = r->own;
	if (!s)
		return;
	fold_free(s->listed);
	fold_free(s->unknown);
	free(s);
	r->own = NULL;
}

const struct report_format report_text = {.name = "text",
					  .begin = text_begin,
					  .fault = text_fault,
					  .row = text_row,
					  .result = text_result,
					  .end = text_finish,
					  .release = text_release};
