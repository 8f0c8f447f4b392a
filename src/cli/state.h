/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_STATE_H
#define OFFLIST_CLI_STATE_H

#include "cli/command.h"
#include "store/store.h"

/**
 * The state folder: `given` (--state, or the settings') or /var/lib/offlist for whom may write there, else
 * $XDG_STATE_HOME/offlist, else ~/.local/state/offlist. NULL: none can be had. Nothing is made.
 */
const char *state_folder(const char *given, struct arena *arena);

/**
 * The store of this run. Where the state folder cannot be had, one line on stderr says so and the store is a private
 * one in memory: such a run has a budget of its own (rule 5).
 * @return the store, store_free(); NULL only when memory is used up.
 */
struct store *state_open(const struct context *c);

#endif
