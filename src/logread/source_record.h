/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_RECORD_H
#define OFFLIST_LOGREAD_SOURCE_RECORD_H

#include "base/buf.h"
#include "logread/line.h"

/* A log record that has fields (the journal's, docker's, other JSON logs) becomes a line as syslog would have it. */

enum record_field {
	RECORD_TEXT,
	RECORD_HOST,
	RECORD_PROGRAM,
	RECORD_TAG,     /* program and number as syslog has them: "postfix/smtpd[123]:" */
	RECORD_COMMAND, /* the program where no identifier is given */
	RECORD_PID,
	RECORD_SYSLOG_PID,
	RECORD_TIME_US,   /* since 1970 */
	RECORD_TIME,      /* as text */
	RECORD_TIME_FINE, /* the same with its fraction, where another member has it in whole seconds (KumoMTA) */
	RECORD_CONTAINER, /* a container's output: the text may have a head of its own */
	RECORD_FIELDS,
};

struct record {
	struct buf field[RECORD_FIELDS];
	bool has[RECORD_FIELDS];
	uint64_t time_us; /* since 1970, where it is given as a number; 0: not */
	struct buf raw;   /* the line made of it */
};

void record_init(struct record *r);
void record_release(struct record *r);
void record_clear(struct record *r);

/** The field that a member of this name fills. @return RECORD_FIELDS: none. */
enum record_field record_field_of(struct span name);
/** Where to write a field's octets (emptied). The first of several counts: NULL when the field is filled. */
struct buf *record_fill(struct record *r, enum record_field field);

/** UTC. @return STAMP_NONE: it has none. */
int64_t record_time(const struct record *r, struct stamps *stamps);

/**
 * Make the line; spans point into the record. *ret_line's source and number are left alone.
 * @param stamps  the source's, for texts that have a head of their own.
 * @return 1; 0: the record has no text; -ENOMEM.
 */
int record_line(struct record *r, struct stamps *stamps, struct log_line *ret_line);

#endif
