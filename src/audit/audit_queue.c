/* SPDX-License-Identifier: BSD-2-Clause */
/* What waits in the mail queue, and whose it is by the mail server's own files. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/backlog_places.h"
#include "audit/backlog_tell.h"
#include "mta/spool_walk.h"

enum {
	FILES_A_STEP = 250, /* some ten milliseconds; then whoever interrupts is heard */
	SERVER_OCTETS_MAX = 64 << 20,
};

struct reading {
	struct arena arena; /* of the server's settings */
	struct server server;
	struct backlog_places places;
	size_t queue; /* the place that is read */
	struct spool_walk *walk;
	struct backlog backlog;
	struct catalogue *lists;
	struct receivers *receivers;
	struct buf note;
	const char *why; /* the first thing that could not be read */
	bool cut;        /* interrupted */
};

/* Told at its end: what else there is to read is read first. */
static void cannot(struct audits *all, struct reading *r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void cannot(struct audits *all, struct reading *r, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!r->why)
		r->why = arena_copy(all->arena, span_str(text));
	if (!r->why)
		all->error = -ENOMEM;
}

static void say(struct audits *all, struct reading *r, const char *text)
{
	if (!text)
		all->error = -ENOMEM;
	buf_add_str(&r->note, r->note.len ? "; " : "");
	buf_add_str(&r->note, text ? text : "");
}

static int load_receivers(struct reading *r)
{
	const struct catalogue_config config = {0};
	struct error err = {""};
	int rc = catalogue_load(&config, NULL, NULL, &r->lists, &err);
	return rc < 0 ? rc : receivers_load(r->lists, NULL, NULL, NULL, &r->receivers, &err);
}

static int begin_queue(struct audits *all, struct audit *a, int64_t now_us)
{
	struct reading *r = arena_alloc(all->arena, 1, sizeof(*r));
	const char **notes;
	size_t note_count;
	int rc;
	(void)now_us;
	if (!r)
		return -ENOMEM;
	*r = (struct reading){.arena = arena_make(SERVER_OCTETS_MAX), .note = buf_make(4096)};
	a->state = r;
	rc = server_find(all->config.root, NULL, &r->arena, &r->server, &notes, &note_count);
	if (rc == 0)
		rc = backlog_places_find(all->config.root, &r->server, all->arena, &r->places);
	if (rc == 0)
		rc = load_receivers(r);
	if (rc < 0)
		return rc;
	if (r->server.mta == MTA_NONE && r->places.count == 0 && !r->places.unread)
		audit_cannot(all, a, "no mail server was found here");
	else if (r->places.count == 0)
		audit_cannot(all, a, "the queue of %s is not read",
			     r->server.mta != MTA_NONE ? r->server.mta_name : r->places.unread);
	return 0;
}

static void end(struct audits *all, struct audit *a, struct reading *r)
{
	if (r->places.unread)
		cannot(all, r, "the queue of %s, which runs here as well, is not read", r->places.unread);
	if (r->why)
		audit_cannot(all, a, "%s", r->why);
	a->ended = true;
	if (r->note.error)
		all->error = r->note.error;
	if (r->note.len)
		a->note = arena_copy(all->arena, buf_span(&r->note));
	if (r->note.len && !a->note)
		all->error = -ENOMEM;
}

static const char *mta_of(const struct reading *r)
{
	return r->places.at[r->queue].mta == r->server.mta ? r->server.mta_name : "Postfix";
}

static void open_queue(struct audits *all, struct reading *r)
{
	const struct backlog_place *place = &r->places.at[r->queue];
	int rc = backlog_init(&r->backlog);
	for (size_t i = 0; i < r->server.domain_count && rc == 0 && place->ours; i++)
		rc = backlog_domain(&r->backlog, r->server.domains[i]);
	if (rc == 0)
		rc = spool_walk_new(place->mta, place->path, &r->walk);
	if (rc == 0)
		return;
	if (rc == -ENOMEM)
		all->error = rc;
	else
		cannot(all, r, "the queue of %s in %s cannot be read: %s%s", mta_of(r), place->shown,
		       strerrordesc_np(-rc), rc == -EACCES ? "; run it as root" : "");
	backlog_release(&r->backlog);
	r->queue++;
}

static void miss(struct audits *all, struct reading *r, const char *name)
{
	const struct spool_missed *missed = spool_walk_missed(r->walk);
	if (r->backlog.full)
		cannot(all, r, "%s has more messages, or more names, than are added up", name);
	if (missed->files)
		cannot(all, r, "%zu file%s of %s could not be understood, among them %s: %s", missed->files,
		       missed->files == 1 ? "" : "s", name, missed->first, missed->why);
	if (missed->folders)
		cannot(all, r, "%zu folder%s of %s cannot be read%s", missed->folders, missed->folders == 1 ? "" : "s",
		       name, all->config.all_users ? "" : "; run it as root");
}

static void close_queue(struct audits *all, struct reading *r)
{
	const struct backlog_place *place = &r->places.at[r->queue];
	struct backlog_queue q = {
		.mta = place->mta,
		.name = arena_printf(all->arena, "the %squeue of %s in %s", r->cut ? "part that was read of the " : "",
				     mta_of(r), place->shown),
		.folder = place->shown,
		.settings = place->settings,
		.ours = place->ours,
		.domains_known = place->ours && r->server.domain_count > 0,
		.receivers = r->receivers,
		.now_s = all->config.now_s,
	};
	if (!q.name) {
		all->error = -ENOMEM;
		return;
	}
	backlog_tell(all, &r->backlog, &q);
	if (r->backlog.count || spool_walk_missed(r->walk)->folders == 0)
		say(all, r, backlog_sum(all, &r->backlog, &q));
	miss(all, r, q.name);
	r->walk = spool_walk_free(r->walk);
	backlog_release(&r->backlog);
	r->queue++;
}

static void step_queue(struct audits *all, struct audit *a, int64_t now_us)
{
	struct reading *r = a->state;
	enum spool_step got = SPOOL_STEP_OTHER;
	a->deadline_us = now_us;
	if (!r->walk)
		open_queue(all, r);
	for (int i = 0; i < FILES_A_STEP && r->walk && !all->error && got != SPOOL_STEP_END; i++) {
		got = spool_walk_next(r->walk);
		if (got == SPOOL_STEP_MESSAGE &&
		    backlog_add(&r->backlog, spool_walk_message(r->walk), spool_walk_file(r->walk)) < 0)
			all->error = -ENOMEM;
	}
	if (got == SPOOL_STEP_END)
		close_queue(all, r);
	if (r->queue == r->places.count && !all->error)
		end(all, a, r);
}

static void interrupt_queue(struct audits *all, struct audit *a)
{
	struct reading *r = a->state;
	r->cut = true;
	if (r->walk)
		close_queue(all, r);
	end(all, a, r);
}

static void release_queue(struct audit *a)
{
	struct reading *r = a->state;
	if (!r)
		return;
	r->walk = spool_walk_free(r->walk);
	backlog_release(&r->backlog);
	receivers_free(r->receivers);
	catalogue_free(r->lists);
	arena_release(&r->arena);
	buf_release(&r->note);
}

const struct audit_row audit_queue = {
	.name = "queue",
	.summary = "What waits in the mail queue, and whose it is",
	.begin = begin_queue,
	.step = step_queue,
	.interrupt = interrupt_queue,
	.release = release_queue,
};
