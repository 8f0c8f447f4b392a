/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_PROBE_PROCESSES_H
#define OFFLIST_PROBE_PROCESSES_H

#include <sys/types.h>

#include "base/arena.h"

/*
 * What /proc tells of a process (proc(5)). A process may write its own name and arguments as it likes; what it runs from,
 * its user and its parent are the kernel's words.
 */

enum { PROCESS_COMMAND_OCTETS_MAX = 1024 };

struct process {
	pid_t pid, parent;
	uint32_t uid;
	uint64_t started_ticks; /* since the machine's start; with the pid it is one process for ever */
	const char *exe;        /* path; "": a kernel thread, or not to be read */
	bool deleted;           /* the file it runs from is gone, and none is in its place */
	const char *name;       /* as it calls itself */
	const char *command;    /* its arguments, blanks between them; cut */
	const char *directory;  /* in which it works; "": not to be read */
	const char *unit;       /* the last part of its control group: "apache2.service", "docker-…"; "" */
};

/** @param root  "" normally. Texts live in the arena. @return 0; -ENOENT: it is gone; -EACCES; -ENOMEM. */
int process_read(const char *root, pid_t pid, struct arena *arena, struct process *ret_process);

/** @return the number of pids; -errno: /proc is not to be read. `pids` may be NULL where max is 0. */
ssize_t process_list(const char *root, pid_t *pids, size_t max);

/** "net:[4026531840]" of its network namespace. @return 0; -ENOENT; -EACCES. */
int process_net(const char *root, pid_t pid, char *text, size_t size);

/** Calls for each socket that the process holds. @return 0; -ENOENT; -EACCES: another user's. */
int process_sockets(const char *root, pid_t pid, void (*on_socket)(void *arg, pid_t pid, uint64_t inode), void *arg);

#endif
