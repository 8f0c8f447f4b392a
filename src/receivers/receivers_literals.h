/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_RECEIVERS_RECEIVERS_LITERALS_H
#define OFFLIST_RECEIVERS_RECEIVERS_LITERALS_H

#include "base/span.h"

/*
 * The room's own: words without which a pattern fits nothing. Most patterns have some ("block list (s3140)"), most replies
 * have none of most patterns' words, and finding words costs next to nothing beside trying expressions.
 */

enum {
	LITERAL_OCTETS_MAX = 15, /* the rest of a longer one is not looked for */
	LITERAL_OCTETS_MIN = 3,
	LITERALS_MAX = 48, /* of one pattern; one with more is as one with none */
};

struct literal {
	char text[LITERAL_OCTETS_MAX + 1]; /* small letters */
	uint8_t len;
};

struct literals {
	struct literal at[LITERALS_MAX];
	size_t count;
};

/**
 * The words of which each text has one that this PCRE2 expression (case ignored) fits. What it does not know of expressions
 * it makes no guess at. @return how many; 0: none is known, so every text must be tried.
 */
size_t literals_of(const char *expression, struct literals *ret_literals);

struct literal_index;
/** @return NULL: out of memory. */
struct literal_index *literal_index_new(size_t pattern_count);
void literal_index_free(struct literal_index *x);
/** The words of pattern `number`; without any it is among those of every text. @return 0; -ENOMEM. */
int literal_index_add(struct literal_index *x, uint32_t number, const struct literals *words);
/** Numbers of the patterns that may fit, in order; there is room for all of them. @return how many. */
size_t literal_index_find(struct literal_index *x, struct span text, uint32_t *ret_numbers);

#endif
