/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_OUTPUT_H
#define OFFLIST_CLI_OUTPUT_H

#include "base/span.h"

/* Standard output. A reader that went away (head, a closed pager) ends the program quietly; a write that failed is
 * exit 74 with one line. */

/** Write and flush. @return 0; -EPIPE: nobody reads any more; another negative errno. The error sticks. */
int output_write(struct span text);

/** Was anything written? */
bool output_used(void);

/** Flush what stdio holds and close. @return `status`, or EXIT_IO with a line on stderr. Ends by SIGPIPE on -EPIPE. */
int output_close(int status);

#endif
