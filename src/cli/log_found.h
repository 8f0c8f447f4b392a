/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_LOG_FOUND_H
#define OFFLIST_CLI_LOG_FOUND_H

#include "cli/log_trace.h"
#include "logread/source.h"

/* Messages that were found, as text and as JSON. */

struct log_found_view {
	struct log_trace *trace;
	const struct source_file *files;
	size_t file_count;
	size_t top;      /* messages; 0: all */
	bool lines_only; /* without their summaries */
	unsigned width;
	bool colour;
};

/** A mail_sink's messages(): keeps what joined messages tell. arg: the trace. */
void log_found_messages(void *arg, const struct mail_message *m, size_t count);
/** @return how many were found. One offlist.log.message/1 object a line. */
size_t log_found_json(const struct log_found_view *v, struct buf *out);
size_t log_found_text(const struct log_found_view *v, struct buf *out);

#endif
