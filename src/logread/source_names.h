/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_NAMES_H
#define OFFLIST_LOGREAD_SOURCE_NAMES_H

#include "base/span.h"

/* What the name of a log file says about its place in a rotated set. */

enum log_name_kind {
	LOG_NAME_BASE,   /* mail.log */
	LOG_NAME_NUMBER, /* mail.log.1, mail.log.2.gz, mainlog.01, mail.1.log: the higher the older */
	LOG_NAME_DATE,   /* mail.log-20261101.gz, mainlog-20261101, mail-2026-11-01.log, mail.log-1761955200 */
};

enum { LOG_STEM_MAX = 256 };

struct log_name {
	enum log_name_kind kind;
	char stem[LOG_STEM_MAX]; /* the name without number, date and packing; "" when it is too long */
	uint64_t number;         /* LOG_NAME_NUMBER */
	int64_t date_s;          /* LOG_NAME_DATE: UTC seconds of that day's (or moment's) begin */
	bool whole_day;          /* the date has no time of day */
};

/** @param name  file name without its folder. */
struct log_name log_name_read(struct span name);

#endif
