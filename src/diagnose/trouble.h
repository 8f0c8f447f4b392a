/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_TROUBLE_H
#define OFFLIST_DIAGNOSE_TROUBLE_H

#include "diagnose/fate.h"

/* How a receiver treats our own mail while it refuses somebody: what it refuses everybody is no word about one sender's
 * mail. What forwards send on is no measure: three that send spam on would excuse each other. Kept only for receivers and
 * times in which there was a refusal as spam or for a listing. */

enum {
	TROUBLES_MAX = 1 << 13,
	TROUBLE_SHELF = 4,                 /* rows that stand in one line of the cache */
	TROUBLE_FILTER = TROUBLES_MAX * 8, /* bits */
	TROUBLE_HOURS = 6,                 /* of one row */
};

struct trouble {
	uint32_t tag;                  /* part of the hash of receiver and time; 0: free */
	uint32_t passed, listed, spam; /* recipients, from the first refusal on; spam: or a domain is listed */
};

struct troubles {
	struct trouble *at; /* shelves with a short search; NULL: none yet */
	uint32_t count;
	uint64_t filter[TROUBLE_FILTER /
			64]; /* a bit for each row's tag: most deliveries meet no row, and need not look */
	int error;
};

void troubles_release(struct troubles *t);
/** Who a relay belongs to, as far as its name tells without a look at any list: hash of its last two labels. 0: no name. */
uint32_t trouble_receiver(struct span relay_name);
/** Begin to fetch from memory what trouble_note() will look at. @return what it is to be given as `tag`. */
uint64_t trouble_fetch(const struct troubles *t, const struct mail_delivery *d);
/** @param tag  of trouble_fetch(), or 0. @param forwarded  its refusal begins a row, and it is not counted. */
void trouble_note(struct troubles *t, const struct mail_delivery *d, const struct fate *f, uint64_t tag,
		  bool forwarded);
/** @param hour  since 1970. @return NULL: no refusal there at that time. */
const struct trouble *trouble_find(const struct troubles *t, uint32_t receiver, uint32_t hour);

#endif
