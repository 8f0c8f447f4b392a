/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_SYS_TRACE_H
#define OFFLIST_SYS_TRACE_H

#include "base/buf.h"

/*
 * What happens inside, for --debug: one event a line, "room=check event=lane zone=list.example from=asked to=judged".
 * Rooms that may not print hand the line to whoever wants it; where nobody does, an event costs one comparison.
 */

enum {
	TRACE_VALUE_MAX = 256, /* octets of a value; the rest is left out, and "..." says so */
	TRACE_LINE_MAX = 8192,
};

/** Who reads the events. A NULL where one is taken: nobody. */
struct trace {
	void (*write)(void *arg, struct span line); /* without a line end */
	void *arg;
};

struct trace_pair {
	const char *key; /* NULL: the end of an event's pairs */
	struct span text;
	int64_t number;
	bool is_number;
};

#define TRACE_TEXT(name, value)   ((struct trace_pair){.key = (name), .text = span_str(value)})
#define TRACE_SPAN(name, value)   ((struct trace_pair){.key = (name), .text = (value)})
#define TRACE_NUMBER(name, value) ((struct trace_pair){.key = (name), .number = (value), .is_number = true})

/**
 * trace_event(trace, "sys", "program_start", TRACE_TEXT("name", name), TRACE_NUMBER("pid", pid));
 * At least one pair. Values may come from outside: they are quoted and escaped where they are not plain words. Keys of
 * lists do not belong into them.
 */
#define trace_event(to, room, event, ...)                                                                              \
	do {                                                                                                           \
		const struct trace *trace_to = (to);                                                                   \
		if (trace_to)                                                                                          \
			trace_write(trace_to, (room), (event), (const struct trace_pair[]){__VA_ARGS__, {NULL}});      \
	} while (0)

void trace_write(const struct trace *trace, const char *room, const char *event, const struct trace_pair *pairs);

#endif
