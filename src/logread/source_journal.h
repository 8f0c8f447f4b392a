/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_JOURNAL_H
#define OFFLIST_LOGREAD_SOURCE_JOURNAL_H

#include "base/error.h"
#include "logread/source_record.h"

/* Files of systemd's journal, read as one: this machine's, those of a folder, or one. */

struct journal;

/** What could not be read. */
struct journal_gap {
	char why[512];          /* with the file's name */
	int64_t from_ms, to_ms; /* STAMP_NONE: open */
};

/**
 * @param path  a file, or a folder with such files in it or in folders that are named by a machine's id; NULL: this machine's.
 * @return 0; -ENOENT: there is none; -EACCES: none that may be read; another -errno where the one file cannot be; err tells.
 */
int journal_open(const char *path, struct journal **ret_journal, struct error *err);
void journal_free(struct journal *j);

/** Begin with the first entry that is no earlier. */
int journal_seek(struct journal *j, int64_t from_ms);

/** Ready to read when there may be more; journal_next() takes it. -1: the system tells of nothing. */
int journal_fd(struct journal *j);

/** The fields of the next entry of a mail program. @return 1; 0: the end, for now; -ENOMEM. */
int journal_next(struct journal *j, struct record *record);

/** The gap of this number, from 0. @return whether there is one */
bool journal_gap(const struct journal *j, size_t number, struct journal_gap *ret_gap);
/** Is there an entry of a mail program? journal_seek() begins anew. @return 0; -ENOENT (err); -ENOMEM. */
int journal_any(struct journal *j, struct error *err);

/** Is it a file of the journal, by its content? */
bool journal_is_file(const char *path);
/** Are there such files in this folder, or in those of machines in it? */
bool journal_in(const char *folder);
/** The name of a machine's folder: its id, and the namespace's name behind it where it is not the usual one. */
bool journal_is_machine(const char *name);

#endif
