/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MTA_SPOOL_FILES_H
#define OFFLIST_MTA_SPOOL_FILES_H

#include <sys/stat.h>

#include "mta/server.h"
#include "mta/spool.h"

/* The room's own: where an MTA's queue has its files, and who reads one. */

/** The part of a file that is in memory; one for all files of a walk. */
struct spool_piece {
	uint8_t *octets;
	size_t size, len;
	uint64_t at; /* in the file */
	bool to_end;
};

int spool_piece_init(struct spool_piece *p);
void spool_piece_release(struct spool_piece *p);

struct spool_source {
	int fd, top;             /* top: the queue's folder, for files beside this one */
	const char *path, *name; /* path: below the queue's folder */
	uint64_t size_octets;
	uint32_t uid; /* whose file it is */
};

/**
 * Read the file from `at` on, `wanted` octets at least where it has them.
 * @return 0; -E2BIG; -ENOMEM; -errno.
 */
int spool_piece_read(struct spool_piece *p, int fd, uint64_t at, size_t wanted);
/** All of a file beside it, cut. An empty span: it is not there, or not to be read. */
struct span spool_piece_beside(struct spool_piece *p, int top, const char *path);

struct spool_layout {
	enum mta_kind mta;
	struct {
		const char *name;
		enum spool_state state;
	} folders[8];
	bool (*is_message)(const char *name);
	bool (*is_whole)(const struct stat *st); /* it is not being written */
	/** @return NULL: `m` has it; else why it was not understood. */
	const char *(*read)(const struct spool_source *s, struct spool_piece *piece, struct spool_message *m);
};

extern const struct spool_layout spool_layout_postfix, spool_layout_exim;

#endif
