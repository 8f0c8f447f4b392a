/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGQUERY_TOP_H
#define OFFLIST_LOGQUERY_TOP_H

#include "base/span.h"

/*
 * Counts by name, in bounded memory: exact up to a number of names, from then on Space-Saving (Metwally, Agrawal, El
 * Abbadi: Efficient Computation of Frequent and Top-k Elements in Data Streams, 2005): a new name takes the place of the
 * one with the smallest count and inherits that count as its possible error. Sums of all counts stay exact.
 */

enum {
	TOP_KEY_MAX = 320, /* octets of a name that are kept: a mail address (RFC 5321 4.5.3.1) */
	TOP_VALUES = 6,    /* numbers beside the count */
};

struct top_entry {
	struct span key;
	uint64_t count;
	uint64_t error;              /* of the count, so much may be another name's: true count >= count - error */
	uint64_t values[TOP_VALUES]; /* the caller's; since this name took its place */
};

struct top;

/** @param limit  names kept, at least 1. @return NULL: no memory. */
struct top *top_new(size_t limit);
void top_free(struct top *t);
/**
 * Count a name.
 * @return its entry, until the next call; NULL: no memory (nothing was counted).
 */
struct top_entry *top_add(struct top *t, struct span key, uint64_t count);
/** The entry of a name; NULL: none. */
const struct top_entry *top_find(const struct top *t, struct span key);

enum { TOP_BY_COUNT = -1, TOP_BY_NAME = -2 };
/**
 * Entries in falling order, equal ones by name.
 * @param by  TOP_BY_COUNT, the index of a value, or TOP_BY_NAME: by name alone, rising.
 * @return an array that is valid until the next call of any function; NULL with *ret_count 0: empty, or no memory.
 */
const struct top_entry *const *top_sorted(struct top *t, int by, size_t *ret_count);

/** Names in the table; all there were while top_error() is 0. */
size_t top_count(const struct top *t);
/** Sum of all counts. */
uint64_t top_total(const struct top *t);
/** 0: exact. Else no name that is not in the table was counted more often than this. */
uint64_t top_error(const struct top *t);

#endif
