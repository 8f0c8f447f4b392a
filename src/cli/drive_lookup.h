/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_DRIVE_LOOKUP_H
#define OFFLIST_CLI_DRIVE_LOOKUP_H

#include "check/check.h"

/* One lookup after the other, for a command that has nothing else to wait for. */

struct drive_lookups {
	struct dns_network *network;
	int64_t end_us; /* of all of them together */
};

/** @return 0; negative errno with a line in err, nothing to be closed. */
int drive_lookups_open(const struct check_config *config, struct drive_lookups *ret_lookups, struct error *err);
/** @return `rc`; a negative one with a line in err. */
int drive_lookups_close(struct drive_lookups *l, int rc, struct error *err);

/**
 * Ask and wait; `fn` is called at most once, before this returns or, where the answer is late, before the network is closed.
 * @return 1: it was called; 0: the time is over or a signal came, and nothing more is asked; -EINVAL: such a name cannot
 * exist; other negative errno.
 */
int drive_lookup(struct drive_lookups *l, const char *name, uint16_t type, resolver_fn *fn, void *arg,
		 const bool *answered);

#endif
