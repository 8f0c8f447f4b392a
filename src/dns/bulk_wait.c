/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting, for callers of the bulk engine that have nothing else to wait for: the one part of it that reads a clock. */
#include <errno.h>
#include <sys/epoll.h>
#include <time.h>

#include "base/clock.h"
#include "dns/bulk_internal.h"

enum {
	GATHER_US = 200,  /* a nap before receiving, so that answers gather: fewer system calls an answer */
	GATHER_FROM = 48, /* questions in flight that make it worth it */
};

static int wait_events(struct bulk *b, struct epoll_event *events, int64_t left_us)
{
	struct timespec timeout = {.tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000};
	int n = -1;
	if (!b->coarse) {
		n = epoll_pwait2(b->epoll_fd, events, EVENTS, &timeout, NULL);
		if (n < 0 && errno != ENOSYS && errno != EPERM)
			return -errno;
		b->coarse = n < 0; /* kernels before 5.11, and sandboxes that do not know it */
	}
	if (b->coarse)
		n = epoll_wait(b->epoll_fd, events, EVENTS, left_us > 60000000 ? 60000 : (int)((left_us + 999) / 1000));
	return n < 0 ? -errno : n;
}

int bulk_wait(struct bulk *b, int64_t until_us)
{
	const struct timespec nap = {.tv_nsec = GATHER_US * 1000};
	struct epoll_event events[EVENTS];
	int64_t now = clock_mono_us(), wake;
	int e = 0;
	b->reported = 0;
	b->room = false;
	while (e == 0) {
		udp_flush(b, now);
		if (b->in_flight >= GATHER_FROM && clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL) == EINTR)
			return -EINTR;
		wake = b->in_flight ? timer_next_us(b, until_us) : until_us;
		if (!TAILQ_EMPTY(&b->to_send) && wake > now + SEND_AGAIN_US)
			wake = now + SEND_AGAIN_US;
		e = wait_events(b, events, wake > now ? wake - now : 0);
		now = clock_mono_us();
		if (e >= 0)
			e = bulk_take(b, events, e, now);
		if (b->reported || b->room || now >= until_us)
			break;
	}
	b->turned_away = false;
	udp_flush(b, now);
	return e;
}
