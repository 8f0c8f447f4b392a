/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_PROBE_JOB_LINE_H
#define OFFLIST_PROBE_JOB_LINE_H

#include <stdbool.h>

#include "base/span.h"

/*
 * Lines by which a machine runs programs unasked: crontab(5), aliases(5), .forward, a unit's ExecStart. What such a line
 * does that honest ones hardly do. A shell's words are only understood as far as that needs. Pure.
 */

enum job_line_trait {
	JOB_LINE_FETCHES = 1,   /* what was fetched from elsewhere is run at once */
	JOB_LINE_TEMPORARY = 2, /* a program from a place where everybody may write */
	JOB_LINE_DECODES = 4,   /* what is run is hidden in base64 */
};

/** @return job_line_traits of a shell's command line, 0: none. */
unsigned int job_line_traits(struct span command);

/**
 * The command of a line of a crontab, blanks at its ends left out.
 * @param has_user  /etc/crontab and /etc/cron.d have a user before it. @return empty: no job (a comment, a variable).
 */
struct span job_line_of_cron(struct span line, bool has_user);

/** The next program ("|command", in quotes or not) that mail is piped to. @return false: none left in this line. */
bool job_line_next_pipe(struct span *rest, struct span *ret_command);

/** A place where everybody may write: /tmp, /var/tmp, /dev/shm. */
bool job_line_is_temporary(struct span path);

#endif
