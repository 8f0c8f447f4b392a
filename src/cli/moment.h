/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_MOMENT_H
#define OFFLIST_CLI_MOMENT_H

#include "base/error.h"
#include "logread/stamp.h"

/* Times as people give them on the command line. */

struct moment_rules {
	const struct zone *zone; /* of times that name none */
	bool zone_needed;        /* such times are refused: nobody said which zone */
	int64_t now_ms;
	bool end; /* a day alone means its end */
};

/**
 * RFC 3339 ("2026-11-24T12:00:00Z", "2026-11-24 12:00:00+01:00"), "2026-11-24", "2026-11-24 12:00[:30]", "now", "today",
 * "yesterday", and "30m", "2h", "3d", "1w" ago.
 * @return 0; -EINVAL with a line that shows the forms.
 */
int moment_parse(const char *text, const struct moment_rules *rules, int64_t *ret_ms, struct error *err);

#endif
