/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_JOURNAL_FILE_H
#define OFFLIST_LOGREAD_JOURNAL_FILE_H

#include <sys/stat.h>

#include "base/error.h"
#include "logread/journal_format.h"
#include "logread/journal_view.h"

/* One file of the journal: its entries in the order in which they were written. It may be written to while it is read. */

struct journal_id {
	uint8_t octets[16];
};

struct journal_entry {
	uint64_t seqnum, realtime_us, monotonic_us, xor_hash;
	struct journal_id boot;
	size_t count;
	uint64_t data[JOURNAL_ITEMS_MAX]; /* where they stand */
};

/** What of a file could not be read. */
struct journal_loss {
	uint64_t entries;
	uint64_t after_us, before_us; /* the good entries around; 0: none */
	bool short_file;              /* its end is missing */
	bool header;                  /* how many entries it has is not known */
};

enum { JOURNAL_ARRAY_PART = 512 };

struct journal_file {
	struct journal_view view;
	dev_t dev;
	ino_t ino;
	bool compact, archived;
	struct journal_id file_id, seqnum_id;
	uint64_t header_size, n_entries, first_array, head_seqnum, head_us, tail_us;

	uint64_t array, array_items, array_used, array_next; /* the array being read; 0: none yet */
	uint64_t part[JOURNAL_ARRAY_PART];                   /* of it */
	size_t part_at, part_len;
	uint64_t taken;       /* entries that were asked for, lost ones too */
	uint64_t entries_end; /* of the last one: the next stands behind it */
	uint64_t walk;        /* the chain is broken: the objects are gone through from here; 0: it is whole */
	uint64_t from_us;     /* earlier ones are passed over */
	struct journal_entry entry;
	struct journal_loss loss;
	uint64_t good_us, good_seqnum; /* of the last good one */
};

/**
 * Read the header.
 * @param fd  owned from here on, also when this fails.
 * @return 0; -EBADMSG: no journal, or its header is damaged; -EOPNOTSUPP: a newer form; -errno; err tells without the name.
 */
int journal_file_open(struct journal_file *f, int fd, struct error *err);
void journal_file_close(struct journal_file *f);
/** From the first entry that is no earlier. */
void journal_file_begin(struct journal_file *f, uint64_t from_us);
/** The next entry into f->entry; what is damaged is counted and passed over. @return 1; 0: the end, for now */
int journal_file_next(struct journal_file *f);
/** Pass over the entries that there are by now. */
void journal_file_pass(struct journal_file *f);
/** The entry in f->entry cannot be read after all. */
void journal_file_lose(struct journal_file *f);
/** Look at the header again. @return whether there are more entries than were read */
bool journal_file_grown(struct journal_file *f);
/** Give back the memory for reading; the next read takes it anew. */
void journal_file_rest(struct journal_file *f);

#endif
