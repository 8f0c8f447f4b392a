/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_CONTEXT_H
#define OFFLIST_CLI_CONTEXT_H

#include "base/buf.h"
#include "receivers/receivers.h"
#include "cli/command.h"

/**
 * The catalogue as the settings want it; faults are complained of.
 * @return EXIT_NOTHING, or the exit status.
 */
int context_catalogue(const struct context *c, struct catalogue **ret_catalogue);

/** The records of receivers as the settings want them; as context_catalogue(). */
int context_receivers(const struct context *c, const struct catalogue *lists, struct receivers **ret_receivers);

/** Write what `out` holds to standard output with every key hidden, and release it. @return 0, or a negative errno. */
int output_redacted(const struct catalogue *c, struct buf *out);

/** Complain of a zone that no list has, with the nearest one. @return EXIT_USAGE. */
int complain_of_zone(const struct catalogue *c, const char *zone);

#endif
