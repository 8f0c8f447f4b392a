/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_CHECK_READ_H
#define OFFLIST_CLI_CHECK_READ_H

#include "case/cause.h"

/* Reads what `offlist check --json` printed: the listings that a diagnosis starts from. */

enum { CHECK_READ_OCTETS_MAX = 64 << 20, CHECK_READ_LISTINGS_MAX = 10000 };

struct check_listings {
	struct case_listing *at; /* arena */
	size_t count, size;
	size_t checks;      /* objects read */
	int64_t checked_ms; /* the latest check; CASE_TIME_NONE: none was read */
};

/**
 * Add the listings of one text: objects one behind another, on one line each or not. Fleet summaries are passed over.
 * @param name  where the text stands, for messages.
 * @return 0; -EBADMSG with one line in err: it is something else; -ENOMEM; -E2BIG: too many.
 */
int listings_read(struct span text, const char *name, struct arena *arena, struct check_listings *listings,
		  struct error *err);

#endif
