/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGQUERY_TRACKING_ORDER_H
#define OFFLIST_LOGQUERY_TRACKING_ORDER_H

#include "logquery/tracking.h"

/* Lives and lines in the order of their groups' first lines, so that one walk prints group by group. */
struct tracking_order {
	uint32_t *groups; /* of groups that match */
	size_t group_count;
	uint32_t *lives, *lines; /* heads of chains by group, then next of each; index + 1 */
	uint32_t *next_life, *next_line;
};

/** Of a settled trace. Call tracking_order_release() in any case. @return 0; -ENOMEM. */
int tracking_order_make(const struct tracking *t, struct tracking_order *o);
void tracking_order_release(struct tracking_order *o);

#endif
