/* SPDX-License-Identifier: BSD-2-Clause */
/* The state folder, or what stands in for it. */
#include "cli/state.h"

#include <stdlib.h>
#include <unistd.h>

static const char state_default[] = "/var/lib/offlist";

const char *state_folder(const char *given, struct arena *arena)
{
	const char *base;
	if (given)
		return given;
	if (geteuid() == 0 || access(state_default, W_OK | X_OK) == 0)
		return state_default;
	base = getenv("XDG_STATE_HOME");
	if (base && base[0] == '/')
		return arena_printf(arena, "%s/offlist", base);
	base = getenv("HOME");
	return base && base[0] == '/' ? arena_printf(arena, "%s/.local/state/offlist", base) : NULL;
}

struct store *state_open(const struct context *c)
{
	struct store *store = NULL;
	struct error err = {{0}};
	if (c->state_dir) {
		if (store_open(c->state_dir, &store, &err) == 0)
			return store;
		complain(0, "%s; this run keeps nothing, and its query limits count its own queries only", err.text);
	} else {
		complain(0, "no state folder (HOME is not set); this run keeps nothing, and does not know of earlier "
			    "queries");
	}
	return store_open(NULL, &store, &err) == 0 ? store : NULL;
}
