/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/diagnose.h"

#include <errno.h>
#include <stdlib.h>

#include "diagnose/report.h"

#define CANDIDATES_ARENA_MAX ((size_t)256 << 20) /* what hosts' clients relay, without those that may */

struct diagnosis {
	struct diagnose_options options;
	struct tally tally;
};

struct diagnosis *diagnosis_new(const struct diagnose_options *o)
{
	struct diagnosis *d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->options = *o;
	tally_init(&d->tally, &d->options);
	return d;
}

void diagnosis_free(struct diagnosis *d)
{
	if (!d)
		return;
	tally_release(&d->tally);
	free(d);
}

void diagnosis_now(struct diagnosis *d, int64_t now_ms)
{
	d->options.now_ms = now_ms;
}

static void on_messages(void *arg, const struct mail_message *m, size_t count)
{
	struct diagnosis *d = arg;
	tally_messages(&d->tally, m, count);
}

static void on_event(void *arg, const struct mail_event *e, const struct line_copy *line)
{
	struct diagnosis *d = arg;
	tally_event(&d->tally, e, line);
}

struct mail_sink diagnosis_sink(struct diagnosis *d)
{
	return (struct mail_sink){.arg = d, .messages = on_messages, .event = on_event};
}

static int report_all(struct reporting *w)
{
	int rc = report_causes(w);
	if (rc == 0)
		rc = blocks_report(&w->t->blocks, w->coverage, w->arena, w->report);
	return rc == 0 ? report_notes(w) : rc;
}

int diagnosis_finish(struct diagnosis *d, const struct log_coverage *coverage, struct arena *arena,
		     struct diagnose_report *ret_report)
{
	struct diagnose_report r = {.from_ms = coverage->from_ms, .to_ms = coverage->to_ms};
	struct shared shared = {0};
	struct reporting w = {.t = &d->tally, .coverage = coverage, .arena = arena, .report = &r};
	int rc = tally_error(&d->tally);
	if (rc == 0)
		rc = shared_find(&d->tally.ids, &shared);
	w.ground = (struct ground){&d->tally.places, &shared, d->tally.from_ms};
	if (rc == 0)
		rc = report_all(&w);
	shared_release(&shared);
	if (rc == 0)
		*ret_report = r;
	return rc;
}

int diagnosis_candidates(struct diagnosis *d, const struct log_coverage *coverage, candidate_fn *fn, void *arg)
{
	struct arena arena = arena_make(CANDIDATES_ARENA_MAX);
	struct shared shared = {0};
	struct reporting w = {.t = &d->tally, .coverage = coverage, .arena = &arena};
	int rc = shared_find(&d->tally.ids, &shared);
	w.ground = (struct ground){&d->tally.places, &shared, d->tally.from_ms};
	if (rc == 0)
		rc = report_candidates(&w, fn, arg);
	shared_release(&shared);
	arena_release(&arena);
	return rc;
}
