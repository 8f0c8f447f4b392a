/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_STOP_H
#define OFFLIST_CLI_STOP_H

#include <signal.h>
#include <stdbool.h>

/* SIGINT and SIGTERM: the first one ends a run with what is known, a second one ends the program at once. */
void stop_catch(void);
/** Set by the first signal; may be set by the run itself. */
volatile sig_atomic_t *stop_flag(void);
bool stop_wanted(void);
/** For a loop: ready to read after the first signal. -1: there is none. */
int stop_fd(void);

#endif
