/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_EXPLAIN_WORD_H
#define OFFLIST_CLI_EXPLAIN_WORD_H

#include "receivers/receivers.h"
#include "cli/command.h"

/** Is it a reply code or status and nothing else? */
bool cmd_explain_is_code(struct span text);
/**
 * One word that is no reply and no zone: a reply code, a receiver's own code ("S3140"), an address, an operator ("spamhaus"),
 * a receiver's page. @return whether it was explained.
 */
bool cmd_explain_word(struct buf *out, const struct context *c, const struct catalogue *catalogue, struct receivers *r,
		      struct span text);

#endif
