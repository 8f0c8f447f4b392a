/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_PROBE_SENDER_PROBE_H
#define OFFLIST_PROBE_SENDER_PROBE_H

#include "probe/connections.h"
#include "probe/processes.h"

/*
 * Who on this machine holds connections to mail ports elsewhere, over several samples: of every network namespace whose
 * processes may be read, so of containers as well. A connection that is shorter than the time between two samples is seen
 * only as closed, without its process.
 */

enum {
	SENDER_REMOTES_MAX = 32, /* kept of one process; more are counted */
	SENDER_ANCESTORS_MAX = 16,
};

/** One that holds such connections, or listens; of the processes of a mail server only those that listen are here. */
struct sender {
	struct process process;
	pid_t ancestors[SENDER_ANCESTORS_MAX]; /* its parent first */
	size_t ancestor_count;
	struct endpoint remotes[SENDER_REMOTES_MAX]; /* each once */
	size_t remote_count;
	bool more_remotes;
	uint64_t connections; /* sockets, each once */
	bool listens;         /* on a mail port of this machine */
	bool mail_server;     /* a program known as one, or one that listens as one, or below it */
};

struct sender_probe;

/** @param root  "" normally. @return 0; -ENOMEM. */
int probe_new(const char *root, struct sender_probe **ret_probe);
struct sender_probe *probe_free(struct sender_probe *p);

/** Look once. @return 0; -ENOMEM; -EACCES and the like: /proc is not to be read. */
int probe_sample(struct sender_probe *p);

/** What was seen so far; the probe's own, until its next sample. */
struct sender_report {
	const struct sender *senders;
	size_t count;
	size_t missed; /* connections of the time of watching that no process was seen to hold: over too soon, or hidden */
	bool server; /* a mail server was seen: such connections may be its own */
	bool full;   /* there were more processes or connections than are kept */
};
struct sender_report probe_report(struct sender_probe *p);

#endif
