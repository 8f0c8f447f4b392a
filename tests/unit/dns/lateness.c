/* SPDX-License-Identifier: BSD-2-Clause */
#include "lateness.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	STEP_US = 1000,
	USUAL_US = 500, /* what a quiet machine is late by */
	THREADS = 4,    /* an answer goes through as many hands, each late in its turn: caller, kernel, peer, kernel */
};

static _Atomic int64_t late_us;

static void *watch(void *arg)
{
	for (;;) {
		int64_t before = clock_mono_us(), late;
		usleep(STEP_US);
		late = clock_mono_us() - before - STEP_US;
		if (late > USUAL_US)
			atomic_fetch_add(&late_us, late);
	}
	return arg;
}

void lateness_watch(void)
{
	pthread_t thread;
	sigset_t all, before;
	sigfillset(&all); /* signals are for the test's own thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, watch, NULL) == 0)
		pthread_detach(thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool lateness_allows(int64_t took_us, int64_t bound_us)
{
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	/* a slow processor, or a valgrind, shows in what was computed */
	bound_us += used.ru_utime.tv_sec * 1000000 + used.ru_utime.tv_usec;
	return took_us < bound_us + THREADS * atomic_load(&late_us);
}
