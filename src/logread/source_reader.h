/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_READER_H
#define OFFLIST_LOGREAD_SOURCE_READER_H

#include "logread/source_journal.h"
#include "logread/source_unwrap.h"

/* One input being read: its next line, its head taken off. */
struct reader {
	struct lines lines;
	struct unwrap unwrap;
	struct journal *journal; /* instead of lines; owned */
	struct stamps stamps;
	struct log_line line;             /* the current one */
	int64_t key_ms;                   /* its time, or that of the last line before it that has one */
	int64_t last_ms;                  /* time of the last line that has one */
	uint64_t count;                   /* lines that were read */
	uint64_t number;                  /* of the last line of the text, given or a piece of one */
	uint64_t start_at, octets_before; /* where reading began, and what was read of the file before that */
	uint64_t beyond;                  /* lines in a row that are later than the window */
	bool open_end;                    /* the last line had no line end */
	uint32_t file;                    /* index into the sources' files */
};

/** @param blocks  owned from here on, also when this fails. @return 0; -ENOMEM. */
int reader_of_blocks(struct blocks *blocks, struct stamps stamps, uint32_t file, struct reader **ret_reader);
/** @param journal  owned from here on, also when this fails. */
int reader_of_journal(struct journal *journal, struct stamps stamps, uint32_t file, struct reader **ret_reader);
void reader_free(struct reader *r);

/**
 * The next line into r->line; empty lines are passed over.
 * @param last  an open line at the end is given (lines_next()).
 * @return 1; 0: the end, for now; -ENOMEM.
 */
int reader_next(struct reader *r, bool last);

#endif
