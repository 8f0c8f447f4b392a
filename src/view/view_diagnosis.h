/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_VIEW_VIEW_DIAGNOSIS_H
#define OFFLIST_VIEW_VIEW_DIAGNOSIS_H

#include "audit/audit.h"
#include "base/buf.h"
#include "diagnose/diagnose.h"

struct view_diagnosis {
	const struct diagnose_report *report;
	const struct log_coverage *coverage;
	const struct unparsed_shape *shapes; /* of lines that nobody understood */
	size_t shape_count;
	bool unparsed;        /* they were asked for */
	uint32_t explain;     /* causes whose signals are shown: bits 1 << enum cause */
	size_t top;           /* rows shown of each kind; 0: the writer's own choice */
	int64_t listed_at_ms; /* as told by --listed-at; CASE_TIME_NONE */
	const struct case_listing *listings;
	size_t listing_count;
	bool listings_known;
	const struct audits *server; /* what a glance at the server itself showed; NULL: the log is not its own */
};

/** One offlist.diagnose/1 object and a newline. */
void view_diagnosis(const struct view_diagnosis *v, struct buf *out);

#endif
