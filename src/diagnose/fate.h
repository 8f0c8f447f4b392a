/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_FATE_H
#define OFFLIST_DIAGNOSE_FATE_H

#include "diagnose/diagnose.h"

/* What became of one recipient, in the words of this room. */
struct fate {
	bool delivered, rejected, deferred; /* rejected: for good, by the receiver's own word */
	bool unknown;                       /* no such mailbox, or no such domain */
	bool spam;                          /* judged spam, or too many complaints */
	bool listed;                        /* refused because our address is listed, privately or publicly */
	bool domain_listed;  /* refused because a domain is: the sender's, the HELO name's, one of a link */
	bool untold;         /* a refusal of this message for good, whose words tell no reason */
	bool limited;        /* stopped by this server's own limits */
	bool rate, identity; /* throttled; PTR, SPF, DKIM, DMARC */
	bool bad;            /* unknown, spam or listed */
	bool matched;        /* `match` is filled: else it is not even zero */
	enum mail_outcome outcome;
	struct reply_match match;
};

/** Only failures cost: their replies are classified. */
void fate_of(struct receivers *r, const struct mail_delivery *d, struct fate *ret_fate);

#endif
