/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_BLOCKS_H
#define OFFLIST_LOGREAD_SOURCE_BLOCKS_H

#include "base/span.h"

/* A file as a row of blocks of its text: read plainly, or unpacked, in a thread of its own where that is asked for. */

enum { BLOCK_OCTETS = 256 << 10 }; /* fits the second-level cache: the lines are read where they were just written */

struct blocks;

/** How it went so far. */
struct blocks_state {
	uint64_t stored; /* octets read from the file */
	bool packed;
	bool cut;          /* the packed file ended in the middle */
	const char *fault; /* static text; NULL: none */
	int64_t packed_ms; /* when the unpacked file was last written, as gzip's head has it; 0: not told */
};

/**
 * Its first block is read here, to see whether the file is packed.
 * @param fd      closed by blocks_free(), also when this fails.
 * @param thread  unpack in a thread, RING_BLOCKS blocks ahead at most.
 * @param limit   plain: no octet from here on is read (a file that grows as fast as it is read has an end all the same).
 * @return 0; -ENOMEM; -ELIBACC: it is packed and libarchive is missing; -errno of read().
 */
int blocks_open(int fd, bool thread, uint64_t limit, struct blocks **ret_blocks);
/** Over text in memory, which is kept, not owned. */
int blocks_of_memory(struct span text, struct blocks **ret_blocks);
void blocks_free(struct blocks *b);

/**
 * The next block, valid until the next call. A plain file may be asked again after its end: it may have grown.
 * @return 1; 0: the end, or it cannot be read on (blocks_state).
 */
int blocks_next(struct blocks *b, struct span *ret_block);
/** Begin at this octet of a plain file's text. @return 0; -errno. */
int blocks_seek(struct blocks *b, uint64_t offset);
struct blocks_state blocks_state(struct blocks *b);
int blocks_fd(const struct blocks *b);
/** The text has an end for sure: no pipe, device or packed file. */
bool blocks_end(const struct blocks *b);

#endif
