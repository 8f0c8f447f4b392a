/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for the steps of audit/. */
#include "cli/drive_audit.h"

#include "cli/stop.h"
#include "net/loop.h"

struct running {
	struct audits *all;
	struct loop *loop;
};

static void step(struct loop_source *source, int64_t now_us)
{
	struct running *r = source->owner;
	if (audits_step(r->all, now_us) || stop_wanted())
		loop_stop(r->loop);
	source->deadline_us = audits_deadline_us(r->all);
}

static void stop(struct loop_source *source, int64_t now_us)
{
	struct running *r = source->owner;
	(void)now_us;
	loop_stop(r->loop);
}

int drive_audits(struct audits *all, const struct audit_row *const *rows, size_t count, struct arena *arena)
{
	struct running r = {.all = all};
	struct loop_source due = {.fd = -1, .step = step, .owner = &r};
	struct loop_source signals = {
		.fd = stop_fd(), .events = LOOP_READ, .deadline_us = LOOP_NEVER, .step = stop, .owner = &r};
	int rc = loop_new(&r.loop);
	if (rc == 0)
		rc = audits_begin(all, rows, count, arena, loop_now_us(r.loop));
	if (rc == 0)
		rc = loop_add(r.loop, &due);
	if (rc == 0)
		rc = loop_add(r.loop, &signals);
	if (rc == 0)
		rc = loop_run(r.loop);
	loop_free(r.loop);
	if (rc == 0)
		audits_interrupt(all);
	audits_settle(all);
	return rc ? rc : all->error;
}
