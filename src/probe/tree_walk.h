/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_PROBE_TREE_WALK_H
#define OFFLIST_PROBE_TREE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/*
 * Goes through a folder and those below it, an entry a step. No link is followed, nothing but regular files is told and
 * nothing is opened but folders: who owns what lies there may have laid it out for us.
 */

enum tree_walk_step { TREE_WALK_FILE, TREE_WALK_OTHER, TREE_WALK_END };

enum { TREE_WALK_DEPTH_MAX = 40, TREE_WALK_PATH_SIZE = 4096 };

struct tree_walk;

/**
 * @param path     a folder or a file; one that is not there ends at once.
 * @param trusted  links on the way to it are followed: it is the administrator's.
 * @return 0; -ENOMEM; -EACCES, -ELOOP (a link that is not followed)...
 */
int tree_walk_new(const char *path, bool trusted, struct tree_walk **ret_walk);
struct tree_walk *tree_walk_free(struct tree_walk *w);

/** The next entry. @return TREE_WALK_FILE: the three below tell of it, until the next step. */
enum tree_walk_step tree_walk_next(struct tree_walk *w);
const char *tree_walk_path(const struct tree_walk *w);
const struct stat *tree_walk_stat(const struct tree_walk *w);
/** Open it to be read, if it is still that regular file. @return a descriptor, the caller's; a negative errno. */
int tree_walk_open(const struct tree_walk *w);
/** Folders that could not be read or lie too deep. */
size_t tree_walk_missed(const struct tree_walk *w);

#endif
