/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists that could not tell, and those that need no words of their own. */
#include "cli/terminal.h"
#include "cli/text.h"

enum { NAMED_ALONE = 4 }; /* lists of one reason that each get a line, whatever their impact */

static bool no_answer(const struct check_row *row)
{
	enum status s = row->finding->status;
	return s == STATUS_REFUSED || s == STATUS_BROKEN || s == STATUS_UNREACHABLE;
}

static bool same_reason(const struct check_row *a, const struct check_row *b)
{
	return a->finding->status == b->finding->status && a->finding->why == b->finding->why;
}

static bool said_before(const struct check_result *result, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (same_reason(&result->rows[i], &result->rows[at]))
			return true;
	return false;
}

static void silent_list(struct report *r, const struct target *t, const struct check_row *row)
{
	const char *asked = report_asked_name(t, &r->scratch);
	const char *url = list_template(&r->scratch, row->list->lookup, asked);
	if (!url)
		url = list_template(&r->scratch, row->list->evidence, asked);
	buf_printf(&r->out, "      %s, %s%s", row->list->name, row->list->zone,
		   row->finding->impact == IMPACT_HIGH ? ", high impact" : "");
	if (url)
		buf_printf(&r->out, ": look it up at %s", url);
	buf_add_char(&r->out, '\n');
}

/* Lists of one reason: with their pages where they matter, the rest by name. */
static void silent_lists(struct report *r, const struct check_result *result, size_t at)
{
	const struct check_row *row = &result->rows[at];
	struct buf names = buf_make(1 << 16);
	size_t count = 0, same = 0;
	for (size_t k = at; k < result->row_count; k++)
		same += no_answer(&result->rows[k]) && same_reason(row, &result->rows[k]);
	for (size_t k = at; k < result->row_count; k++) {
		const struct check_row *other = &result->rows[k];
		if (!no_answer(other) || !same_reason(row, other))
			continue;
		if (r->verbose || same <= NAMED_ALONE || other->finding->impact > IMPACT_LOW)
			silent_list(r, result->target, other);
		else
			buf_printf(&names, "%s%s", count++ ? ", " : "", other->list->name);
	}
	if (count)
		text_entry(r, 6, "", arena_printf(&r->scratch, "and %zu of low impact: %s", count, buf_text(&names)));
	buf_release(&names);
}

/* Its reason stands above, once, where the resolver is named. */
static bool said_of_resolver(const struct report *r, const struct check_row *row)
{
	enum why why = row->finding->why;
	return r->fault.kind && (why == STATUS_WHY_RESOLVER_FILTERS || why == STATUS_WHY_RESOLVER_LIES);
}

static size_t count_same(const struct check_result *result, size_t at)
{
	size_t same = 0;
	for (size_t k = at; k < result->row_count; k++)
		same += no_answer(&result->rows[k]) && same_reason(&result->rows[at], &result->rows[k]);
	return same;
}

static void hidden_lists(struct report *r, const struct check_result *result, size_t at)
{
	struct buf names = buf_make(1 << 16);
	size_t count = 0;
	for (size_t k = at; k < result->row_count; k++)
		if (same_reason(&result->rows[at], &result->rows[k]))
			buf_printf(&names, "%s%s", count++ ? ", " : "", result->rows[k].list->name);
	text_entry(r, 4, "",
		   arena_printf(&r->scratch, "%zu through your resolver (%s): %s", count, r->fault.address,
				buf_text(&names)));
	buf_release(&names);
}

void text_no_answers(struct report *r, const struct check_result *result)
{
	bool heading = false;
	for (size_t i = 0; i < result->row_count; i++) {
		const struct check_row *row = &result->rows[i];
		const char *advice = status_why_advice(row->finding->why);
		if (!no_answer(row) || said_before(result, i))
			continue;
		if (!heading) {
			buf_add_char(&r->out, '\n');
			text_styled(r, STYLE_DOUBT, "  Could not tell");
			buf_add_char(&r->out, '\n');
		}
		heading = true;
		if (said_of_resolver(r, row)) {
			hidden_lists(r, result, i);
			continue;
		}
		text_entry(r, 4, "",
			   arena_printf(&r->scratch, "%zu %s%s%s", count_same(result, i),
					text_status_words(row->finding->status), advice ? ": " : "",
					advice ? advice : ""));
		silent_lists(r, result, i);
	}
}

