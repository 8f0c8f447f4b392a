/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_DRIVE_DKIM_H
#define OFFLIST_CLI_DRIVE_DKIM_H

#include "auth/dkim.h"
#include "check/check.h"

/* DKIM with the real DNS: key records are asked for one after the other, for 20 seconds in all; what has not come by then has
 * failed. The network is opened and closed here. */

/** A verification to its end. @return 0; negative errno with a line in err. */
int drive_dkim(const struct check_config *config, struct dkim *d, struct error *err);

/** What one name has. @param arena  owns the answer's texts. @return 0; negative errno with a line in err. */
int drive_dkim_key(const struct check_config *config, const char *name, struct arena *arena,
		   struct dkim_answer *ret_answer, struct error *err);

#endif
