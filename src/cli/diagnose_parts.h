/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_DIAGNOSE_PARTS_H
#define OFFLIST_CLI_DIAGNOSE_PARTS_H

#include "cli/diagnose_view.h"
#include "cli/text.h"

/* Parts of the text of a diagnosis; only for the files diagnose_*.c. Everything printed is escaped. */

enum { DIAGNOSE_COLUMN = 10, DIAGNOSE_LINE_MAX = 1 << 16 };

struct diagnose_print {
	const struct diagnose_view *view;
	struct buf *out;
	struct buf line; /* in the making */
};

/** The empty line to write an entry's text into. */
struct buf *diagnose_line(struct diagnose_print *p);
/** Print the line under its label, filled to the width; further lines stand under the text. */
void diagnose_entry(struct diagnose_print *p, const char *label);
void diagnose_label(struct diagnose_print *p, const char *label);
/** A log line or a reply, never cut: in rows of the terminal's width, in a pipe in one. NULL: nothing. */
void diagnose_quote(struct diagnose_print *p, const char *line);
/** From the first column, in a style. */
void diagnose_sentence(struct diagnose_print *p, enum text_style style, const char *text);
void diagnose_heading(struct diagnose_print *p, const char *text);

/** Private blocks, and replies that are not about us. */
void diagnose_blocks(struct diagnose_print *p);

#endif
