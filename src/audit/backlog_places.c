/* SPDX-License-Identifier: BSD-2-Clause */
#include "audit/backlog_places.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/processes.h"

enum { PIDS_MAX = 65536, LINK_SIZE = 64, PROCESS_OCTETS_MAX = 64 << 10 };

/* Only what stays: one process of each server that runs. */
static enum mta_kind server_of(const char *exe)
{
	const char *slash = strrchr(exe, '/'), *name = slash ? slash + 1 : exe;
	bool postfix = strstr(exe, "/postfix/") != NULL;
	if (strcmp(name, "master") == 0 && postfix)
		return MTA_POSTFIX;
	if (strcmp(name, "exim4") == 0 || strcmp(name, "exim") == 0)
		return MTA_EXIM;
	if (strcmp(name, "smtpd") == 0 && !postfix)
		return MTA_OPENSMTPD;
	/* /usr/sbin/sendmail may be anybody's */
	return strstr(exe, "/sendmail/sendmail") || strstr(exe, "/sm.bin/") || strcmp(name, "sendmail.sendmail") == 0
		       ? MTA_SENDMAIL
		       : MTA_NONE;
}

static bool is_elsewhere(pid_t pid)
{
	char path[LINK_SIZE], here[LINK_SIZE], there[LINK_SIZE];
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	ssize_t a = readlink("/proc/self/ns/mnt", here, sizeof(here)), b = readlink(path, there, sizeof(there));
	return a > 0 && b > 0 && (a != b || memcmp(here, there, (size_t)a) != 0);
}

static bool is_known(const struct backlog_places *p, const struct stat *st)
{
	struct stat known;
	for (size_t i = 0; i < p->count; i++)
		if (stat(p->at[i].path, &known) == 0 && known.st_dev == st->st_dev && known.st_ino == st->st_ino)
			return true;
	return false;
}

/* Postfix's master works in its queue's folder, wherever its settings are. */
static int add_master(struct backlog_places *p, const struct process *process, bool elsewhere, struct arena *arena)
{
	const char *path = arena_printf(arena, "/proc/%d/cwd", (int)process->pid);
	const char *shown = arena_printf(arena, "%s%s (pid %d)", process->directory,
					 elsewhere ? " of a container" : " of another instance", (int)process->pid);
	struct stat st;
	if (!path || !shown)
		return -ENOMEM;
	if (stat(path, &st) < 0 || is_known(p, &st) || p->count == BACKLOG_PLACES_MAX)
		return 0;
	p->at[p->count++] = (struct backlog_place){.mta = MTA_POSTFIX, .path = path, .shown = shown};
	return 0;
}

static int look_at(struct backlog_places *p, const struct server *server, pid_t pid, struct arena *arena)
{
	struct arena scratch = arena_make(PROCESS_OCTETS_MAX);
	struct process process;
	int rc = process_read("", pid, &scratch, &process);
	enum mta_kind kind = rc == 0 ? server_of(process.exe) : MTA_NONE;
	bool elsewhere = kind != MTA_NONE && is_elsewhere(pid);
	if (rc < 0 && rc != -ENOMEM)
		rc = 0; /* it is gone, or not to be looked at */
	if (kind == MTA_POSTFIX)
		rc = add_master(p, &process, elsewhere, arena);
	else if (kind != MTA_NONE && (elsewhere || kind != server->mta) && !p->unread) {
		p->unread =
			arena_printf(arena, "%s%s (pid %d)", process.exe, elsewhere ? " in a container" : "", (int)pid);
		rc = p->unread ? 0 : -ENOMEM;
	}
	arena_release(&scratch);
	return rc;
}

int backlog_places_find(const char *root, const struct server *server, struct arena *arena,
			struct backlog_places *ret_places)
{
	struct backlog_places *p = ret_places;
	pid_t *pids = calloc(PIDS_MAX, sizeof(*pids));
	ssize_t count = pids && !root[0] ? process_list("", pids, PIDS_MAX) : 0;
	int rc = pids ? 0 : -ENOMEM;
	*p = (struct backlog_places){0};
	for (size_t i = 0; i < server->queue_count && rc == 0; i++) {
		const struct server_queue *q = &server->queues[i];
		const char *path = arena_printf(arena, "%s%s", root, q->path);
		rc = path ? 0 : -ENOMEM;
		p->at[p->count++] = (struct backlog_place){server->mta, path, q->path, q->settings, true};
	}
	for (ssize_t i = 0; i < count && i < PIDS_MAX && rc == 0; i++)
		rc = look_at(p, server, pids[i], arena);
	free(pids);
	return rc;
}
