/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_REPORT_H
#define OFFLIST_DIAGNOSE_REPORT_H

#include "diagnose/candidates.h"

/* From the tally to the report. */

enum {
	CAUSES_MAX = 256,
	NOTES_MAX = 32,
	LISTING_LAG_MS = 72 * 3600000, /* between a burst and its listing */
	LISTING_SLACK_MS = 3600000,    /* clocks and lists' delays */
	RUNNING_MS = 3600000,
	ALSO_MAX = 8,               /* of what is too weak for a cause */
	UNPARSED_PERMILLE_MAX = 50, /* more mail lines than this not understood: "nothing wrong" cannot be said */
};

struct reporting {
	const struct tally *t;
	const struct log_coverage *coverage;
	struct arena *arena;
	struct diagnose_report *report;
	struct relaying *relaying; /* of each host that has any */
	struct ground ground;
	uint32_t listed_hour;         /* in which a list was first named; 0: not known */
	uint64_t sent_before_listing; /* recipients of all in the hours before it */
};

/** @return 0; -ENOMEM. */
int report_causes(struct reporting *w);
int report_notes(struct reporting *w);
int report_candidates(struct reporting *w, candidate_fn *fn, void *arg);
/** When the listing began: told, or the earliest first refusal that names a list; CASE_TIME_NONE: not known. */
int64_t report_listed_ms(const struct reporting *w);
/** Did it go on before the listing, and not long before? False where the time of the listing is not known. */
bool report_explains(const struct reporting *w, int64_t first_ms, int64_t last_ms);
/** When a list first named us, and what was sent by then (listed_then.c). */
void report_look_at_listing(struct reporting *w);
/** Was a list first named right after this stretch, and was it most of what was sent by then? */
void signal_listed_then(const struct reporting *w, const struct detect *d, struct candidate *c);
/** Outgoing recipients of the hours that touch [from, to]. */
uint64_t report_recipients(const struct reporting *w, int64_t from_ms, int64_t to_ms);
/** All listings are of policy lists or of neighbours. */
bool report_policy_only(const struct reporting *w);

#endif
