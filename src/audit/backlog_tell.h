/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUDIT_BACKLOG_TELL_H
#define OFFLIST_AUDIT_BACKLOG_TELL_H

#include "audit/audit.h"
#include "audit/backlog.h"
#include "mta/server.h"
#include "receivers/receivers.h"

/** What a queue's messages come to. */
struct backlog_queue {
	enum mta_kind mta;
	const char *name;     /* "the queue of Postfix in /var/spool/postfix" */
	const char *folder;   /* where it lies */
	const char *settings; /* as its programs take them; NULL: the usual ones */
	bool ours;            /* its programs can be run here: not in a container */
	bool domains_known;   /* all that it serves */
	struct receivers *receivers;
	int64_t now_s;
};

/** Add what is to be found. */
void backlog_tell(struct audits *all, const struct backlog *b, const struct backlog_queue *q);

/** What is in it, one line: for who wants to know that it was read. NULL: memory. */
const char *backlog_sum(struct audits *all, const struct backlog *b, const struct backlog_queue *q);

/** To the finding added last: commands that hold, show, release, keep and remove this owner's messages, and nobody else's. */
void backlog_advise(struct audits *all, const struct backlog *b, const struct backlog_queue *q,
		    const struct backlog_owner *owner);

#endif
