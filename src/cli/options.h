/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_OPTIONS_H
#define OFFLIST_CLI_OPTIONS_H

#include "base/arena.h"
#include "cli/command.h"

/* Command lines as POSIX and GNU tools take them: -abc, -fVALUE, --name VALUE, --name=VALUE, "--" ends options. */

struct options *options_new(struct arena *arena);

enum { OPTIONS_ARGUMENT = 1, OPTIONS_END = 2 };

/**
 * Read the next argument of argv at *at, which moves past what was read.
 * @param tables  option tables, ended by NULL; earlier ones win.
 * @return 0: an option was stored; OPTIONS_ARGUMENT: argv[*at] is no option (it stays); OPTIONS_END: nothing is left,
 *         or "--" was read; -EINVAL with a line in err; -ENOMEM.
 */
int options_next(struct options *o, const struct option_row *const *tables, int argc, char **argv, int *at,
		 struct error *err);

/** A value as if it had been given with its option. @return 0; -EINVAL with a line in err; -ENOMEM. */
int options_add(struct options *o, const struct option_row *row, const char *value, struct error *err);

/** The row of that name in the tables; NULL: none. */
const struct option_row *options_row(const struct option_row *const *tables, struct span name);

#endif
