/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_EXPLAIN_MAIL_H
#define OFFLIST_CLI_EXPLAIN_MAIL_H

#include "receivers/receivers.h"
#include "cli/command.h"

/**
 * A message or an mbox: each complaint and each bounce in it.
 * @param name  of the file, for what cannot be told. @return the exit status; complained of where nothing was understood.
 */
int cmd_explain_mail(struct buf *out, struct context *c, struct receivers *r, struct span text, const char *name);

#endif
