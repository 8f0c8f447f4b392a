/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_QUEUE_USERS_H
#define OFFLIST_DIAGNOSE_QUEUE_USERS_H

#include "logjoin/mail_message.h"

/*
 * qmail tells under which user a message was queued, and no more. The user of its SMTP server queues what programs would be
 * blamed for: everything that arrives. It is told by what it brings: mail from many places outside to several people here, and
 * messages of logins and clients. A web form brings its owner's mail alone.
 */

enum { QUEUE_USERS_MAX = 256 };

struct queue_user {
	const char *host; /* of the tally's */
	int32_t uid;
	uint32_t messages, by_smtp, from_outside; /* by_smtp: a login or a client is known */
	uint64_t outside_domains, people_here;    /* linear counting over 64 bits */
};

struct queue_users {
	struct queue_user at[QUEUE_USERS_MAX];
	uint32_t count;
};

/** @param inward  all of it went to people here, and its sender is of a domain elsewhere. */
void queue_users_note(struct queue_users *u, const char *host, const struct mail_message *m, bool inward);
/** Is this user, as system_user_of() names those without a name, the SMTP server's? */
bool queue_users_smtp(const struct queue_users *u, const char *host, const char *name);

#endif
