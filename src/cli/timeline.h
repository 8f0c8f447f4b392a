/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_TIMELINE_H
#define OFFLIST_CLI_TIMELINE_H

#include "base/buf.h"

/* Counts by hour as one line of bars, on a log scale: a burst of thousands does not hide the ten an hour before it. */

enum { TIMELINE_LEVELS = 8 };

struct timeline {
	int64_t from_ms; /* of the first hour */
	const uint32_t *hours;
	size_t count;
};

/** Bars of the line: hours of a bar, so that at most `columns` bars are needed. */
size_t timeline_step(size_t count, unsigned columns);
/** 0 (nothing) to TIMELINE_LEVELS, on a log scale where `peak` is the highest. */
unsigned timeline_level(uint32_t value, uint32_t peak);
/**
 * Add the bars; each shows the highest hour of its step. Nothing before the first or after the last hour with mail is
 * drawn, but for two empty hours that show the calm.
 * @param utf8  block characters; else ".:-=+*#@"
 * @param ret   what was drawn: from, to and the peak, for the caption
 */
struct timeline_drawn {
	int64_t from_ms, to_ms, peak_ms;
	uint32_t peak;
	size_t step; /* hours a bar */
};
void timeline_draw(struct buf *out, const struct timeline *t, unsigned columns, bool utf8, struct timeline_drawn *ret);

#endif
