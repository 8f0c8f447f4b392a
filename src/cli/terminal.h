/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_TERMINAL_H
#define OFFLIST_CLI_TERMINAL_H

#include "base/buf.h"

/* Text for a screen. What comes from outside (TXT records, names, files) never moves the cursor or sets a title. */

/** Add `text` so that it only shows: control characters as \xNN, octets that are not UTF-8 as U+FFFD. */
void terminal_add(struct buf *out, struct span text);
void terminal_add_str(struct buf *out, const char *text);

/** Columns that UTF-8 text takes (wide East Asian characters two, marks none). */
size_t terminal_columns(struct span text);

/** Add `text`, filled to lines of at most `width` columns, each line begun with `indent` blanks; ends with a newline. */
void terminal_fill(struct buf *out, const char *text, unsigned indent, unsigned width);

#endif
