/* SPDX-License-Identifier: BSD-2-Clause */
/* --follow: what the log says now, then each cause and block as it appears or becomes more certain. */
#include <errno.h>

#include "base/clock.h"
#include "cli/diagnose_command.h"
#include "cli/stop.h"
#include "cli/told.h"

enum {
	WAIT_MS = 500,
	BETWEEN_REPORTS_US = 2000000, /* judging all that was read takes time */
	TOLD_OCTETS_MAX = 4 << 20,
};

struct following {
	struct diagnose_command *k;
	struct diagnosis *diagnosis;
	struct maillog *log;
	struct told *told;
	struct buf fact; /* under which the state keeps it */
	bool found;
};

/* One memory for each set of logs: "own", or their names. */
static void name_fact(struct following *f)
{
	const struct options *o = f->k->c->options;
	buf_add_str(&f->fact, "told");
	for (size_t i = 0; i < options_count(o, "log"); i++)
		buf_printf(&f->fact, " %s", options_nth(o, "log", i));
	if (f->k->input.own)
		buf_add_str(&f->fact, " own");
}

static void recall(struct following *f)
{
	struct buf text = buf_make(TOLD_OCTETS_MAX);
	int64_t at_ms;
	if (f->k->store && store_fact_get(f->k->store, buf_text(&f->fact), &text, &at_ms, NULL) == 0)
		told_read(f->told, buf_span(&text));
	buf_release(&text);
}

static void remember(struct following *f)
{
	struct buf text = buf_make(TOLD_OCTETS_MAX);
	struct error err = {{0}};
	told_write(f->told, &text);
	if (f->k->store && text.error == 0 &&
	    store_fact_put(f->k->store, buf_text(&f->fact), clock_wall_ms(), buf_span(&text), &err) < 0)
		complain(0, "%s", err.text);
	buf_release(&text);
}

/* Only what is new. @return 0; -ENOMEM */
static int keep_news(struct following *f, struct diagnose_report *r)
{
	struct cause_row *causes = arena_alloc(&f->k->arena, r->cause_count + 1, sizeof(*causes));
	struct private_block *blocks = arena_alloc(&f->k->arena, r->block_count + 1, sizeof(*blocks));
	size_t cause_count = 0, block_count = 0;
	if (!causes || !blocks)
		return -ENOMEM;
	for (size_t i = 0; i < r->cause_count; i++)
		if (told_cause(f->told, &r->causes[i]))
			causes[cause_count++] = r->causes[i];
	for (size_t i = 0; i < r->block_count; i++)
		if (told_block(f->told, &r->blocks[i]))
			blocks[block_count++] = r->blocks[i];
	r->causes = causes;
	r->cause_count = cause_count;
	r->blocks = blocks;
	r->block_count = block_count;
	return 0;
}

static int report_news(struct following *f, const struct log_coverage *coverage, bool first)
{
	struct diagnose_command *k = f->k;
	struct diagnose_report r = {0};
	int status = EXIT_NOTHING;
	arena_release(&k->arena);
	diagnosis_now(f->diagnosis, clock_wall_ms());
	if (diagnosis_finish(f->diagnosis, coverage, &k->arena, &r) < 0 || keep_news(f, &r) < 0)
		return complain(EXIT_IO, "out of memory");
	f->found |= r.cause_count || r.block_count;
	k->view.report = &r;
	k->view.coverage = coverage;
	k->view.news_only = !first;
	if (first || r.cause_count || r.block_count) {
		status = diagnose_print(k);
		remember(f);
	}
	return status;
}

static int follow(struct following *f, struct log_coverage *coverage)
{
	int64_t reported_us = clock_mono_us();
	int status = report_news(f, coverage, true), lines = 0;
	bool unreported = false;
	while (status == EXIT_NOTHING && !stop_wanted() && lines >= 0) {
		lines = maillog_follow(f->log, WAIT_MS, coverage);
		unreported |= lines > 0;
		if (!unreported || clock_mono_us() - reported_us < BETWEEN_REPORTS_US)
			continue;
		status = report_news(f, coverage, false);
		reported_us = clock_mono_us();
		unreported = false;
	}
	if (status == EXIT_NOTHING && lines < 0 && lines != -EINTR)
		status = complain(EXIT_IO, "reading the log: %s", strerror(-lines));
	if (status == EXIT_NOTHING && unreported)
		status = report_news(f, coverage, false);
	return status == EXIT_NOTHING && f->found ? EXIT_FINDINGS : status;
}

int diagnose_follow(struct diagnose_command *k, struct diagnosis *d, struct maillog *m)
{
	struct following f = {.k = k, .diagnosis = d, .log = m, .told = told_new(), .fact = buf_make(1 << 16)};
	struct log_coverage coverage = {0};
	int status;
	if (!f.told)
		return complain(EXIT_IO, "out of memory");
	name_fact(&f);
	recall(&f);
	maillog_goes_on(m);
	status = log_input_read(&k->input, m, &coverage);
	if (status == EXIT_NOTHING)
		status = follow(&f, &coverage);
	told_free(f.told);
	buf_release(&f.fact);
	return status;
}

int diagnose_follow_allowed(const struct diagnose_command *k)
{
	const struct options *o = k->c->options;
	if (!options_has(o, "follow"))
		return EXIT_NOTHING;
	if (options_has(o, "until"))
		return complain(EXIT_USAGE, "--follow and --until exclude each other");
	for (size_t i = 0; i < options_count(o, "log"); i++)
		if (strcmp(options_nth(o, "log", i), "-") == 0)
			return complain(EXIT_USAGE, "--follow reads files and the journal; name the file instead of -");
	return EXIT_NOTHING;
}
