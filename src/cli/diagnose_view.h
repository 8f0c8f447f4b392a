/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_DIAGNOSE_VIEW_H
#define OFFLIST_CLI_DIAGNOSE_VIEW_H

#include "base/buf.h"
#include "diagnose/diagnose.h"

/* A diagnosis to print, and how. The writers are pure: values in, text out. */

struct diagnose_view {
	const struct diagnose_report *report;
	const struct log_coverage *coverage;
	const struct unparsed_shape *shapes; /* --unparsed */
	size_t shape_count;
	bool unparsed;    /* they were asked for */
	uint32_t explain; /* causes whose signals are shown: bits 1 << enum cause */
	bool news_only;   /* --follow, after its first answer: causes and blocks alone */
	size_t top;       /* rows shown of each kind; 0: the writer's own choice */
	int64_t now_ms;
	int64_t listed_at_ms; /* as told by --listed-at; CASE_TIME_NONE */
	const struct case_listing *listings;
	size_t listing_count;
	bool listings_known;
	/* text only */
	unsigned width, height; /* height: rows of the terminal; 0: not known, or none */
	bool terminal;          /* a person's: log lines are wrapped; in a pipe each stays one line */
	bool colour, utf8;
};

/** The exit status: 1 causes or private blocks, 2 nothing found but unsure, 0. */
int diagnose_exit(const struct diagnose_report *r);
/** One offlist.diagnose/1 object and a newline. */
void diagnose_json(const struct diagnose_view *v, struct buf *out);
/** What a person reads. */
void diagnose_text(const struct diagnose_view *v, struct buf *out);

#endif
