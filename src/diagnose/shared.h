/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_SHARED_H
#define OFFLIST_DIAGNOSE_SHARED_H

#include "diagnose/identity.h"

/* Networks that logins have in common: an office, a school, a provider of many. A login that is new at a network where
 * others of this server have long been at home is no stranger's. */

struct shared_use {
	uint64_t network;
	uint32_t since_hour; /* this login used it again and again from here on */
	const struct identity *login;
	const struct network *seen; /* of that login */
};

struct shared {
	struct shared_use *at; /* by network, then by hour */
	size_t count;
};

/** @return 0; -ENOMEM. */
int shared_find(const struct identities *ids, struct shared *ret_shared);
void shared_release(struct shared *s);
/** Did another login use this network before that hour, again and again and without a burst? */
bool shared_before(const struct shared *s, const struct identity *id, const struct network *w, uint32_t hour);
/** Is this very address the place of several logins? */
bool shared_by_many(const struct shared *s, const struct network *w);

#endif
