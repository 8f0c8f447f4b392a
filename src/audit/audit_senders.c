/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs beside the mail server that speak to mail servers elsewhere: their mail is in no log here. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "base/buf.h"
#include "mta/mta_programs.h"
#include "probe/sender_probe.h"
#include "probe/users.h"

enum {
	SAMPLE_EVERY_US = 100000, /* an SMTP session with one message takes longer, as a rule */
	DIRECT_MIN = 3,           /* other people's servers, within the time: more than a test or a monitor asks */
	DETAIL_OCTETS_MAX = 4096,
	GROUPS_MAX = 512,
	COMMAND_SHOWN = 160,
};

/* Processes that are one program's: a mailer that forks for each message is one. */
struct group {
	const struct sender *first;
	struct endpoint remotes[SENDER_REMOTES_MAX];
	size_t remote_count, direct; /* direct: of port 25 at public addresses */
	bool more;
	uint64_t connections, processes;
};

struct watching {
	struct sender_probe *probe;
	int64_t begun_us, end_us;
	int64_t watched_us; /* until the last sample */
};

/* What an interpreter runs: its first argument that is no option. */
static struct span script_of(const struct process *p)
{
	struct span rest = span_str(p->command);
	do
		rest = span_from(rest, span_find(rest, ' ') + 1);
	while (rest.len && rest.at[0] == '-');
	return span_of(rest.at, span_find(rest, ' '));
}

static bool is_same(const struct process *a, const struct process *b)
{
	return a->uid == b->uid && strcmp(a->exe, b->exe) == 0 && strcmp(a->unit, b->unit) == 0 &&
	       (!mta_program_interprets(a->exe) || span_equal(script_of(a), script_of(b)));
}

static bool is_public(const struct endpoint *e)
{
	enum addr_kind kind = addr_kind(&e->addr);
	return kind == ADDR_PUBLIC || kind == ADDR_DOCUMENTATION;
}

static void add_remote(struct group *g, const struct endpoint *remote)
{
	for (size_t i = 0; i < g->remote_count; i++)
		if (addr_equal(&g->remotes[i].addr, &remote->addr) && g->remotes[i].port == remote->port)
			return;
	if (g->remote_count == SENDER_REMOTES_MAX) {
		g->more = true;
		return;
	}
	g->remotes[g->remote_count++] = *remote;
	g->direct += remote->port == 25 && is_public(remote);
}

static size_t gather(const struct sender_report *report, struct group *groups)
{
	size_t count = 0;
	for (size_t i = 0; i < report->count; i++) {
		const struct sender *s = &report->senders[i];
		size_t at = 0;
		if (s->mail_server || s->connections == 0)
			continue;
		while (at < count && !is_same(&groups[at].first->process, &s->process))
			at++;
		if (at == GROUPS_MAX)
			continue;
		if (at == count)
			groups[count++] = (struct group){.first = s};
		groups[at].connections += s->connections;
		groups[at].processes++;
		groups[at].more |= s->more_remotes;
		for (size_t r = 0; r < s->remote_count; r++)
			add_remote(&groups[at], &s->remotes[r]);
	}
	return count;
}

/* Why a program that sends looks as if it did not want to be found; NULL: it does not. */
static const char *hides(const struct process *p)
{
	static const char *const places[] = {"/tmp/", "/var/tmp/", "/dev/shm/", "/memfd:", "/run/user/"};
	if (p->deleted)
		return "the file that it runs from has been deleted";
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (strncmp(p->exe, places[i], strlen(places[i])) == 0)
			return "it runs from a place for temporary files";
	if (p->command[0] == '[' && p->exe[0])
		return "it calls itself as threads of the kernel are called";
	return NULL;
}

/* It works for others as well, who would stand still with it: what is to be found is the script. */
static bool is_shared(const struct process *p)
{
	static const char *const names[] = {"php-fpm",   "php-cgi", "lsphp", "apache2", "httpd", "nginx",
					    "litespeed", "lshttpd", "uwsgi", "cron",    "crond", "atd"};
	const char *name = strrchr(p->exe, '/') ? strrchr(p->exe, '/') + 1 : p->exe;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t len = strlen(names[i]);
		if (strncmp(name, names[i], len) == 0 && strspn(name + len, "0123456789.-") == strlen(name + len))
			return true;
	}
	return false;
}

static void add_counts(struct buf *out, const struct group *g, int64_t watch_us)
{
	buf_printf(out, "%llu connection%s to %s%zu address%s", (unsigned long long)g->connections,
		   g->connections == 1 ? "" : "s", g->more ? "more than " : "", g->remote_count,
		   g->remote_count == 1 ? "" : "es");
	buf_printf(out, " in %.1f s", (double)watch_us / 1e6);
}

