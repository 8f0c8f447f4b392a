/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_LOG_FOUND_H
#define OFFLIST_CLI_LOG_FOUND_H

#include "view/view_tracking.h"

/* Messages that were found, as text. */

struct log_found_text {
	struct view_tracking of;
	bool lines_only; /* without their summaries */
	unsigned width;
	bool colour;
};

/** A mail_sink's messages(): keeps what joined messages tell. arg: the trace. */
void log_found_messages(void *arg, const struct mail_message *m, size_t count);

/** @return how many were found. */
size_t log_found_text(const struct log_found_text *v, struct buf *out);

#endif
