/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_TESTS_LOGPARSE_EVENT_WORDS_H
#define OFFLIST_TESTS_LOGPARSE_EVENT_WORDS_H

#include "logparse/format.h"

/** One line and what it should say, as event_words() writes it; "quiet", "unknown", "foreign" for the other results. */
struct line_row {
	const char *text, *words;
};

/**
 * Parse one line and write what it says: "accept id=1 client=192.0.2.1 from=<a@example.com>"; only what is set.
 * @param program  of the syslog head; "": none, the text stands behind Exim's stamp in the file.
 */
void event_words(const struct format_row *format, const char *program, struct span text, uint32_t want, char *ret_words,
		 size_t size);
/** Each row parsed and compared; a row that fails names its line. */
void rows_hold(const struct format_row *format, const char *program, const struct line_row *rows, size_t count);

#endif