static const char *detail_of(struct audits *all, const struct group *g, int64_t watched_us)
{
	const struct process *p = &g->first->process;
	const char *user = process_user(all->config.root, p->uid, all->arena), *why = hides(p), *text;
	struct buf out = buf_make(DETAIL_OCTETS_MAX);
	buf_printf(&out, "pid %d", (int)p->pid);
	if (g->processes > 1)
		buf_printf(&out, " and %llu more", (unsigned long long)(g->processes - 1));
	buf_printf(&out, ", user %s: ", user ? user : "?");
	add_counts(&out, g, watched_us);
	if (why)
		buf_printf(&out, "; %s", why);
	if (p->command[0])
		buf_printf(&out, "; its command line: %.*s%s", COMMAND_SHOWN, p->command,
			   strlen(p->command) > COMMAND_SHOWN ? "..." : "");
	if (p->directory[0])
		buf_printf(&out, "; works in %s", p->directory);
	if (p->unit[0])
		buf_printf(&out, "; part of %s", p->unit);
	text = arena_copy(all->arena, buf_span(&out));
	buf_release(&out);
	return user ? text : NULL;
}

static void tell(struct audits *all, const struct group *g, int64_t watched_us)
{
	const char *evidence[AUDIT_EVIDENCE_MAX];
	const struct process *p = &g->first->process;
	size_t count = 0;
	bool many = g->direct >= DIRECT_MIN || (g->direct && g->more);
	/* a program whose folder was replaced while it ran has no file any more either */
	bool hidden = hides(p) && (g->direct || !p->deleted);
	const char *id = hidden                 ? "senders.hidden"
			 : many && is_shared(p) ? "senders.web"
			 : many                 ? "senders.direct"
			 : g->direct            ? "senders.few"
						: "senders.submits";
	for (; count < g->remote_count && count < AUDIT_EVIDENCE_MAX; count++) {
		char address[ADDR_TEXT_SIZE];
		addr_text(&g->remotes[count].addr, address);
		evidence[count] = arena_printf(all->arena, "connected to %s port %u", address,
					       (unsigned int)g->remotes[count].port);
		if (!evidence[count]) {
			all->error = -ENOMEM;
			return;
		}
	}
	audit_found(all, id, p->exe[0] ? p->exe : p->name, detail_of(all, g, watched_us), evidence, count);
}

static void settle(struct audits *all, struct audit *a)
{
	const struct watching *w = a->state;
	const struct sender_report found = probe_report(w->probe), *report = &found;
	struct group *groups = calloc(GROUPS_MAX, sizeof(*groups));
	size_t count = groups ? gather(report, groups) : 0;
	if (!groups)
		all->error = -ENOMEM;
	for (size_t i = 0; i < count && !all->error; i++)
		tell(all, &groups[i], w->watched_us);
	free(groups);
	if (report->full)
		audit_cannot(all, a, "there were more processes or connections than are looked at");
	else if (!all->config.all_users)
		audit_cannot(all, a, "processes of other users and of containers cannot be looked at: run it as root");
	else if (report->missed && !report->server)
		audit_cannot(all, a,
			     "%zu connection%s over before it could be seen who made %s, and no mail server runs here",
			     report->missed, report->missed == 1 ? " was" : "s were",
			     report->missed == 1 ? "it" : "them");
	else if (report->missed)
		a->note = arena_printf(
			all->arena,
			"%zu connection%s over before it could be seen who made %s: the mail server, or another",
			report->missed, report->missed == 1 ? " was" : "s were", report->missed == 1 ? "it" : "them");
	a->ended = true;
}

static int begin_senders(struct audits *all, struct audit *a, int64_t now_us)
{
	struct watching *w = arena_alloc(all->arena, 1, sizeof(*w));
	if (!w || probe_new(all->config.root, &w->probe) < 0)
		return -ENOMEM;
	w->begun_us = now_us;
	w->end_us = now_us + all->config.watch_us;
	a->state = w;
	return 0;
}

static void step_senders(struct audits *all, struct audit *a, int64_t now_us)
{
	struct watching *w = a->state;
	int rc = probe_sample(w->probe);
	w->watched_us = now_us - w->begun_us;
	if (rc == -ENOMEM) {
		all->error = rc;
		return;
	}
	if (rc < 0) {
		audit_cannot(all, a, "/proc cannot be read: %s", strerror(-rc));
		return;
	}
	a->deadline_us = now_us + SAMPLE_EVERY_US;
	if (now_us < w->end_us)
		return;
	settle(all, a);
}

static void interrupt_senders(struct audits *all, struct audit *a)
{
	settle(all, a);
}

static void release_senders(struct audit *a)
{
	struct watching *w = a->state;
	if (w)
		w->probe = probe_free(w->probe);
}

const struct audit_row audit_senders = {
	.name = "senders",
	.summary = "Programs beside the mail server that send mail by themselves",
	.at_a_glance = true,
	.watches = true,
	.begin = begin_senders,
	.step = step_senders,
	.interrupt = interrupt_senders,
	.release = release_senders,
};
