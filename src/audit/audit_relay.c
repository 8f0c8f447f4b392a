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

static void step_relay(struct audits *all, struct audit *a, int64_t now_us)
{
	struct audit_relay *r = a->state;
	int rc = 0;
	(void)now_us;
	if (r->server.mta == MTA_POSTFIX)
		rc = audit_relay_postfix(r);
	else if (r->server.mta == MTA_NONE)
		a->note = "no mail server was found here";
	else
		audit_cannot(all, a, "the settings of %s are not judged yet", r->server.mta_name);
	if (rc < 0 && !a->why)
		all->error = rc;
	a->ended = true;
}

const struct audit_row audit_relay = {
	.name = "relay",
	.summary = "Whether strangers may send through this server to anybody",
	.begin = begin_relay,
	.step = step_relay,
};
