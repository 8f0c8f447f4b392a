/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals that end a run. They can only reach what is file-scope. */
#include "cli/stop.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static volatile sig_atomic_t stop;
static int told = -1;

/* The descriptor wakes a loop also when the signal comes just before it begins to wait. */
static void on_signal(int number)
{
	static const uint64_t one = 1;
	int before = errno;
	stop = 1;
	if (told >= 0 && write(told, &one, sizeof(one)) < 0)
		stop = 1; /* it is ready already */
	errno = before;
}

int stop_fd(void)
{
	return told;
}

void stop_catch(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
	if (told < 0)
		told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

volatile sig_atomic_t *stop_flag(void)
{
	return &stop;
}

bool stop_wanted(void)
{
	return stop != 0;
}
