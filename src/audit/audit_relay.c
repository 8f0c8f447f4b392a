/* SPDX-License-Identifier: BSD-2-Clause */
/* May strangers send through this server to anybody? */
#include <errno.h>
#include <string.h>

#include "audit/audit_relay_parts.h"

void audit_relay_found(struct audit_relay *r, const char *id, const char *subject, const char *detail,
		       const char *evidence)
{
	for (size_t i = 0; subject && i < r->all->finding_count; i++)
		if (strcmp(r->all->findings[i].record->id, id) == 0 &&
		    strcmp(r->all->findings[i].subject, subject) == 0)
			return;
	if (evidence)
		audit_found(r->all, id, subject, detail, &evidence, 1);
	else
		r->all->error = -ENOMEM;
}

static int begin_relay(struct audits *all, struct audit *a, int64_t now_us)
{
	struct audit_relay *r = arena_alloc(all->arena, 1, sizeof(*r));
	const char **notes;
	size_t note_count;
	int rc;
	(void)now_us;
	if (!r)
		return -ENOMEM;
	*r = (struct audit_relay){.all = all, .a = a, .f = {.root = all->config.root, .arena = all->arena}};
	a->state = r;
	rc = server_find(all->config.root, NULL, all->arena, &r->server, &notes, &note_count);
	return rc < 0 ? rc : finder_prepare(&r->f);
}

/* Settings are judged at once; who tries the server itself is stepped on. */
static int judge_settings(struct audit_relay *r)
{
	if (r->server.mta == MTA_POSTFIX)
		return audit_relay_postfix(r);
	if (r->server.mta == MTA_NONE)
		r->a->note = "no mail server was found here";
	return 0;
}

/* Nobody tried it: then the settings are all that was looked at. */
static void untried(struct audit_relay *r, const char *why)
{
	if (r->server.mta == MTA_POSTFIX)
		r->a->note = arena_printf(r->all->arena, "only its settings were judged, nobody tried it: %s", why);
	else
		audit_cannot(r->all, r->a, "the settings of %s are not judged, and nobody tried it: %s",
			     r->server.mta_name, why);
	r->a->ended = true;
}

static void show(struct audit_relay *r)
{
	r->a->fd = stranger_probe_fd(r->probe);
	r->a->events = stranger_probe_events(r->probe);
	r->a->deadline_us = stranger_probe_deadline_us(r->probe);
}

static void begin_tries(struct audit_relay *r, int64_t now_us)
{
	struct error why = {{0}};
	int rc = -EPERM;
	if (r->all->config.sessions)
		rc = audit_relay_tries_begin(r, now_us, &why);
	else
		error_set(&why, rc, "run it as root");
	if (rc == -ENOMEM)
		r->all->error = rc;
	else if (rc < 0)
		untried(r, why.text);
}

static void step_relay(struct audits *all, struct audit *a, int64_t now_us)
{
	struct audit_relay *r = a->state;
	int rc = 0;
	if (!r->probe) {
		rc = judge_settings(r);
		a->ended = rc < 0 || a->why || a->note;
		if (rc < 0 && !a->why)
			all->error = rc;
		if (!a->ended)
			begin_tries(r, now_us);
	} else {
		a->ended = audit_relay_tries_step(r, now_us);
	}
	if (!a->ended && r->probe)
		show(r);
	else
		a->fd = -1;
}

static void release_relay(struct audit *a)
{
	if (a->state)
		audit_relay_tries_end(a->state);
}

const struct audit_row audit_relay = {
	.name = "relay",
	.summary = "Whether strangers may send through this server to anybody",
	.begin = begin_relay,
	.step = step_relay,
	.release = release_relay,
};
