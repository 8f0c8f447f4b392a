/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_RECENT_H
#define OFFLIST_DIAGNOSE_RECENT_H

#include "logjoin/mail_message.h"

/* Who wrote to whom lately, from outside: an automatic answer goes back to the same stranger at once, and no log says
 * whose answer it is. */

enum { RECENT_KEPT = 1 << 12, RECENT_ADDRESS_MAX = 126, ANSWER_WITHIN_MS = 15000 };

struct recent_one {
	uint64_t sender; /* hash; 0: free */
	int64_t at_ms;
	uint8_t len;
	bool failed; /* there is no such mailbox, or it did not take it */
	char address[RECENT_ADDRESS_MAX];
};

struct recent {
	struct recent_one *at; /* direct-mapped by sender */
	int error;
};

void recent_release(struct recent *r);
/** @param local  empty: what this stranger wrote was sent on, and its failure is no mailbox's here. */
void recent_note(struct recent *r, struct span sender, struct span local, int64_t at_ms);
/** The same of what could not be delivered to that address: what comes back is a bounce, not its answer. */
void recent_note_failed(struct recent *r, struct span sender, struct span local, int64_t at_ms);
/** The local address that `stranger` wrote to last, not later than at_ms; empty: none known. */
struct span recent_find(const struct recent *r, struct span stranger, int64_t at_ms, int64_t *ret_ms);
/** Was what it wrote last not delivered? */
bool recent_failed(const struct recent *r, struct span stranger);

#endif
