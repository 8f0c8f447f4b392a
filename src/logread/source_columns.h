/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_COLUMNS_H
#define OFFLIST_LOGREAD_SOURCE_COLUMNS_H

#include "base/buf.h"
#include "logread/stamp.h"

/*
 * A log line that is one column of a table, as Grafana, Kibana, Splunk, Datadog and CloudWatch export it: columns parted by
 * commas, semicolons or tabs, perhaps in quotes (RFC 4180), the first that has a stamp and words behind it.
 *
 * @param own  takes the line where quotes were doubled in it. @return whether there is such a column.
 */
bool columns_line(struct span raw, const struct stamps *stamps, struct buf *own, struct span *ret_line);

#endif
