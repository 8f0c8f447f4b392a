/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_QUANTITY_H
#define OFFLIST_CLI_QUANTITY_H

#include "base/buf.h"

/* Numbers for people. */

/** "9,021" */
void quantity_count(struct buf *out, uint64_t n);
/** "9,021 recipients", "1 recipient": `noun` gets an s. */
void quantity_of(struct buf *out, uint64_t n, const char *noun);
/** "812 B", "1.4 MB", "12 GB": powers of ten */
void quantity_octets(struct buf *out, uint64_t octets);
/** "35 %"; "under 1 %" for what is not nothing; "none" of none */
void quantity_share(struct buf *out, uint64_t part, uint64_t whole);
/** "43 minutes", "2 hours", "3 days"; "1 minute" at least */
void quantity_span(struct buf *out, int64_t ms);
/** "2026-11-24 12:00:30", UTC; "?" for a time that is not known */
void quantity_moment(struct buf *out, int64_t at_ms);

#endif
