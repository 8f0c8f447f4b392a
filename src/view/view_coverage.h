/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_VIEW_VIEW_COVERAGE_H
#define OFFLIST_VIEW_VIEW_COVERAGE_H

#include "base/json.h"
#include "logjoin/maillog.h"

/* What was read of a log and what was not, the same in every answer about a log. */

/** "key": an RFC 3339 text, or null for STAMP_NONE. */
void view_time(struct json *j, const char *key, int64_t at_ms);
/** "window":{"from":..,"to":..} */
void view_window(struct json *j, int64_t from_ms, int64_t to_ms);
/** "coverage":{...} */
void view_coverage(struct json *j, const struct log_coverage *c);
/** "unparsed":[{...}] */
void view_unparsed(struct json *j, const struct log_coverage *c, const struct unparsed_shape *shapes, size_t count);

#endif
