/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_JOURNAL_MEMBER_H
#define OFFLIST_LOGREAD_JOURNAL_MEMBER_H

#include "logread/journal_data.h"

/* The files of a journal that is read, and which of them has the next entry. */

struct journal_member {
	char *path;
	struct journal_file file;
	struct journal_data *data; /* while it is read */
	char *fault;               /* it cannot be read; NULL: it can */
	bool denied;
	uint64_t begins_us; /* no entry of this file, nor of those that go on from it, is earlier */
	bool begun;
	bool waits; /* read to its end, for now */
};

struct journal_members {
	struct journal_member **all; /* in the order in which they begin */
	size_t count, room;
	size_t next; /* of `all`: not begun up to here */
	struct journal_member **open;
	size_t open_count;
	uint64_t from_us;
};

void journal_members_release(struct journal_members *s);
/** A file; one that is there already is not taken again. @return 1: it was added; 0; -ENOMEM. */
int journal_members_add(struct journal_members *s, const char *path);
/** After files were added: their order. */
void journal_members_order(struct journal_members *s);
/** Anew, from the first entry that is no earlier. */
void journal_members_begin(struct journal_members *s, uint64_t from_us);
/** Whose entry comes next; NULL: none is left, for now. @return 0; -ENOMEM. */
int journal_members_first(struct journal_members *s, struct journal_member **ret_member);
/** Its entry was taken: those that other files have as well are passed over. */
void journal_members_advance(struct journal_members *s, struct journal_member *member);
/** Look whether more was written to files that were read to their end. @return whether it was */
bool journal_members_grown(struct journal_members *s);

#endif
