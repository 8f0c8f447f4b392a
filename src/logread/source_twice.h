/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_TWICE_H
#define OFFLIST_LOGREAD_SOURCE_TWICE_H

#include "base/span.h"

/*
 * Lines that stand in two files. A line that a file has twice is two lines; one that each of two files has once is one:
 * a line is given as often as the file has it that has it most. Some TWICE_ENTRIES / 2 lines are remembered: an hour that
 * the clocks are put back to, in the log of a busy server.
 */

enum { TWICE_ENTRIES = 1 << 17 };

struct twice;

/** @param seed  what a stranger cannot know: no line is made to look like another. */
struct twice *twice_new(uint64_t seed);
void twice_free(struct twice *t);
/** @return whether this line was given before, out of another file. */
bool twice_seen(struct twice *t, struct span line, int64_t at_ms, uint32_t source);

#endif
