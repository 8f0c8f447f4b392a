/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CONFIG_READER_H
#define OFFLIST_CONFIG_READER_H

#include <yaml.h>

#include "config/schema.h"

/* The room's own: one YAML document as a stream of events, with what we refuse taken out and told. */
struct reader {
	yaml_parser_t parser;
	yaml_event_t event; /* the last one pulled */
	bool have;          /* event is to be deleted */
	const char *file;
	struct arena *arena;
	struct schema_faults *faults;
	int depth;
	int error; /* sticks: -EBADMSG: no more events; -ENOMEM */
};

int reader_init(struct reader *r, struct span text, const char *file, struct arena *arena,
		struct schema_faults *faults);
void reader_release(struct reader *r);
/** The next event; false when there are no more (error is set). */
bool reader_pull(struct reader *r);
/** Pass over the node that begins with the present event. */
void reader_skip(struct reader *r);
struct schema_place reader_place(const struct reader *r);
struct span reader_scalar(const struct reader *r);
/** A text for a message: at most 60 octets, control characters shown as '?'. */
enum { READER_SHOWN_SIZE = 64 };
const char *reader_shown(struct span text, char shown[READER_SHOWN_SIZE]);

/** One scalar into the field of a row; tells its fault. */
bool reader_take_scalar(struct reader *r, const struct schema_row *row, struct span text, struct schema_place at,
			void *base);
/** A copy of a scalar as text: blanks at the ends cut, line ends made blanks. NULL: told, or out of memory. */
const char *reader_text(struct reader *r, const struct schema_row *row, struct span text, struct schema_place at);

#endif
