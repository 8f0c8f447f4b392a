/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_NET_LOOP_H
#define OFFLIST_NET_LOOP_H

#include <stdint.h>

/*
 * The one way to wait. What has to wait (queries, a followed log, a program that runs) shows three things: a descriptor
 * that is ready when there is something to do, the time until which it waits at most, and a step that does what can be
 * done now and returns. Only the loop sleeps and reads the clock; a step learns the time from its argument, so that a
 * test may be the loop.
 */

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

#define LOOP_NEVER INT64_MAX

/**
 * One that waits; it lies in the memory of its owner. The loop looks at it again after each of its steps, which may
 * change all of it; a descriptor that a step closes is replaced, or set to -1, in the same step.
 */
struct loop_source {
	int fd;              /* no regular file; -1: only time is waited for */
	unsigned int events; /* LOOP_READ, LOOP_WRITE or both */
	int64_t deadline_us; /* as loop_now_us() counts; LOOP_NEVER */
	/** The descriptor is ready or the deadline has come; it may be called with neither. It must not wait. */
	void (*step)(struct loop_source *source, int64_t now_us);
	void *owner;
	struct loop_watch *watch; /* the loop's own; NULL: not added */
};

struct loop;

/** @return 0; -ENOMEM; -EMFILE... */
int loop_new(struct loop **ret_loop);
/** Those that are still in it are removed. NULL is taken. */
void loop_free(struct loop *l);

/** @return 0; -ENOMEM; -EPERM: a file that is always ready; -EBADF. */
int loop_add(struct loop *l, struct loop_source *source);
/**
 * Look again at one that another's step has changed, or whose descriptor may be a new one of the same number.
 * @return 0; as loop_add().
 */
int loop_update(struct loop_source *source);
/** No step of it begins after this, which a step may call for itself or for another. One that is not added is taken. */
void loop_remove(struct loop_source *source);

/**
 * Step those that are ready, each once before any of them again, until loop_stop() or until none of them
 * waits for anything.
 * @return 0; -errno: what a step left in its source cannot be waited for.
 */
int loop_run(struct loop *l);
/** For a step: loop_run() returns when this step does. */
void loop_stop(struct loop *l);

/** Microseconds that only go forward, for the first deadline of one that is added. */
int64_t loop_now_us(const struct loop *l);

#endif
