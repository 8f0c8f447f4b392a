/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_H
#define OFFLIST_LOGREAD_SOURCE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "logread/line.h"
#include "sys/trace.h"

/*
 * Where lines come from: files (plain, .gz, .xz, .zst, .bz2 by content, not by name), rotated sets, globs, folders,
 * standard input, the journal. They are put in the order of their first stamps; files that overlap in time are merged
 * by time, and a line that stands in two of them with the same stamp (mail.log and mail.warn) is given once.
 */

struct source_file {               /* what became of one input */
	const char *name;          /* as shown in file:line; "-" standard input, "journal" */
	int64_t first_ms, last_ms; /* STAMP_NONE: no stamp in it */
	uint64_t octets, lines;    /* unpacked; as read */
	uint64_t stored_octets;    /* size on disk, for the progress bar */
	bool cut;          /* ended in the middle (truncated archive, last line without end in a rotated file) */
	const char *fault; /* what went wrong, NULL: nothing */
	bool denied;       /* it may not be read by this user */
};

struct source_gap {
	int64_t from_ms, to_ms; /* STAMP_NONE: open */
	const char *why;        /* "mail.log.3.gz is missing between mail.log.2.gz and mail.log.4.gz" */
};

struct sources;

/** @param zone  for stamps without one; kept, not owned. now_ms: for standard input's year. */
struct sources *sources_new(const struct zone *zone, int64_t now_ms);
void sources_free(struct sources *s);
/** Who is told what happens while files are followed; kept, not owned; NULL: nobody. */
void sources_trace(struct sources *s, const struct trace *trace);

/**
 * Add an input: a file, "-", a folder (its mail logs), a glob, or "journal". A name whose siblings are its rotations
 * (mail.log, mail.log.1, mail.log.2.gz; mail.log-20261101) takes them with it only with `rotations`.
 * @return 0; -ENOENT, -EACCES ...; err says what to do.
 */
int sources_add(struct sources *s, const char *path, bool rotations, struct error *err);

/**
 * The log of this server's MTA (usual places, its settings' own place, else the journal).
 * @param mta_name as server_find() tells it; one that is not known: every MTA's places. @return 0; -ENOENT (err).
 */
int sources_add_own(struct sources *s, const char *root, const char *mta_name, struct error *err);

/** Only lines in [from, to] are given; STAMP_NONE: open. Whole files outside are not unpacked where their order tells. */
void sources_window(struct sources *s, int64_t from_ms, int64_t to_ms);

/**
 * Next line in order, its head read.
 * @return 1 with *ret_line (the sources' own, valid until the next call); 0: the end; negative errno: memory.
 * A file that cannot be read on is noted in its source_file, and the others go on.
 */
int sources_next(struct sources *s, const struct log_line **ret_line);

const struct source_file *sources_files(const struct sources *s, size_t *ret_count);
const struct source_gap *sources_gaps(const struct sources *s, size_t *ret_count);
/** Stored octets read and in all, for a progress bar; total 0: not known. */
void sources_progress(const struct sources *s, uint64_t *ret_done, uint64_t *ret_total);

/**
 * Go on reading what is written after the end: call instead of the end. Rotation (new inode) and truncation are followed.
 * It does not wait: sources_follow_fd() is ready to read, or sources_follow_deadline_us() has come, when there may be more.
 * @param now_us   of a clock that only goes forward.
 * @param wall_ms  for stamps without a year.
 * @return as sources_next(); 0: nothing now.
 */
int sources_follow(struct sources *s, int64_t now_us, int64_t wall_ms, const struct log_line **ret_line);
/** -1 before the first call that gave nothing. */
int sources_follow_fd(const struct sources *s);
int64_t sources_follow_deadline_us(const struct sources *s);

#endif
