/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_HELP_H
#define OFFLIST_CLI_HELP_H

#include "base/buf.h"
#include "cli/command.h"

/* Help and completion, made from the tables of commands and options. */

extern const struct option_row options_global[];

/** Commands, one line each, and the global options. */
void help_overview(struct buf *out, const struct command *const *table, unsigned width);
/** One command: usage, details, options, its sub-commands. */
void help_command(struct buf *out, const struct command *const *table, const struct command *c, unsigned width);

/** @param shell "bash", "zsh" or "fish". @return 0; -EINVAL: another one. */
int completion_write(struct buf *out, const struct command *const *table, const char *shell);

#endif
