/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUDIT_BACKLOG_TOP_H
#define OFFLIST_AUDIT_BACKLOG_TOP_H

#include "audit/backlog.h"
#include "base/buf.h"

/* The most frequent of what one owner's messages, or all, have in common. */

enum { BACKLOG_TOP = 3 };

enum backlog_field {
	BACKLOG_SENDERS,
	BACKLOG_SUBJECTS,
	BACKLOG_REASONS,
	BACKLOG_CLIENTS,
	BACKLOG_SCRIPTS,
	BACKLOG_OWNERS
};

struct backlog_tops {
	struct {
		uint32_t number;
		size_t count;
	} at[BACKLOG_TOP];
	size_t count;    /* of `at` */
	size_t distinct; /* how many there are */
};

/** @param owner  0: of all. @return 0; -ENOMEM. */
int backlog_top(const struct backlog *b, uint32_t owner, enum backlog_field field, struct backlog_tops *ret_tops);

#endif
