/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_DRIVE_H
#define OFFLIST_CLI_DRIVE_H

#include "check/check.h"
#include "check/reverse.h"

/*
 * What check/ does is made of steps: here a command that does nothing else waits for the next one. The network is opened
 * and closed here.
 */

/** A whole run. @return 0; negative errno with a line in err. */
int drive_run(const struct check_config *config, check_source_fn *source, void *source_arg, uint64_t count,
	      struct check_totals *ret_totals, struct error *err);
int drive_health(const struct check_config *config, void (*on_list)(void *arg, const struct check_health *h), void *arg,
		 struct error *err);
/** As check_expand_targets(). */
int drive_expansion(const struct check_config *config, const struct target *given, size_t count, bool mx,
		    struct arena *arena, struct target *ret_targets, size_t max, bool *ret_incomplete);
/** Until all reverse names are there, or their time is over. */
void drive_reverse(struct dns_network *network, const struct reverse_run *reverse);

#endif
