/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_WATCH_H
#define OFFLIST_LOGREAD_SOURCE_WATCH_H

#include <stdbool.h>

/*
 * One descriptor that is ready when a followed log may have more: the kernel's events on files and folders (inotify), and
 * descriptors that others have for theirs (the journal). It is a help and no more: file systems of other machines have
 * no such events, and a user's may be used up, so whoever follows looks now and then by himself.
 */

struct source_watch;

/** @return 0; -ENOMEM; -EMFILE... */
int source_watch_new(struct source_watch **ret_watch);
void source_watch_free(struct source_watch *w);

int source_watch_fd(const struct source_watch *w);

/** Watch the file that this name stands for now, over later renames. @return what source_watch_drop() takes; 0: not to be had. */
int source_watch_file(struct source_watch *w, const char *path);
/** The same of an open file. */
int source_watch_open_file(struct source_watch *w, int fd);
void source_watch_drop(struct source_watch *w, int file);
/** Watch for names that come into the folder in which `path` lies. */
void source_watch_names(struct source_watch *w, const char *path);
/** Be ready as well when this one is to be read, which the caller does. */
void source_watch_descriptor(struct source_watch *w, int fd);

/** Take what has come up to now: what is written from here on makes it ready again. @return whether names came. */
bool source_watch_take(struct source_watch *w);

#endif
