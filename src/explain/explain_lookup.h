/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_EXPLAIN_EXPLAIN_LOOKUP_H
#define OFFLIST_EXPLAIN_EXPLAIN_LOOKUP_H

#include "base/span.h"
#include "net/addr.h"

/* The room's own: output of tools that look names up, as people paste it. */

enum lookup_outcome { LOOKUP_NONE, LOOKUP_ANSWER, LOOKUP_TEXT, LOOKUP_NOT_LISTED, LOOKUP_FAILED };

struct lookup {
	struct span name;  /* whose record it is; empty: not told */
	struct span asked; /* the name that was asked and led there by CNAME; empty: `name` */
	enum lookup_outcome outcome;
	struct addr answer; /* of LOOKUP_ANSWER */
	struct span error;  /* as the tool has it; of LOOKUP_TEXT the text */
};

enum { LOOKUPS_MAX = 512 };

struct lookups {
	struct lookup at[LOOKUPS_MAX];
	size_t count;
	struct span alias, target; /* the last name that led elsewhere, and where to */
};

/** Every answer and error, in order; spans point into the text. None: it is no such output. */
void lookups_find(struct span text, struct lookups *ret_lookups);

#endif
