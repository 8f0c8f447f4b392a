/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_SYS_PROGRAM_H
#define OFFLIST_SYS_PROGRAM_H

#include "base/buf.h"
#include "base/error.h"
#include "sys/trace.h"

/*
 * A program of this machine: started, then stepped to its end by whoever waits for it (net/loop.h has the contract: a
 * descriptor, a deadline, a step). No step waits.
 */

struct program_task {
	const char *const *argv;   /* argv[0] is looked for in the system's program folders, not in $PATH */
	struct span input;         /* its standard input; empty: there is none */
	int64_t time_us;           /* from its start to the end of its output; then it is killed */
	size_t output_max;         /* octets of its standard output; at one more it is killed */
	size_t errors_max;         /* octets of its standard error that are kept; more is read and thrown away */
	const struct trace *trace; /* may be NULL */
};

struct program_end {
	struct buf output, errors;
	int error; /* 0: it came to its end by itself; -ETIMEDOUT: also when it went on after the end of its output; -E2BIG;
		     * -ENOMEM; -EIO */
	int status; /* its exit status; 128 and the number of the signal that ended it, as shells have it */
};

struct program;

/**
 * Start it without a shell, in a process group of its own and with an environment of two variables.
 * @param now_us  as its steps will be told.
 * @return 0; -ENOENT: there is no such program; -ENOMEM; -errno.
 */
int program_start(const struct program_task *task, int64_t now_us, struct program **ret_program);

int program_fd(const struct program *p); /* ready to read when there is something to do */
int64_t program_deadline_us(const struct program *p);
/** Read what it has said, end it where it is at a limit. @return whether it has ended: program_end() tells how. */
bool program_step(struct program *p, int64_t now_us);

/** After its last step; the program's own. */
const struct program_end *program_end(const struct program *p);
/** Why there is nothing to be had of it: "exit status 1: postconf: fatal: ..."; "" where it did not fail. */
void program_explain(const struct program *p, struct error *why);

/** One that still runs is killed, with the processes of its group. NULL is taken. */
void program_free(struct program *p);

#endif
