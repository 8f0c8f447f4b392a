/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_TESTS_SOURCE_TREE_H
#define OFFLIST_TESTS_SOURCE_TREE_H

#include "base/buf.h"
#include "logread/source.h"

/* A folder of log files for a test. */

enum { TREE_TEXT_MAX = 64 << 20, TREE_NOW = 1795996800 }; /* 2026-11-30T00:00:00Z, in seconds */

struct tree {
	char path[64];
	struct zone *zone;
	struct sources *sources;
	struct error err;
	struct buf text; /* of tree_path(), tree_read() */
};

void tree_begin(struct tree *t);
void tree_end(struct tree *t);
/** Begin with new sources over the same files. */
void tree_again(struct tree *t);

/** Valid until the next call of a tree function. */
const char *tree_path(struct tree *t, const char *name);
void tree_write(struct tree *t, const char *name, struct span text);
void tree_str(struct tree *t, const char *name, const char *text);
void tree_append(struct tree *t, const char *name, const char *text);
/** Packed as gzip does, without its last `cut` octets. */
void tree_gzip(struct tree *t, const char *name, struct span text, size_t cut);
void tree_time(struct tree *t, const char *name, int64_t at_s);
void tree_rename(struct tree *t, const char *from, const char *to);
void tree_add(struct tree *t, const char *name, bool rotations);

/** All lines: what follows ": " in each (or the whole), with '|' between them. */
const char *tree_read(struct tree *t);
/** Is it told of more, by the descriptor, within so many ms? */
bool tree_told(struct tree *t, int ms);
/** sources_follow(), called when its descriptor or its deadline says so, for so many ms. */
int tree_follow_for(struct tree *t, int ms, const struct log_line **ret_line);
/** What its next line says, "" when none comes within 100 ms. */
const char *tree_follow(struct tree *t);

#endif
