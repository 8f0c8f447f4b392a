/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_NEXT_HOP_H
#define OFFLIST_DIAGNOSE_NEXT_HOP_H

#include "logjoin/mail_message.h"

/*
 * Does all mail go out through one relay host (a provider's smarthost)? It takes what it is given; what the world says of
 * it comes back later, as a notice to the sender.
 */

enum { NEXT_HOPS_MAX = 4 };

struct next_hop {
	uint32_t owner; /* trouble_receiver() of its name; 0: free */
	uint32_t count;
	uint64_t domains; /* of recipients; linear counting over 64 bits */
};

struct next_hops { /* majority counting (Misra and Gries 1982) over a sample */
	struct next_hop at[NEXT_HOPS_MAX];
	uint64_t seen, sampled;
};

/** A delivery of mail from here. */
void next_hops_note(struct next_hops *n, const struct mail_delivery *d);
/** @return its owner, as trouble_receiver() tells; 0: there is none, or it is too early to tell. */
uint32_t next_hops_relay(const struct next_hops *n);

#endif
