/* SPDX-License-Identifier: BSD-2-Clause */
/* The state folder, or what stands in for it. */
#include "cli/state.h"

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
