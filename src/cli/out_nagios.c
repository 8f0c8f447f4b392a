/* SPDX-License-Identifier: BSD-2-Clause */
/* One line for Nagios and its like (rule 9; the plugin guidelines of the Monitoring Plugins project). */
#include <errno.h>
#include <stdlib.h>

#include "cli/check_report.h"
#include "cli/terminal.h"

enum { NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN };
enum { NAMED_MAX = 8, LINE_MAX_OCTETS = 3500 }; /* NRPE cuts at 4096 octets */

struct nagios {
	int state;
	struct buf words; /* "192.0.2.10 listed on 2: A, B" of each target that is not well */
	uint64_t rows[STATUS_COUNT], clear_blocks, targets;
	uint64_t states[NAGIOS_UNKNOWN + 1]; /* targets */
	struct buf more;                     /* the long output, behind the first line */
};

/* "|" begins performance data. */
static void words(struct buf *out, const char *text)
{
	struct buf safe = buf_make(1 << 16);
	terminal_add_str(&safe, text);
	for (char *p = safe.at; p && *p; p++)
		if (*p == '|')
			*p = '/';
	buf_add_str(out, buf_text(&safe));
	buf_release(&safe);
}

static int rank(int state)
{
	static const int ranks[] = {[NAGIOS_OK] = 0, [NAGIOS_UNKNOWN] = 1, [NAGIOS_WARNING] = 2, [NAGIOS_CRITICAL] = 3};
	return ranks[state];
}

static void listed_names(struct nagios *n, const struct check_result *result)
{
	uint32_t count = result->tally.by_status[STATUS_LISTED], named = 0;
	buf_printf(&n->words, "%s listed on %u:", result->target->text, count);
	for (size_t i = 0; i < result->row_count && named < NAMED_MAX; i++) {
		if (result->rows[i].finding->status != STATUS_LISTED)
			continue;
		buf_add_str(&n->words, named++ ? ", " : " ");
		words(&n->words, result->rows[i].list->name);
	}
	if (count > named)
		buf_printf(&n->words, " and %u more", count - named);
	if (result->only_neighbour)
		buf_add_str(&n->words, " (a neighbour's range)");
}

static void unknown_words(struct nagios *n, const struct check_result *result)
{
	const struct verdict_tally *t = &result->tally;
	if (result->unaskable)
		buf_printf(&n->words, "%s not checked: %s", result->target->text, result->unaskable);
	else {
		buf_printf(&n->words, "%s unknown: ", result->target->text);
		report_unanswered(&n->words, t);
		if (t->left_out)
			buf_printf(&n->words, ", %u not queried", t->left_out);
	}
}

/* Behind the first line: each listing with the page that shows it. */
static void long_output(struct nagios *n, struct report *r, const struct check_result *result)
{
	const char *asked = report_asked_name(result->target, &r->scratch);
	for (size_t i = 0; i < result->row_count && n->more.len < LINE_MAX_OCTETS; i++) {
		const struct check_row *row = &result->rows[i];
		const char *url = list_template(&r->scratch, row->list->evidence, asked);
		if (row->finding->status != STATUS_LISTED)
			continue;
		if (!url)
			url = list_template(&r->scratch, row->list->lookup, asked);
		words(&n->more,
		      arena_printf(&r->scratch, "%s: %s (%s impact)%s%s", result->target->text, row->list->name,
				   impact_text(row->finding->impact), url ? " " : "", url ? url : ""));
		buf_add_char(&n->more, '\n');
	}
}

static void nagios_begin(struct report *r)
{
	struct nagios *n = calloc(1, sizeof(*n));
	r->own = n;
	if (n)
		n->words = buf_make(1 << 16), n->more = buf_make(1 << 16);
	else
		r->out.error = -ENOMEM;
}

/* Rule 9, or the numbers of listings that the administrator set; what could not be told is unknown either way. */
static int state_of(const struct report *r, const struct check_result *result)
{
	uint32_t listings = result->tally.by_status[STATUS_LISTED];
	int state = result->unaskable ? NAGIOS_UNKNOWN : verdict_nagios(&result->tally, result->only_neighbour);
	if (result->unaskable || (!r->warning && !r->critical))
		return state;
	if (r->critical && listings >= r->critical)
		return NAGIOS_CRITICAL;
	if (r->warning && listings >= r->warning)
		return NAGIOS_WARNING;
	return result->verdict == VERDICT_UNKNOWN ? NAGIOS_UNKNOWN : NAGIOS_OK;
}

