/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGJOIN_MAILLOG_H
#define OFFLIST_LOGJOIN_MAILLOG_H

#include "logjoin/holds.h"
#include "logjoin/mail_message.h"
#include "logread/source.h"

/* The whole engine: sources -> lines -> events -> messages -> sink. */

/** What the administrator did to messages that the log does not name (postsuper .. ALL). */
struct log_by_all {
	uint64_t messages;
	uint64_t unknown; /* so many of them may be any: they count as before */
};

struct log_coverage {
	int64_t from_ms, to_ms;          /* stamps of the first and last mail line read; STAMP_NONE: none */
	const struct source_file *files; /* owned by the sources */
	size_t file_count;
	const struct source_gap *gaps;
	size_t gap_count;
	const char *
		unread; /* a server whose log this is, and which is not read yet; NULL: none is known, or lines were read */
	uint64_t lines, mail_lines, unparsed; /* unparsed: mail lines that were not understood */
	uint64_t suppressed;                  /* lines that loggers say they dropped */
	uint64_t by_format[FORMAT_COUNT];     /* mail lines */
	uint64_t early;                       /* messages handed over before their end, for memory's sake */
	uint64_t long_lines;
	struct log_holds holds;
	struct log_by_all removed, held, released;
};

/** A shape of lines that were not understood: digits, addresses and ids folded to #. */
struct unparsed_shape {
	const char *program, *shape;
	uint64_t count;
	const char *example; /* its first line, and where */
	uint32_t source;
	uint64_t number;
};

struct maillog;

/** @param s  kept, not owned. @return NULL: no memory. */
struct maillog *maillog_new(struct sources *s, const struct mail_sink *sink);
void maillog_free(struct maillog *m);
/** Called each 16 MiB or so; true stops the reading. */
void maillog_on_progress(struct maillog *m, bool (*progress)(void *arg), void *arg);
/** Read to the end; messages still open are handed over. @return 0; -ENOMEM; -EINTR: stopped by `progress`. */
int maillog_read(struct maillog *m, struct log_coverage *ret_coverage);
/** The log goes on: messages still open at the end of maillog_read() stay so, but for those long untouched. */
void maillog_goes_on(struct maillog *m);
/**
 * Read what was written since, across rotations, until there is no more now, FOLLOW_LINES were read or `progress` stops
 * it. It does not wait: see sources_follow().
 * @return lines read, at most FOLLOW_LINES; -ENOMEM; another negative errno.
 */
int maillog_follow(struct maillog *m, int64_t now_us, int64_t wall_ms);
int maillog_follow_fd(const struct maillog *m);
int64_t maillog_follow_deadline_us(const struct maillog *m);
/**
 * What was followed up to now, before it is judged. Messages that no line told of for FOLLOW_IDLE_MS are handed over, as
 * if they had ended; this looks at each that is open.
 */
void maillog_followed(struct maillog *m, struct log_coverage *ret_coverage);
enum { FOLLOW_LINES = 100000, FOLLOW_IDLE_MS = 10 * 60 * 1000 };
/** Shapes not understood, most frequent first; at most UNPARSED_SHAPES_MAX are kept. */
const struct unparsed_shape *maillog_unparsed(const struct maillog *m, size_t *ret_count);

enum { UNPARSED_SHAPES_MAX = 256 };

#endif
