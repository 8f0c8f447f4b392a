/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_COVERAGE_H
#define OFFLIST_CLI_COVERAGE_H

#include "base/json.h"
#include "logjoin/maillog.h"

/* What was read of a log and what was not, the same for every command that reads one. */

/** "key": an RFC 3339 text, or null for STAMP_NONE. */
void coverage_json_time(struct json *j, const char *key, int64_t at_ms);
/** "window":{"from":..,"to":..} */
void coverage_json_window(struct json *j, int64_t from_ms, int64_t to_ms);
/** "coverage":{...} */
void coverage_json(struct json *j, const struct log_coverage *c);
/** "unparsed":[{...}] */
void coverage_json_shapes(struct json *j, const struct log_coverage *c, const struct unparsed_shape *shapes,
			  size_t count);
/** "read" and what follows it, filled to `width`: lines for a person. */
void coverage_text(struct buf *out, const struct log_coverage *c, unsigned width);
void coverage_text_shapes(struct buf *out, const struct log_coverage *c, const struct unparsed_shape *shapes,
			  size_t count, size_t top, unsigned width);

#endif
