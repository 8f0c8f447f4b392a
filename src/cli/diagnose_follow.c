/* SPDX-License-Identifier: BSD-2-Clause */
/* --follow: what the log says now, then each cause and block as it appears or becomes more certain. */
#include <errno.h>

#include "base/clock.h"
#include "cli/diagnose_command.h"
#include "cli/stop.h"
#include "cli/told.h"
#include "net/loop.h"

enum {
	QUIET_US = 100000,            /* lines that come together are judged together */
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
	struct log_coverage coverage;
	struct loop *loop;
	struct loop_source lines, stop;
	bool unreported;           /* lines were read since the last report */
	int64_t first_us, last_us; /* when the first and the last of them were read */
	int64_t reported_us;
	int status; /* of the last report, or what ends the run */
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

static int report_news(struct following *f, bool first)
{
	struct diagnose_command *k = f->k;
	struct diagnose_report r = {0};
	int status = EXIT_NOTHING;
	arena_release(&k->arena);
	diagnosis_now(f->diagnosis, clock_wall_ms());
	if (diagnosis_finish(f->diagnosis, &f->coverage, &k->arena, &r) < 0 || keep_news(f, &r) < 0)
		return complain(EXIT_IO, "out of memory");
	f->found |= r.cause_count || r.block_count;
	k->view.of.report = &r;
	k->view.of.coverage = &f->coverage;
	k->view.news_only = !first;
	if (first || r.cause_count || r.block_count) {
		status = diagnose_print(k);
		remember(f);
	}
	return status;
}

static void report(struct following *f)
{
	maillog_followed(f->log, &f->coverage);
	f->status = report_news(f, false);
	f->reported_us = loop_now_us(f->loop);
	f->unreported = false;
}

/* When the lines pause, at the latest after a while, and never too soon after the last report. */
static int64_t report_due_us(const struct following *f)
{
	int64_t due_us = f->last_us + QUIET_US;
	if (!f->unreported)
		return LOOP_NEVER;
	if (due_us > f->first_us + BETWEEN_REPORTS_US)
		due_us = f->first_us + BETWEEN_REPORTS_US;
	return due_us > f->reported_us + BETWEEN_REPORTS_US ? due_us : f->reported_us + BETWEEN_REPORTS_US;
}

static void read_lines(struct loop_source *source, int64_t now_us)
{
	struct following *f = source->owner;
	int lines = maillog_follow(f->log, now_us, clock_wall_ms());
	int64_t log_us = maillog_follow_deadline_us(f->log), due_us;
	if (lines > 0) {
		f->first_us = f->unreported ? f->first_us : now_us;
		f->last_us = now_us;
		f->unreported = true;
	}
	if (lines < 0)
		f->status = complain(EXIT_IO, "reading the log: %s", strerror(-lines));
	else if (now_us >= report_due_us(f))
		report(f);
	due_us = report_due_us(f);
	source->fd = maillog_follow_fd(f->log);
	source->deadline_us = log_us < due_us ? log_us : due_us;
	if (f->status != EXIT_NOTHING || stop_wanted())
		loop_stop(f->loop);
}

static void stop(struct loop_source *source, int64_t now_us)
{
	struct following *f = source->owner;
	(void)now_us;
	loop_stop(f->loop);
}

/* Until a signal or a fault. */
static void wait_for_lines(struct following *f)
{
	int r = loop_new(&f->loop);
	f->lines = (struct loop_source){.fd = -1, .events = LOOP_READ, .step = read_lines, .owner = f};
	f->stop = (struct loop_source){
		.fd = stop_fd(), .events = LOOP_READ, .deadline_us = LOOP_NEVER, .step = stop, .owner = f};
	if (r == 0) {
		f->reported_us = loop_now_us(f->loop);
		r = loop_add(f->loop, &f->lines);
	}
	if (r == 0)
		r = loop_add(f->loop, &f->stop);
	if (r == 0)
		r = loop_run(f->loop);
	if (r < 0)
		f->status = complain(EXIT_IO, "waiting for the log: %s", strerror(-r));
	if (f->status == EXIT_NOTHING && f->unreported)
		report(f);
	loop_free(f->loop);
}

static int follow(struct following *f)
{
	f->status = report_news(f, true);
	if (f->status == EXIT_NOTHING && !stop_wanted())
		wait_for_lines(f);
	return f->status == EXIT_NOTHING && f->found ? EXIT_FINDINGS : f->status;
}

int diagnose_follow(struct diagnose_command *k, struct diagnosis *d, struct maillog *m)
{
	struct following f = {.k = k, .diagnosis = d, .log = m, .told = told_new(), .fact = buf_make(1 << 16)};
	int status;
	if (!f.told)
		return complain(EXIT_IO, "out of memory");
	name_fact(&f);
	recall(&f);
	maillog_goes_on(m);
	status = log_input_read(&k->input, m, &f.coverage);
	if (status == EXIT_NOTHING)
		status = follow(&f);
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
