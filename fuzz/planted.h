/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_FUZZ_PLANTED_H
#define OFFLIST_FUZZ_PLANTED_H

#include <stddef.h>

#include "base/span.h"

/*
 * Well-formed log lines with places in them for what strangers write: addresses, Message-IDs, subjects, replies, names
 * that were tried. Each place is written as its program writes it (in quotes, behind backslashes, as it came). Whatever
 * stands there, a line tells the same client, login, user, script, message, outcome and server.
 */

/** How many lines there are, and places in one: one at least. */
size_t planted_lines(void);
size_t planted_places(size_t line);
/** Words that look like fields. */
size_t planted_words(void);
const char *planted_word(size_t i);

/** One place of one line, with what is read where all places are harmless. */
struct planted;
/** @return NULL: no memory. */
struct planted *planted_new(size_t line, size_t place);
void planted_free(struct planted *p);

/**
 * Put a text into the place (the others hold a harmless word) and compare what is read with what is read where all are
 * harmless.
 * @param ret_what  where something differs: its name and the line, for a person.
 * @return true: nothing differs.
 */
bool planted_holds(struct planted *p, struct span text, char *ret_what, size_t size);

#endif
