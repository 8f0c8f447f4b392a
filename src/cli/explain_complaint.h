/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_EXPLAIN_COMPLAINT_H
#define OFFLIST_CLI_EXPLAIN_COMPLAINT_H

#include "base/buf.h"
#include "cli/command.h"

/**
 * A complaint about a message of ours: which one, who sent it; with --log the cause at that time.
 * @param ret_status  the exit status, where it is one. @return whether it is one.
 */
bool cmd_explain_complaint(struct buf *out, struct context *c, struct span text, int *ret_status);
/** XARF's JSON by itself, which is no message. */
bool cmd_explain_is_report(struct span text);

#endif
