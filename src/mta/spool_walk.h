/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MTA_SPOOL_WALK_H
#define OFFLIST_MTA_SPOOL_WALK_H

#include "mta/server.h"
#include "mta/spool.h"

/*
 * Goes through the folders of a queue, a file a step. What is gone before it is opened was delivered meanwhile; what moves
 * from one folder to the next while it is gone through may be met twice. Nothing is locked, written or followed out of it.
 */

enum spool_step { SPOOL_STEP_MESSAGE, SPOOL_STEP_OTHER, SPOOL_STEP_END };

enum { SPOOL_NAME_OCTETS = 320 };

/** What could not be read. */
struct spool_missed {
	size_t files;                  /* messages whose file was not understood or not to be read */
	char first[SPOOL_NAME_OCTETS]; /* one of them, below the queue's folder */
	const char *why;
	size_t folders; /* not to be read */
};

struct spool_walk;

/** @param path  of the queue's folder. @return 0; -ENOTSUP: no reader for this MTA; -ENOENT; -EACCES; -ENOMEM... */
int spool_walk_new(enum mta_kind mta, const char *path, struct spool_walk **ret_walk);
struct spool_walk *spool_walk_free(struct spool_walk *w);

/** The next file. @return SPOOL_STEP_MESSAGE: spool_walk_message() has it. */
enum spool_step spool_walk_next(struct spool_walk *w);
/** The walk's own, until its next step. */
const struct spool_message *spool_walk_message(const struct spool_walk *w);
/** Its file, below the queue's folder. */
const char *spool_walk_file(const struct spool_walk *w);
const struct spool_missed *spool_walk_missed(const struct spool_walk *w);

#endif
