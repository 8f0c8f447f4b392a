/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals that end a run. They can only reach what is file-scope. */
#include "cli/stop.h"

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	stop = 1;
}

void stop_catch(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
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
