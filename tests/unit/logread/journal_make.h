/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_TESTS_JOURNAL_MAKE_H
#define OFFLIST_TESTS_JOURNAL_MAKE_H

#include "base/buf.h"

/* Journal files for tests, as journald lays them out, without its hash tables, which nobody who reads all of it needs. */

enum { JOURNAL_MADE_MAX = 4096 };

struct journal_make {
	struct buf file;
	bool compact;
	uint8_t seqnum_id, boot; /* all octets of these ids */
	uint64_t seqnum, head_us, tail_us;
	uint64_t data[JOURNAL_MADE_MAX];
	size_t data_count, entry_count;
	uint64_t array; /* the last one of the chain */
	size_t array_room, array_used;
};

/** @param incompatible  the header's flags: the form of the file is by them. */
void journal_make_begin(struct journal_make *m, uint32_t incompatible);
/** A datum "NAME=value"; the same one is not made again. @param flag  packed so; 0: plain. @return its place */
uint64_t journal_make_datum(struct journal_make *m, struct span payload, unsigned flag);
void journal_make_entry(struct journal_make *m, uint64_t at_us, const uint64_t *data, size_t count);
/** An entry of Postfix with this message. */
void journal_make_line(struct journal_make *m, uint64_t at_us, const char *message);
/** Write the header; more may be added and this be called again. @return the file, which is in `m`. */
struct span journal_make_end(struct journal_make *m, unsigned state);
void journal_make_release(struct journal_make *m);

#endif
