/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_BLOCKS_H
#define OFFLIST_DIAGNOSE_BLOCKS_H

#include "base/arena.h"
#include "diagnose/fate.h"

/* The lists no DNS query shows: receivers' own blocks, by receiver and what the reply says. */

enum {
	BLOCKS_MAX = 1024,
	BLOCK_SLOTS = 4 * BLOCKS_MAX,
	UNKNOWN_BLOCK_MIN = 3, /* a block-like text that nobody has described counts from here on */
	QUOTED_MAX = 64,
	REPLY_KEPT_MAX = 512,
};

struct block_seen {
	uint64_t hash;
	enum reply_meaning means;
	const struct receiver *record;
	char *receiver, *reply, *zone, *address, *line;
	uint64_t count;
	int64_t first_ms, last_ms;
	uint32_t source;
	uint64_t number;
};

struct quoted {
	struct addr addr;
	uint64_t count;
};

struct blocks {
	struct block_seen *at;
	uint32_t count, size;
	uint16_t slots[BLOCK_SLOTS]; /* index + 1 by hash; 0: free */
	uint64_t beyond;             /* refusals whose block found no room */
	struct quoted quoted[QUOTED_MAX];
	uint32_t quoted_count;
	struct buf scratch;
	int error;
};

void blocks_init(struct blocks *b);
void blocks_release(struct blocks *b);
void blocks_note(struct blocks *b, const struct mail_delivery *d, const struct fate *f);
/** Most frequent first. @return 0; -ENOMEM. */
int blocks_report(const struct blocks *b, const struct log_coverage *coverage, struct arena *arena,
		  struct diagnose_report *r);

#endif
