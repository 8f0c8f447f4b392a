/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_EXPLAIN_REPLY_H
#define OFFLIST_CLI_EXPLAIN_REPLY_H

#include "catalogue/receivers.h"
#include "cli/command.h"

/* One reply of a receiver, as a person gave it or as a bounce has it. */
struct explain_reply {
	struct span reply, relay, status;
	struct span recipient, action; /* of a bounce; empty: none */
	struct reply_match match;
};

/** Do the words look like a reply (a code, or words that a record has) rather than a zone or an answer? */
bool explain_reply_told(struct receivers *r, struct span text, struct explain_reply *ret_reply);
/** What it means: text or, with --json, one object. */
void explain_reply_add(struct buf *out, const struct context *c, const struct explain_reply *r);
/**
 * Every recipient's reply of a message or an mbox.
 * @return the exit status; complained of where there is no bounce.
 */
int explain_bounces(struct buf *out, const struct context *c, struct receivers *r, struct span text, const char *name);

#endif
