/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * On libevent (its core library). One event stands for a source's descriptor and its deadline; it stays registered over
 * the steps, so that a step costs no call of the kernel but the waiting.
 */
#include "net/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/clock.h"

enum { LONGEST_S = 365 * 24 * 3600 }; /* a deadline further away is looked at again then */

struct loop_watch {
	LIST_ENTRY(loop_watch) entry;
	struct loop *loop;
	struct loop_source *source;
	struct event *event;
	int fd; /* as registered */
	unsigned int events;
};

LIST_HEAD(watch_list, loop_watch);

struct loop {
	struct event_base *base;
	struct watch_list watches;
	struct loop_watch *stepping; /* whose step runs; NULL: none, or it was removed */
	bool stopped;
	int error; /* of waiting; it sticks */
};

/* It would print what comes back as an error. */
static void say_nothing(int severity, const char *text)
{
	(void)severity;
	(void)text;
}

/* Exact to the microsecond, and by the time that it is, not that of the last round. */
static struct event_base *new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;
	if (config && event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER | EVENT_BASE_FLAG_NO_CACHE_TIME |
							    EVENT_BASE_FLAG_NOLOCK) == 0)
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}

int loop_new(struct loop **ret_loop)
{
	struct loop *l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	event_set_log_callback(say_nothing);
	errno = 0;
	l->base = new_base();
	if (!l->base) {
		free(l);
		return errno ? -errno : -ENOMEM;
	}
	LIST_INIT(&l->watches);
	*ret_loop = l;
	return 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	while (!LIST_EMPTY(&l->watches))
		loop_remove(LIST_FIRST(&l->watches)->source);
	event_base_free(l->base);
	free(l);
}

int64_t loop_now_us(const struct loop *l)
{
	(void)l;
	return clock_mono_us();
}

static int fault(void)
{
	return errno ? -errno : -EIO;
}

/* Wait for the descriptor that the event has, up to the source's deadline. */
static int set_deadline(struct loop_watch *w)
{
	int64_t left_us = w->source->deadline_us - loop_now_us(w->loop);
	struct timeval left = {.tv_sec = LONGEST_S};
	errno = 0;
	if (w->source->deadline_us == LOOP_NEVER) {
		if (event_add(w->event, NULL) < 0)
			return fault();
		return event_remove_timer(w->event) < 0 ? -ENOMEM : 0;
	}
	if (left_us <= 0)
		left = (struct timeval){0};
	else if (left_us / 1000000 < LONGEST_S)
		left = (struct timeval){.tv_sec = left_us / 1000000, .tv_usec = left_us % 1000000};
	return event_add(w->event, &left) < 0 ? fault() : 0;
}

static void on_ready(evutil_socket_t fd, short what, void *arg);

/* Register the source as it stands now. */
static int set_event(struct loop_watch *w)
{
	unsigned int events = w->source->fd < 0 ? 0 : w->source->events;
	short what = EV_PERSIST;
	if (events & LOOP_READ)
		what |= EV_READ;
	if (events & LOOP_WRITE)
		what |= EV_WRITE;
	event_del(w->event);
	if (event_assign(w->event, w->loop->base, events ? w->source->fd : -1, what, on_ready, w) < 0)
		return -EINVAL;
	w->fd = w->source->fd;
	w->events = w->source->events;
	return set_deadline(w);
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct loop_watch *w = arg;
	struct loop_source *source = w->source;
	struct loop *l = w->loop;
	int r;
	(void)fd;
	(void)what;
	l->stepping = w;
	source->step(source, loop_now_us(l));
	if (l->stepping != w) /* removed, and its memory may be gone */
		return;
	l->stepping = NULL;
	r = w->fd == source->fd && w->events == source->events ? set_deadline(w) : set_event(w);
	if (r == 0)
		return;
	l->error = r;
	event_base_loopbreak(l->base);
}

int loop_add(struct loop *l, struct loop_source *source)
{
	struct loop_watch *w = calloc(1, sizeof(*w));
	int r;
	if (!w)
		return -ENOMEM;
	w->loop = l;
	w->source = source;
	w->event = event_new(l->base, -1, 0, on_ready, w);
	r = w->event ? set_event(w) : -ENOMEM;
	if (r < 0) {
		if (w->event)
			event_free(w->event);
		free(w);
		return r;
	}
	source->watch = w;
	LIST_INSERT_HEAD(&l->watches, w, entry);
	return 0;
}

int loop_update(struct loop_source *source)
{
	return set_event(source->watch);
}

void loop_remove(struct loop_source *source)
{
	struct loop_watch *w = source->watch;
	if (!w)
		return;
	source->watch = NULL;
	if (w->loop->stepping == w)
		w->loop->stepping = NULL;
	LIST_REMOVE(w, entry);
	event_free(w->event);
	free(w);
}

int loop_run(struct loop *l)
{
	int r = 0;
	while (r == 0 && !l->stopped && l->error == 0)
		r = event_base_loop(l->base, EVLOOP_ONCE); /* 1: none waits for anything */
	l->stopped = false;
	if (l->error == 0 && r < 0)
		l->error = -EIO;
	return l->error;
}

void loop_stop(struct loop *l)
{
	l->stopped = true;
	event_base_loopbreak(l->base);
}