/* Why lists were not asked, in the words of a count: "1 needs a key", "5 need a key". */
static const char *not_asked_words(enum why w, bool one)
{
	switch (w) {
	case STATUS_WHY_NO_KEY:
		return one ? "needs a key" : "need a key";
	case STATUS_WHY_PART_OF:
		return one ? "is part of another list" : "are parts of other lists";
	case STATUS_WHY_BUDGET:
		return one ? "is over its query limit" : "are over their query limits";
	case STATUS_WHY_INTERRUPTED:
		return one ? "was interrupted" : "were interrupted";
	case STATUS_WHY_REGISTRATION:
		return one ? "needs a registration" : "need a registration";
	default:
		return "for other reasons";
	}
}

static void count_not_asked(const struct check_result *result, struct buf *out)
{
	bool any = false;
	for (size_t i = 0; i < result->row_count; i++) {
		uint32_t same = 0;
		if (result->rows[i].finding->status != STATUS_NOT_ASKED || said_before(result, i))
			continue;
		for (size_t k = i; k < result->row_count; k++)
			same += same_reason(&result->rows[i], &result->rows[k]);
		buf_printf(out, "%s%u %s", any ? ", " : ": ", same,
			   not_asked_words(result->rows[i].finding->why, same == 1));
		any = true;
	}
}

static void said_otherwise(struct report *r, const struct check_result *result)
{
	for (size_t i = 0; i < result->row_count; i++) {
		const struct check_row *row = &result->rows[i];
		if (row->removed_until)
			text_entry(r, 2, "",
				   arena_printf(&r->scratch,
						"%s: already removed; your resolver still shows it until %s",
						row->list->name, row->removed_until));
		if (row->finding->status != STATUS_CLEAR)
			continue;
		for (size_t k = 0; k < row->finding->reason_count; k++) {
			const struct reason *reason = &row->finding->reasons[k];
			text_entry(r, 2, "",
				   arena_printf(&r->scratch, "%s (%s, no listing): %s", row->list->name,
						list_class_text(reason->class),
						reason->answer ? reason->answer->meaning : "meaning not known"));
		}
	}
}

static void each(struct report *r, const struct check_result *result, enum status status)
{
	for (size_t i = 0; i < result->row_count; i++) {
		const struct check_row *row = &result->rows[i];
		const char *why = status_why_text(row->finding->why);
		if (row->finding->status != status)
			continue;
		buf_printf(&r->out, "    %-12s %-34s %s", status == STATUS_CLEAR ? "clear" : "not queried",
			   row->list->zone, row->list->name);
		if (why)
			buf_printf(&r->out, " (%s)", why);
		if (row->latency_us >= 0)
			buf_printf(&r->out, ", %.1f ms", (double)row->latency_us / 1000);
		buf_add_char(&r->out, '\n');
	}
}

static void counts(struct report *r, const struct check_result *result)
{
	const uint32_t *n = result->tally.by_status;
	struct buf text = buf_make(4096);
	if (result->verdict != VERDICT_CLEAR && result->tally.clear_blocks)
		buf_printf(&text, "clear on %u blocklist%s", result->tally.clear_blocks,
			   result->tally.clear_blocks == 1 ? "" : "s");
	if (n[STATUS_NOT_ASKED]) {
		buf_printf(&text, "%s%u not queried", text.len ? ", " : "", n[STATUS_NOT_ASKED]);
		count_not_asked(result, &text);
	}
	if (text.len)
		text_entry(r, 2, "", buf_text(&text));
	buf_release(&text);
}

void text_rest(struct report *r, const struct check_result *result)
{
	said_otherwise(r, result);
	counts(r, result);
	if (!r->verbose)
		return;
	each(r, result, STATUS_CLEAR);
	each(r, result, STATUS_NOT_ASKED);
}