static void nagios_result(struct report *r, const struct check_result *result)
{
	struct nagios *n = r->own;
	int state = state_of(r, result);
	if (!n)
		return;
	n->targets++;
	for (int s = 0; s < STATUS_COUNT; s++)
		n->rows[s] += result->tally.by_status[s];
	n->clear_blocks += result->tally.clear_blocks;
	n->states[state]++;
	long_output(n, r, result);
	if (rank(state) > rank(n->state))
		n->state = state;
	if (state == NAGIOS_OK || n->words.len > LINE_MAX_OCTETS)
		return;
	if (n->words.len)
		buf_add_str(&n->words, "; ");
	if (result->tally.by_status[STATUS_LISTED])
		listed_names(n, result);
	else
		unknown_words(n, result);
}

/* What the resolver does is the first thing to know where it leaves the lists without an answer. */
static void nagios_resolver(const struct report *r, struct nagios *n)
{
	struct buf all = buf_make(1 << 16);
	if (!r->fault.kind)
		return;
	if (n->state == NAGIOS_UNKNOWN) {
		words(&all, r->fault.sentence);
		if (n->words.len)
			buf_printf(&all, "; %s", buf_text(&n->words));
		buf_clear(&n->words);
		buf_add(&n->words, buf_span(&all));
	} else {
		words(&n->more, r->fault.sentence);
		buf_add_char(&n->more, '\n');
	}
	if (r->fault.remedy) {
		words(&n->more, r->fault.remedy);
		buf_add_char(&n->more, '\n');
	}
	buf_release(&all);
}

static void nagios_finish(struct report *r, const struct check_totals *totals)
{
	static const char *const names[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
	struct nagios *n = r->own;
	const uint64_t *rows = totals->targets > (n ? n->targets : 0) ? totals->by_status : n ? n->rows : NULL;
	uint64_t not_known, clear_blocks;
	if (!n || !rows)
		return;
	clear_blocks = rows == totals->by_status ? totals->clear_blocks : n->clear_blocks;
	if (totals->interrupted && n->state == NAGIOS_OK) {
		n->state = NAGIOS_UNKNOWN;
		buf_add_str(&n->words, "interrupted");
	}
	nagios_resolver(r, n);
	not_known = rows[STATUS_REFUSED] + rows[STATUS_BROKEN] + rows[STATUS_UNREACHABLE];
	buf_printf(&r->out, "OFFLIST %s - ", names[n->state]);
	if (n->words.len)
		buf_add(&r->out, buf_span(&n->words));
	else if (rows[STATUS_LISTED])
		buf_printf(&r->out, "listed on %llu, fewer than you asked to hear of; clear on %llu blocklists",
			   (unsigned long long)rows[STATUS_LISTED], (unsigned long long)clear_blocks);
	else
		buf_printf(&r->out, "clear on %llu blocklists", (unsigned long long)clear_blocks);
	if (n->targets > 1 && n->state != NAGIOS_OK)
		buf_printf(&r->out, " (of %llu targets %llu critical, %llu warning, %llu unknown)",
			   (unsigned long long)n->targets, (unsigned long long)n->states[NAGIOS_CRITICAL],
			   (unsigned long long)n->states[NAGIOS_WARNING],
			   (unsigned long long)n->states[NAGIOS_UNKNOWN]);
	buf_printf(&r->out, " | listed=%llu;;;0 clear=%llu;;;0 no_answer=%llu;;;0 not_asked=%llu;;;0\n",
		   (unsigned long long)rows[STATUS_LISTED], (unsigned long long)clear_blocks,
		   (unsigned long long)not_known, (unsigned long long)rows[STATUS_NOT_ASKED]);
	buf_add(&r->out, buf_span(&n->more));
	r->status = n->state;
}

static void nagios_release(struct report *r)
{
	struct nagios *n = r->own;
	if (n)
		buf_release(&n->words), buf_release(&n->more);
	free(n);
	r->own = NULL;
}

const struct report_format report_nagios = {.name = "nagios",
					    .begin = nagios_begin,
					    .result = nagios_result,
					    .end = nagios_finish,
					    .release = nagios_release};
