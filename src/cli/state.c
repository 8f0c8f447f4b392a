/* SPDX-License-Identifier: BSD-2-Clause */
/* The state folder, or what stands in for it. */
#include "cli/state.h"

#include <errno.h>
#include <sys/stat.h>

/* The folders above the state folder, for a user's first run (~/.local/state). Failure shows when it is opened. */
static void make_parents(const char *dir, struct arena *arena)
{
	char *path = arena_copy(arena, span_str(dir));
	for (char *p = path ? strchr(path + 1, '/') : NULL; p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
}

struct store *state_open(const struct context *c)
{
	struct store *store = NULL;
	struct error err = {{0}};
	if (c->state_dir) {
		make_parents(c->state_dir, c->arena);
		if (store_open(c->state_dir, &store, &err) == 0)
			return store;
		complain(0, "%s; this run keeps nothing and its budget is its own", err.text);
	} else {
		complain(0, "no state folder (HOME is not set); this run keeps nothing and its budget is its own");
	}
	return store_open(NULL, &store, &err) == 0 ? store : NULL;
}
