/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_INTERNAL_H
#define OFFLIST_LOGREAD_SOURCE_INTERNAL_H

#include <sys/stat.h>

#include "logread/source.h"
#include "logread/source_names.h"
#include "logread/source_reader.h"
#include "logread/source_twice.h"
#include "logread/source_watch.h"

/* What the files source*.c share; nobody else includes this. */

enum {
	INPUTS_MAX = 16384,
	SOURCES_ARENA_MAX = 64 << 20,
	THREADS_MAX = 8,       /* files unpacked in a thread of their own at one time; more are unpacked in place */
	GROWTH_MAX = 64 << 20, /* octets that are read of what a file grew by while it was read */
	FOLDER_DEPTH_MAX = 4,  /* folders in folders: one a host is usual */
	PROBE_LINES = 1000,    /* lines that are read for a first stamp */
	ORDER_GRACE_MS = 600 * 1000, /* lines of several processes are not quite in order, nor are rotations */
	HEAD_OCTETS = 256,           /* of a file's text: with inode they tell it again */
};

enum input_kind { INPUT_FILE, INPUT_STDIN, INPUT_JOURNAL };

/** What tells a file again although its name has changed. */
struct input_head {
	uint64_t hash;
	size_t len; /* octets hashed, at most HEAD_OCTETS */
};

struct input {
	enum input_kind kind;
	const char *path; /* to be opened; the journal: its folder or file, or NULL */
	const char *set;  /* folder and stem, the same text for all members of a rotated set; NULL: none */
	struct log_name name;
	uint64_t dev, ino;
	int64_t written_ms;
	bool rotated;  /* no longer written to */
	bool threaded; /* unpacked in a thread now */
	bool packed;
	bool skip;              /* outside the window */
	uint64_t at, at_number; /* where reading ended */
	struct input_head head;
	bool begun, ended;
	bool open_end;           /* the last line given had no line end: what is added to it is passed over */
	struct stamps stamps;    /* as reading left them */
	bool idle;               /* followed, and at its end when last asked */
	struct reader *follower; /* sources_follow() */
	bool moved;              /* followed, and another file has its name now */
	int watched;             /* followed: source_watch_file() of it; 0: no events */
	int heir_watched;        /* and of the empty file that has its name */
};

/** A hole: between two files, of which one may be missing. Times are filled in by the files' stamps. */
struct hole {
	uint32_t older, newer; /* UINT32_MAX: none */
	bool within;           /* `older` ends in the middle: from its last stamp */
	bool unread;           /* `older` itself could not be read */
	const char *why;
	bool timed; /* no files are named: from and to when is known here */
	int64_t from_ms, to_ms;
};

struct sources {
	const struct zone *zone;
	const struct trace *trace;
	int64_t now_ms;
	int64_t from_ms, to_ms;
	struct arena arena;
	struct input *inputs; /* one for each of `files` */
	struct source_file *files;
	size_t count, room;
	const char *denied; /* the first place of this server's own logs that may not be looked into; NULL: none */
	struct hole *holes;
	struct source_gap *gaps;
	size_t hole_count, hole_room;

	uint32_t *order; /* inputs by first stamp */
	size_t order_count, order_at;
	int64_t next_first_ms; /* of order[order_at]; INT64_MAX: none is left */
	bool prepared;
	struct reader **heap; /* by key_ms, then by place in `order` */
	uint32_t *place;      /* of an input in `order` */
	size_t heap_count;
	struct reader *given; /* whose line the caller has */
	int threads;
	struct twice *twice;
	int64_t twice_until_ms; /* up to here lines were merged */
	uint64_t done_octets;   /* stored, of files that were read to the end */

	bool following;
	size_t follow_at;
	struct source_watch *watch; /* while following */
	bool follow_more;           /* the last call gave a line */
	bool follow_names;          /* names came into a folder that was not read since */
	int64_t follow_looked_us;
	int64_t follow_wall_ms;
};

/* source_add.c */
int sources_input(struct sources *s, enum input_kind kind, const char *path, struct input **ret_input);
int sources_add_set(struct sources *s, const char *path, struct error *err);
/** Add what this input's set has that is dated later. @return 0; -ENOMEM. */
int sources_add_newer(struct sources *s, uint32_t file);
void set_fault(struct sources *s, uint32_t file, const char *fault);
/** Say why a path cannot be read, and what would help. @return r. */
int source_explain(int r, const char *path, struct error *err);

/* source_sniff.c */
/** Text, packed or not, that is no journal of systemd; one that this user may not read may be. */
bool source_looks_like_log(const char *path);

/* source_order.c */
/** Find first stamps and order. @return 0; -ENOMEM. */
int sources_prepare(struct sources *s);
/** @return 0; -ENOMEM; another -errno is noted as the file's fault. */
int input_open(struct sources *s, uint32_t file, bool thread, struct reader **ret_reader);

/* source_years.c */
/** The year in which a file of year-less stamps begins. @return 0: there is no reason to think of any but the latest. */
int source_first_year(int fd, uint64_t size, const struct stamps *stamps);

/* source_gaps.c */
int sources_hole(struct sources *s, struct hole hole);
int sources_find_holes(struct sources *s);

/* source_next.c */
/** The reader has come to its end: its figures are kept, it is freed. */
void reader_finish(struct sources *s, struct reader *r);
void reader_figures(struct sources *s, struct reader *r);
/** Is this line given? Not outside the window, not twice. */
bool line_wanted(struct sources *s, struct reader *r);
int twice_begin(struct sources *s);

/* source_follow.c */
struct input_head head_of(struct span text);
void sources_follow_end(struct sources *s);

#endif
