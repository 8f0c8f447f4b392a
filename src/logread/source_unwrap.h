/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_UNWRAP_H
#define OFFLIST_LOGREAD_SOURCE_UNWRAP_H

#include "base/ascii.h"
#include "logread/source_lines.h"
#include "logread/source_record.h"

/*
 * Takes off what docker, Kubernetes and the journal's text forms put around a line. Told line by line, so that forms
 * may be mixed in one file:
 *   docker compose   "name-1  | line", the name perhaps in colours
 *   docker logs -t   "2026-11-24T12:00:00.123456789Z line"
 *   CRI              "2026-11-24T12:00:00.123456789Z stdout F line" (P: the line goes on in the next one)
 *   JSON             docker's json-file, journalctl -o json, log shippers; an object without a text becomes fields
 *   journalctl -o export
 *   grep -H, -n      "mail.log:", "mail.log:12:", "12:"; "-" in place of ':' (grep -C)
 *   kubectl --prefix "[pod/name/container] ", stern "pod container "; cat -n; lines that were moved in or quoted ("> ")
 *   tables (source_columns.h); colours of a terminal around a line
 */

struct unwrap {
	struct record record;
	struct buf piece; /* beginnings of a line that was cut in pieces (docker, CRI: at 16 KiB) */
	int64_t piece_ms;
	struct buf column;   /* a line that was one of a table */
	struct buf flat;     /* the fields of a line that is a JSON object without a text */
	struct record inner; /* its times */
	bool exporting;      /* within a record of the export form */
};

void unwrap_init(struct unwrap *u);
void unwrap_release(struct unwrap *u);

/** Might this line be wrapped? Cheap, for every line: the usual heads of mail logs are told by a few octets. */
static inline bool unwrap_wanted(const struct unwrap *u, struct span l)
{
	if (u->exporting || u->piece.len)
		return true;
	if (l.len < 16)
		return l.len > 0 && l.at[0] == '_';
	if (ascii_is_alpha(l.at[0])) /* "Nov 24", "Nov  4" */
		return l.at[3] != ' ' || !(ascii_is_digit(l.at[4]) || ascii_is_digit(l.at[5]));
	if (ascii_is_digit(l.at[0])) /* "2026-11-24 12:00:00" of Exim; with a comma behind it a column */
		return l.at[10] != ' ' || l.at[4] != '-' || (l.len > 23 && (l.at[19] == ',' || l.at[23] == ','));
	return l.at[0] != '<' && l.at[0] != '@';
}

/**
 * Read one line, wrapped or not.
 * @param l  where it comes from: binary fields of the export form are read on there.
 * @return 1 with *ret_line; 0: nothing to give yet; -ENOMEM.
 */
int unwrap_line(struct unwrap *u, struct lines *l, struct span raw, struct stamps *stamps, struct log_line *ret_line);
/** The text has ended: what is still held. @return as unwrap_line(). */
int unwrap_end(struct unwrap *u, struct stamps *stamps, struct log_line *ret_line);

/* source_export.c */
bool export_begins(struct span raw);
int export_line(struct unwrap *u, struct lines *l, struct span raw, struct stamps *stamps, struct log_line *ret_line);

#endif
