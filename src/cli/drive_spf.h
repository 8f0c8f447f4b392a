/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_DRIVE_SPF_H
#define OFFLIST_CLI_DRIVE_SPF_H

#include "auth/spf.h"
#include "check/check.h"

/* An SPF evaluation with the real DNS: its questions are asked one after the other. The network is opened and closed here. */

/** A record to be published, taken for the one that the domain has. */
struct spf_instead {
	const char *domain;
	struct span record;
};

/**
 * To its end, or for 20 seconds (RFC 7208 4.6.4): what has not come by then has failed.
 * @param instead  NULL: none. @return 0; negative errno with a line in err.
 */
int drive_spf(const struct check_config *config, struct spf *s, const struct spf_instead *instead, struct error *err);

#endif
