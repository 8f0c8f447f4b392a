/* SPDX-License-Identifier: BSD-2-Clause */
#include "logread/source_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
	EVENTS_OCTETS = 16384,
	READS_MAX = 64, /* at one time; a folder in which more happens makes it ready again */
};

struct source_watch {
	int epoll;
	int inotify; /* -1: none to be had */
};

int source_watch_new(struct source_watch **ret_watch)
{
	struct source_watch *w = calloc(1, sizeof(*w));
	int r;
	if (!w)
		return -ENOMEM;
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll < 0) {
		r = -errno;
		free(w);
		return r;
	}
	w->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	source_watch_descriptor(w, w->inotify);
	*ret_watch = w;
	return 0;
}

void source_watch_free(struct source_watch *w)
{
	if (!w)
		return;
	if (w->inotify >= 0)
		close(w->inotify);
	close(w->epoll);
	free(w);
}

int source_watch_fd(const struct source_watch *w)
{
	return w->epoll;
}

int source_watch_file(struct source_watch *w, const char *path)
{
	int file = inotify_add_watch(w->inotify, path, IN_MODIFY);
	return file > 0 ? file : 0;
}

int source_watch_open_file(struct source_watch *w, int fd)
{
	char path[64]; /* its name may be another file's by now */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return source_watch_file(w, path);
}

void source_watch_drop(struct source_watch *w, int file)
{
	if (file > 0)
		inotify_rm_watch(w->inotify, file);
}

void source_watch_names(struct source_watch *w, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	int n = snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	if (n < (int)sizeof(folder))
		inotify_add_watch(w->inotify, folder, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
}

void source_watch_descriptor(struct source_watch *w, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event);
}

/* @return whether one of the events tells of a name; some may be lost */
static bool tells_of_names(const char *events, size_t len)
{
	struct inotify_event event;
	uint32_t seen = 0;
	for (size_t at = 0; at + sizeof(event) <= len; at += sizeof(event) + event.len) {
		memcpy(&event, events + at, sizeof(event));
		seen |= event.mask;
	}
	return seen & (IN_CREATE | IN_MOVED_TO | IN_Q_OVERFLOW);
}

bool source_watch_take(struct source_watch *w)
{
	char events[EVENTS_OCTETS];
	bool names = false;
	for (int i = 0; i < READS_MAX; i++) {
		ssize_t n = read(w->inotify, events, sizeof(events));
		if (n <= 0)
			break;
		names |= tells_of_names(events, (size_t)n);
	}
	return names;
}
