/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_PROGRESS_H
#define OFFLIST_CLI_PROGRESS_H

#include "check/check.h"

/* A line on stderr that is written over, on a terminal only. */
struct progress {
	bool on;    /* stderr is a terminal */
	bool shown; /* the line stands there now */
	bool fleet;
	unsigned width;
};

struct progress progress_make(bool fleet);
void progress_show(struct progress *p, const struct check_progress *state);
/** Any line of ASCII text, cut at the width. */
void progress_line(struct progress *p, const char *text);
/** Take the line away before other text is printed. */
void progress_hide(struct progress *p);
/** "12 s", "3 min", "2 h 10 min". */
void progress_time(int64_t ms, char text[32]);

#endif
