/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_JOURNAL_UNPACK_H
#define OFFLIST_LOGREAD_JOURNAL_UNPACK_H

#include "base/span.h"

/* The packed data of a journal: long messages, by the library that the flag of the object names. Each is loaded when it is
 * needed first. */

struct journal_unpack;

/** @return NULL: no memory */
struct journal_unpack *journal_unpack_new(void);
void journal_unpack_free(struct journal_unpack *u);

/**
 * @param flag      PACKED_XZ, PACKED_LZ4 or PACKED_ZSTD.
 * @param most      octets that are wanted: no more of it is unpacked than the packing makes necessary.
 * @param ret_text  at most `most` octets, until the next call.
 * @return 0; -EBADMSG: damaged; -E2BIG: longer than JOURNAL_UNPACKED_MAX; -ELIBACC: the library is not there; -ENOMEM.
 */
int journal_unpack(struct journal_unpack *u, unsigned flag, struct span packed, size_t most, struct span *ret_text);
/** The library that was missing, "libzstd". NULL: none. */
const char *journal_unpack_missing(const struct journal_unpack *u);

#endif
