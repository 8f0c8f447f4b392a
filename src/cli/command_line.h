/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_COMMAND_LINE_H
#define OFFLIST_CLI_COMMAND_LINE_H

#include "base/error.h"
#include "cli/options.h"

/* A command line read: which command, its options and arguments. */
struct command_line {
	const struct command *command; /* NULL: none was named */
	struct options *options;
	int argc;
	char **argv; /* in the order given */
};

/** @return 0; -EINVAL with one line in err; -ENOMEM. */
int command_line_parse(const struct command *const *table, int argc, char **argv, struct arena *arena,
		       struct command_line *ret_line, struct error *err);

/** Parse, set up the context, run. @return the exit status. */
int command_line_run(int argc, char **argv);

#endif
