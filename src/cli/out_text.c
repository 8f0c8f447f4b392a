/* SPDX-License-Identifier: BSD-2-Clause */
/* The text format: what a person reads. */
#include <errno.h>
#include <stdlib.h>

#include "cli/quantity.h"
#include "cli/terminal.h"
#include "cli/text.h"

enum {
	NAMED_MAX = 6, /* lists named on a fleet's line */
};

struct text_state {
	struct fold *listed, *unknown;
	uint64_t listed_count, unknown_count; /* targets */
	bool scrolled;                        /* the only target's verdict is off the screen by now */
	struct buf again;                     /* that verdict */
};

static void text_begin(struct report *r)
{
	struct text_state *s = calloc(1, sizeof(*s));
	r->own = s;
	if (s)
		s->again = buf_make(1 << 16);
	if (s && r->fold) {
		s->listed = fold_new();
		s->unknown = fold_new();
	}
	if (!s || (r->fold && (!s->listed || !s->unknown)))
		r->out.error = -ENOMEM;
}

/* What the resolver does to all lists, once and before them. */
static void text_fault(struct report *r)
{
	text_resolver_fault(r, &r->fault);
	buf_add_char(&r->out, '\n');
}

static const char *plural(uint32_t count)
{
	return count == 1 ? "" : "s";
}

static void verdict_line(struct report *r, const struct check_result *result)
{
	const struct verdict_tally *t = &result->tally;
	uint32_t listed = t->by_status[STATUS_LISTED];
	if (result->unaskable) {
		text_styled(r, STYLE_DOUBT, "NOT CHECKED");
		buf_printf(&r->out, ": %s; blocklists hold public addresses only", result->unaskable);
	} else if (result->verdict == VERDICT_LISTED) {
		text_styled(r, STYLE_BAD, "LISTED");
		buf_printf(&r->out, " on %u list%s%s", listed, plural(listed),
			   result->only_neighbour ? ", for a neighbour's fault only" : "");
	} else if (result->verdict == VERDICT_UNKNOWN) {
		text_styled(r, STYLE_DOUBT, "UNKNOWN");
		buf_add_str(&r->out, ": ");
		report_unanswered(&r->out, t);
		if (t->left_out)
			buf_printf(&r->out, ", %u %s not queried", t->left_out, t->left_out == 1 ? "was" : "were");
	} else {
		text_styled(r, STYLE_GOOD, "CLEAR");
		buf_printf(&r->out, " on %u blocklist%s", t->clear_blocks, plural(t->clear_blocks));
		if (listed)
			buf_printf(&r->out, "; %u listing%s that hardly anyone refuses mail for", listed,
				   plural(listed));
	}
}

static bool group_heading(struct report *r, const struct check_result *result, enum text_group group)
{
	for (size_t i = 0; i < result->row_count; i++) {
		if (text_group_of(r, &result->rows[i]) != group)
			continue;
		buf_add_str(&r->out, "\n  ");
		if (group == GROUP_POLICY)
			text_styled(r, STYLE_BOLD, "By policy: receivers refuse mail that comes directly from here");
		else if (r->min_impact <= IMPACT_MEDIUM)
			text_styled(r, STYLE_BOLD, "Listed, but hardly anyone refuses mail for it");
		else
			text_styled(r, STYLE_BOLD, "Listed, but below the impact that you asked for");
		buf_add_char(&r->out, '\n');
		return true;
	}
	return false;
}

static void group(struct report *r, const struct check_result *result, enum text_group group)
{
	if (group != GROUP_LISTED && !group_heading(r, result, group))
		return;
	for (size_t i = 0; i < result->row_count; i++)
		if (text_group_of(r, &result->rows[i]) == group)
			text_listing(r, result->target, &result->rows[i]);
}

/* What needs no words of its own stands apart from what does, if there is any. */
static void rest(struct report *r, const struct check_result *result)
{
	struct buf before = r->out, below;
	r->out = buf_make(REPORT_OUT_MAX);
	text_rest(r, result);
	below = r->out;
	r->out = before;
	if (below.len && result->verdict != VERDICT_CLEAR)
		buf_add_char(&r->out, '\n');
	buf_add(&r->out, buf_span(&below));
	if (!r->out.error)
		r->out.error = below.error;
	buf_release(&below);
}

