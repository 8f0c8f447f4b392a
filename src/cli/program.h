/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_PROGRAM_H
#define OFFLIST_CLI_PROGRAM_H

#include "base/error.h"
#include "cli/options.h"

/* A command line read: which command, its options and arguments. */
struct program_line {
	const struct command *command; /* NULL: none was named */
	struct options *options;
	int argc;
	char **argv; /* in the order given */
};

/** @return 0; -EINVAL with one line in err; -ENOMEM. */
int program_parse(const struct command *const *table, int argc, char **argv, struct arena *arena,
		  struct program_line *ret_line, struct error *err);

/**
 * The state folder: `given` (--state, or the settings') or /var/lib/offlist for whom may write there, else
 * $XDG_STATE_HOME/offlist, else ~/.local/state/offlist. NULL: none can be had. Nothing is made.
 */
const char *program_state_dir(const char *given, struct arena *arena);

/** Parse, set up the context, run. @return the exit status. */
int program_run(int argc, char **argv);

#endif
