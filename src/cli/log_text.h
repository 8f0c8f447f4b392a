/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_LOG_TEXT_H
#define OFFLIST_CLI_LOG_TEXT_H

#include "view/view_stats.h"

/* Totals and tables of a log for a person. */

struct log_text {
	struct view_stats of;
	bool terminal; /* names are cut at its width */
	unsigned width;
	bool colour;
};

void log_stats_text(const struct log_text *v, struct buf *out);
/** `offlist log senders`: the origins alone. */
void log_senders_text(const struct log_text *v, struct buf *out);

#endif
