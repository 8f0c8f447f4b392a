/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_TESTS_WHOLE_WORDS_H
#define OFFLIST_TESTS_WHOLE_WORDS_H

/* Lines of a log in, what the join hands over in words: one line a message,
 * "ID ORIGIN client=.. login=.. from=<..> | RECIPIENT OUTCOME .. | N more OUTCOME". */

enum { WHOLE_LINES_MAX = 64 };

/** @param lines  in order, NULL at the end. */
void whole_hold(const char *const *lines, const char *expected);

#endif
