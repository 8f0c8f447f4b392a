/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_ROWS_H
#define OFFLIST_DIAGNOSE_ROWS_H

#include "diagnose/report.h"

/* From a weighed candidate to a row of the report. */

struct found {
	struct candidate c;
	const struct detector *by;
};

/** @param cause  false: it is too weak for one, and is told as something to look at. @return 0; -ENOMEM. */
int row_of(const struct reporting *w, const struct found *x, bool cause, struct cause_row *row);
/** How often such a cause is right. */
double candidate_confidence(const struct candidate *c);
/** Of listings that no mail is the cause of. @return 0; -ENOMEM. */
int policy_row(const struct reporting *w, struct cause_row *row);
/** A cause that is no sender's: names, or the policy of the range. @return 1: ret_row is set; 0: none; -ENOMEM. */
int whole_cause(const struct reporting *w, struct cause_row *ret_row);
/** What began after the listing last; then what runs before what is past; then by strength. */
void rows_sort(struct cause_row *rows, size_t count);
/** What clients outside relayed, where this identity is that; else NULL. (report.c) */
const struct relaying *relaying_for(const struct reporting *w, const struct identity *id);

#endif
