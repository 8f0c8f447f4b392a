/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_COVERAGE_H
#define OFFLIST_CLI_COVERAGE_H

#include "base/buf.h"
#include "logjoin/maillog.h"

/* What was read of a log and what was not, the same for every command that reads one. */

/** "read" and what follows it, filled to `width`: lines for a person. */
void coverage_text(struct buf *out, const struct log_coverage *c, unsigned width);
void coverage_text_shapes(struct buf *out, const struct log_coverage *c, const struct unparsed_shape *shapes,
			  size_t count, size_t top, unsigned width);

#endif
