/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_DEBUG_H
#define OFFLIST_CLI_DEBUG_H

#include "cli/command.h"

/** Writes each event to standard error with the time. @return NULL: there is no --debug among the options. */
const struct trace *debug_trace(const struct options *o);

#endif
