/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_VIEW_VIEW_STATS_H
#define OFFLIST_VIEW_VIEW_STATS_H

#include "base/buf.h"
#include "logquery/stats.h"

struct view_stats {
	struct stats *stats;
	const struct log_coverage *coverage;
	size_t top; /* rows of each table; 0: all */
	const char *zone_name;
};

/** One offlist.log.stats/1 object and a newline. */
void view_stats(const struct view_stats *v, struct buf *out);
/** One offlist.log.senders/1 object and a newline: the origins alone. */
void view_senders(const struct view_stats *v, struct buf *out);

#endif
