/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_JOURNAL_VIEW_H
#define OFFLIST_LOGREAD_JOURNAL_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The octets of a journal file, read into windows. It is not mapped: journald cuts what a file has not used when it
 * rotates it, a copy may be cut at any time and a disk may have bad blocks; in a mapping each of these ends the program, and
 * copying a window costs what the faults of its pages would.
 */

enum {
	VIEW_WINDOW = 64 << 10,
	VIEW_SLACK = 4 << 10, /* a window goes on behind its end, so that an object of this size lies in one */
	VIEW_SPOT = 512,      /* what is read of something far away at first: most data are shorter */
	VIEW_WINDOWS = 16,    /* the last ones: most data stand just before their entry */
};

struct journal_window {
	uint64_t number; /* of the window in the file, from 1; 0: none */
	size_t len;
	uint8_t octets[VIEW_WINDOW + VIEW_SLACK];
};

struct journal_view {
	int fd; /* owned by whoever made it */
	uint64_t size;
	uint64_t here; /* number of the window in which reading goes on: data stand before their entry */
	struct journal_window *windows; /* VIEW_WINDOWS of them, when they are needed first */
	uint64_t spot_at;               /* something far away is read alone */
	size_t spot_len;
	uint8_t spot[VIEW_SLACK];
	uint8_t *large; /* what is longer than VIEW_SLACK */
	size_t large_size;
};

/** Reading goes on here: what stands before it is kept at hand. */
static inline void journal_view_here(struct journal_view *v, uint64_t at)
{
	v->here = at / VIEW_WINDOW + 1;
}

/** @return `len` octets, until the next call; NULL: the file has none there, or they cannot be read. */
const uint8_t *journal_view_at(struct journal_view *v, uint64_t at, size_t len);
/** What was read is read again: more was written. */
void journal_view_forget(struct journal_view *v);
void journal_view_release(struct journal_view *v);
/** Straight from the file. @return whether all of it is there */
bool journal_view_read(const struct journal_view *v, uint64_t at, void *out, size_t len);

#endif
