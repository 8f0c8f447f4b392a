/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_DIAGNOSE_VIEW_H
#define OFFLIST_CLI_DIAGNOSE_VIEW_H

#include "view/view_diagnosis.h"

/* A diagnosis to print, and how. The writers are pure: values in, text out. */

struct diagnose_view {
	struct view_diagnosis of;
	bool news_only; /* --follow, after its first answer: causes and blocks alone */
	int64_t now_ms;
	unsigned width, height; /* height: rows of the terminal; 0: not known, or none */
	bool terminal;          /* a person's: log lines are wrapped; in a pipe each stays one line */
	bool colour, utf8;
};

/** The exit status: 1 causes, private blocks or findings of weight, 2 nothing found but unsure, 0. */
int diagnose_exit(const struct diagnose_view *v);
/** What a person reads. */
void diagnose_text(const struct diagnose_view *v, struct buf *out);

#endif
