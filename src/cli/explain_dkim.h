/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_EXPLAIN_DKIM_H
#define OFFLIST_CLI_EXPLAIN_DKIM_H

#include "cli/command.h"
#include "view/view_dkim.h"

/* Texts of `offlist explain dkim`. */

void cmd_explain_dkim_message(const struct context *c, const struct dkim_report *r, struct buf *out);
void cmd_explain_dkim_key(const struct context *c, const struct view_dkim_key *v, struct buf *out);

#endif
