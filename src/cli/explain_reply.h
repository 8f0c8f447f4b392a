/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_EXPLAIN_REPLY_H
#define OFFLIST_CLI_EXPLAIN_REPLY_H

#include "receivers/receivers.h"
#include "cli/command.h"
#include "cli/explain_paste.h"

/* One reply of a receiver, as a person gave it or as a bounce has it. */
struct explain_reply {
	struct span reply, relay, status;
	struct span recipient, action; /* of a bounce; empty: none */
	struct reply_match match;
	bool ours; /* what our own server told a client */
	struct span client;
};

/** Do the words look like a reply (a code, or words that a record has) rather than a zone or an answer? */
bool cmd_explain_reply_told(struct receivers *r, const struct paste_piece *piece, struct explain_reply *ret_reply);
/** Each reply of what was pasted. */
void cmd_explain_replies(struct buf *out, const struct context *c, struct receivers *r, const struct paste *paste);
/** What it means: text or, with --json, one object. */
void cmd_explain_reply_add(struct buf *out, const struct context *c, const struct explain_reply *r);
/** A notice of a bounce without its head. @return whether it is one. */
bool cmd_explain_notice(struct buf *out, const struct context *c, struct receivers *r, struct span text);
/** Every recipient's reply of one message. @return 1; 0: it is no bounce; -ENOMEM, -E2BIG. */
int cmd_explain_bounce(struct buf *out, const struct context *c, struct receivers *r, struct span message);

#endif