static void changed(struct report *r, const char *words, const struct changes_lists *lists)
{
	struct buf names = buf_make(1 << 16);
	for (size_t i = 0; i < lists->count; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", lists->at[i]->name);
	if (lists->count) {
		buf_add_str(&names, words);
		quantity_moment(&names, r->changes->since_ms);
		text_entry(r, 2, "", arena_printf(&r->scratch, "%s UTC", buf_text(&names)));
	}
	buf_release(&names);
}

/* What receivers see of the address before any list. */
static void names(struct report *r)
{
	static const char *const without_name[] = {
		[REVERSE_UNKNOWN] = "its reverse name (PTR) could not be looked up",
		[REVERSE_NONE] =
			"it has no reverse name (PTR): many receivers refuse mail for that. Whoever gave you the "
			"address can set it to your mail server's name"};
	static const char *const behind_name[] = {
		[REVERSE_UNKNOWN] = "; whether it leads back could not be looked up",
		[REVERSE_MISMATCH] =
			" does not lead back to it: many receivers refuse mail for that. Give that name an "
			"address record (A, AAAA) with this address",
		[REVERSE_CONFIRMED] = ", which leads back to it"};
	const struct reverse *n = r->reverse;
	if (n->name[0])
		text_entry(r, 2, "", arena_printf(&r->scratch, "reverse name %s%s", n->name, behind_name[n->state]));
	else
		text_entry(r, 2, "", without_name[n->state]);
	if (r->helo && n->helo == REVERSE_MISMATCH)
		text_entry(r, 2, "",
			   arena_printf(&r->scratch,
					"your server says %s in HELO, a name that does not lead to this address",
					r->helo));
}

/* The word, what lists the target, what to do about it, what could not tell: each said once. */
static void full(struct report *r, const struct check_result *result)
{
	text_target_name(r, result->target);
	buf_add_str(&r->out, ": ");
	verdict_line(r, result);
	buf_add_char(&r->out, '\n');
	if (r->changes) {
		changed(r, ": listed since the check of ", &r->changes->listed);
		changed(r, ": removed since the check of ", &r->changes->removed);
	}
	if (r->reverse)
		names(r);
	if (result->not_yours)
		text_entry(r, 2, "",
			   "not yours: this is the smarthost that your mail goes through; only its owner can have it "
			   "removed");
	if (!result->unaskable) {
		group(r, result, GROUP_LISTED);
		text_removals(r, result, GROUP_LISTED);
		group(r, result, GROUP_POLICY);
		text_removals(r, result, GROUP_POLICY);
		group(r, result, GROUP_LOW);
		if (!r->quiet) {
			text_no_answers(r, result);
			rest(r, result);
		}
	}
	buf_add_char(&r->out, '\n');
}

/* The verdict is wanted again where it has scrolled away. */
static void full_and_kept(struct report *r, const struct check_result *result)
{
	struct text_state *s = r->own;
	size_t begun = r->out.len, rows = 0;
	full(r, result);
	if (r->height == 0 || result->verdict == VERDICT_CLEAR)
		return;
	for (size_t i = begun; i < r->out.len; i++)
		rows += r->out.at[i] == '\n';
	s->scrolled = rows + 1 >= r->height;
	buf_clear(&s->again);
	for (size_t i = begun; i < r->out.len && r->out.at[i] != '\n'; i++)
		buf_add_char(&s->again, (char)r->out.at[i]);
}

static const char *listed_label(struct report *r, const struct check_row *row)
{
	return arena_printf(&r->scratch, "%s (%s, %s impact)", row->list->name, row->list->zone,
			    impact_text(row->finding->impact));
}

static const char *silent_label(struct report *r, const struct check_row *row)
{
	const char *why = status_why_text(row->finding->why);
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
		e = fold_add(s->unknown, arena_printf(&r->scratch, "not checked: %s", result->unaskable),
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
	struct text_state *s = r->own;
	if (!s)
		return;
	s->listed_count += result->verdict == VERDICT_LISTED;
	s->unknown_count += result->verdict == VERDICT_UNKNOWN;
	if (r->quiet && result->verdict != VERDICT_LISTED && !result->tally.by_status[STATUS_LISTED])
		return;
	if (!r->fleet)
		full_and_kept(r, result);
	else if (r->fold && !r->verbose)
		fold_result(r, result);
	else
		fleet_line(r, result);
}

/* How many of several targets, or the verdict on one that is off the screen; and where to go on. */
static void conclusion(struct report *r, const struct text_state *s)
{
	if (r->results == 1 && s->scrolled && !r->own_server) {
		buf_add(&r->out, buf_span(&s->again));
		buf_add_str(&r->out, s->listed_count ? ". Next: offlist diagnose\n" : "\n");
	} else if (r->results > 1 || (r->own_server && s->listed_count)) {
		if (s->listed_count)
			text_styled(r, STYLE_BAD,
				    arena_printf(&r->scratch, "%llu of %llu LISTED",
						 (unsigned long long)s->listed_count, (unsigned long long)r->results));
		else
			text_styled(r, s->unknown_count ? STYLE_DOUBT : STYLE_GOOD,
				    arena_printf(&r->scratch, "none of %llu listed", (unsigned long long)r->results));
		if (s->unknown_count)
			buf_printf(&r->out, ", %llu unknown", (unsigned long long)s->unknown_count);
		buf_add_str(&r->out, r->own_server && s->listed_count ? ". Next: offlist diagnose\n" : "\n");
	}
}

static void text_finish(struct report *r, const struct check_totals *totals)
{
	struct text_state *s = r->own;
	if (s && r->fold) {
		fold_write(r, s->listed, STYLE_BAD);
		fold_write(r, s->unknown, STYLE_DOUBT);
	}
	if (!r->fleet && s)
		conclusion(r, s);
	if (r->fleet)
		buf_printf(&r->out, "%llu targets: %llu listed, %llu clear, %llu unknown; %llu queries.\n",
			   (unsigned long long)totals->targets, (unsigned long long)totals->listed,
			   (unsigned long long)totals->clear, (unsigned long long)totals->unknown,
			   (unsigned long long)totals->queries);
	if (totals->interrupted)
		buf_printf(&r->out, "Interrupted: this is what was known by then.%s\n",
			   r->fleet ? " Go on with --resume." : "");
}

static void text_release(struct report *r)
{
	struct text_state *s = r->own;
	if (!s)
		return;
	fold_free(s->listed);
	fold_free(s->unknown);
	buf_release(&s->again);
	free(s);
	r->own = NULL;
}

const struct report_format report_text = {.name = "text",
					  .begin = text_begin,
					  .fault = text_fault,
					  .result = text_result,
					  .end = text_finish,
					  .release = text_release};
