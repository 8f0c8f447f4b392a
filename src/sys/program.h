/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_SYS_PROGRAM_H
#define OFFLIST_SYS_PROGRAM_H

#include "base/buf.h"

/* Running a program of this machine to its end. */

struct program_limits {
	int64_t time_us;   /* from its start to the end of its output; then it is killed */
	size_t output_max; /* octets of its standard output; at one more it is killed */
	size_t errors_max; /* octets of its standard error that are kept; more is read and thrown away */
};

struct program_end {
	struct buf output, errors;
	int status; /* its exit status; 128 and the number of the signal that ended it, as shells have it */
};

/**
 * Run argv[0], looked for in the system's program folders (not in $PATH), without a shell, with no input and an
 * environment of two variables.
 * @return 0 when it came to its end by itself, whatever its status; -ENOENT: there is no such program; -ETIMEDOUT: also
 * when it went on after the end of its output; -E2BIG; -ENOMEM; -errno. In each case program_end_release() is due.
 */
int program_run(const char *const *argv, struct program_limits limits, struct program_end *ret_end);

void program_end_release(struct program_end *end);

#endif
