/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_JOURNAL_H
#define OFFLIST_LOGREAD_SOURCE_JOURNAL_H

#include "base/error.h"
#include "logread/source_record.h"

/* The machine's journal through libsystemd, which is loaded when it is first asked for. */

struct journal;

/**
 * Entries of mail programs: facility mail, or an identifier that is known.
 * @param folder  journal files there; NULL: this machine's.
 * @return 0; -ELIBACC: no libsystemd; -ENOENT: no such entry, or none that may be read; err tells.
 */
int journal_open(const char *folder, struct journal **ret_journal, struct error *err);
void journal_free(struct journal *j);

/** Begin with the first entry that is no earlier. */
int journal_seek(struct journal *j, int64_t from_ms);

/** Ready to read when there may be more; journal_next() takes it. -1: the system tells of nothing. */
int journal_fd(struct journal *j);

/** The next entry's fields. @return 1; 0: the end, for now; -errno. */
int journal_next(struct journal *j, struct record *record);

#endif
