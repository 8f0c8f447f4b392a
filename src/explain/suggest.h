/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_EXPLAIN_SUGGEST_H
#define OFFLIST_EXPLAIN_SUGGEST_H

#include "base/buf.h"
#include "lists/lists.h"

/* A configuration to start from: lists that work, need no key and no registration, with filters that take their listings
 * and none of their refusals, and with their terms. */

/** What it can be made for: "postfix", "exim", "rspamd", "spamassassin"; NULL behind the last. */
extern const char *const suggest_programs[];

/** @param program  one of suggest_programs. @return false: none of them. Errors stick in `out`. */
bool suggest_config(const struct catalogue *c, const char *program, struct buf *out);

#endif
