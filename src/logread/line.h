/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_LINE_H
#define OFFLIST_LOGREAD_LINE_H

#include "base/span.h"
#include "logread/stamp.h"

/* One line of a log, and its head (time stamp, host, program) taken apart. */

enum {
	LOG_LINE_MAX = 1 << 20, /* octets that are looked at; the rest of a longer line is passed over and counted */
	/* without a line end: no program writes such a line; /dev/zero and archives made to burst do */
	LOG_LINE_END_MAX = 64 << 20,
	/* the text of a record that has fields and no words (a JSON object): before each "key=value", and between values */
	LINE_FIELD = 0x1f,
	LINE_ITEM = 0x1e,
};

struct log_line {
	struct span raw;  /* without line end; docker's and journal's wrapping already off */
	int64_t at_ms;    /* UTC; STAMP_NONE: the line has no time */
	struct span host; /* of the syslog head; empty: none */
	struct span
		program; /* "postfix/submission/smtpd", "exim", "dovecot"; empty: no syslog head (Exim's, qmail's own logs) */
	uint32_t pid;     /* 0: none */
	struct span text; /* what the program said; begins with LINE_FIELD: fields */
	uint32_t source;  /* index into the coverage's files */
	uint64_t number;  /* line number in that file, from 1 */
};

/**
 * Take the head off. Forms: RFC 3164 (with or without "<pri>" or "<mail.info>"), RFC 5424 and rsyslog's ISO stamps,
 * Exim's own (with milliseconds, zone, "[pid]"), TAI64N, epoch seconds. Lines that have no known head get text = raw.
 * @param stamps  the state that gives year-less stamps their year; one for each source.
 */
void line_read(struct span raw, struct stamps *stamps, struct log_line *ret_line);

/** The next field of a text that begins with LINE_FIELD. @return false: there is none. */
bool line_field_next(struct span *rest, struct span *ret_key, struct span *ret_value);

#endif
