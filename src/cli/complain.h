/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_COMPLAIN_H
#define OFFLIST_CLI_COMPLAIN_H

/* How a command ends, and what it says when that is not well. */

enum { /* exit statuses of the outside contract */
       EXIT_NOTHING = 0,
       EXIT_FINDINGS = 1,
       EXIT_CANNOT_TELL = 2,
       EXIT_USAGE = 64,
       EXIT_IO = 74,
       EXIT_PERMISSION = 77,
       EXIT_CONFIGURATION = 78,
};

/** "offlist: " + line to stderr; gives `status` back. */
int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** The last complaint, without "offlist: "; "" before the first. */
const char *complain_last(void);
/** The exit status for a negative errno of settings, catalogue or store. */
int complain_status(int error);

#endif
