/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUDIT_BACKLOG_PLACES_H
#define OFFLIST_AUDIT_BACKLOG_PLACES_H

#include "mta/server.h"

/* Where mail waits: what the settings name, and what runs beside that: other instances, and those in containers. */

enum { BACKLOG_PLACES_MAX = 64 };

struct backlog_place {
	enum mta_kind mta;
	const char *path, *shown; /* shown: as a person knows it */
	const char *settings;     /* as its programs take them; NULL: the usual ones */
	bool ours;                /* the settings name it: its programs can be run, and its domains are known */
};

struct backlog_places {
	struct backlog_place at[BACKLOG_PLACES_MAX];
	size_t count;
	const char *unread; /* a mail server that runs here and whose queue is not among them; NULL: none was seen */
};

/** Texts live in the arena, or are the server's. @return 0; -ENOMEM. */
int backlog_places_find(const char *root, const struct server *server, struct arena *arena,
			struct backlog_places *ret_places);

#endif
