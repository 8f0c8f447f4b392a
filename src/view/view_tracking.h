/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_VIEW_VIEW_TRACKING_H
#define OFFLIST_VIEW_VIEW_TRACKING_H

#include "base/json.h"
#include "logquery/tracking.h"
#include "logread/source.h"

struct view_tracking {
	struct tracking *trace; /* settled */
	const struct source_file *files;
	size_t file_count;
	size_t top; /* messages; 0: all */
};

/** One offlist.log.message/1 object a line, ordered by first lines. @return how many were found. */
size_t view_tracking(const struct view_tracking *v, struct buf *out);
/** A joined message as the object that stands in "messages". */
void view_message(struct json *j, const struct mail_message *m);
/** "FILE:LINE" */
void view_place(const struct view_tracking *v, struct buf *out, const struct tracking_line *l);

#endif
