/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_EXPLAIN_EXPLAIN_REWRITE_H
#define OFFLIST_EXPLAIN_EXPLAIN_REWRITE_H

#include "explain/explain_parts.h"

/* The room's own: a configuration mended. The law: only the words of entries that have to go are left out, with the
 * prefix or the statement that means nothing without them; every other word, comment and blank stays in its order, so
 * that nothing that guards the server is touched. What cannot be done within it is left to the administrator. */

struct exim_line {
	size_t start, end; /* of all its physical lines */
};

struct rewriting {
	struct arena *arena;
	struct span text, blank; /* blank: the same with comments blanked */
	const struct judged *judged;
	size_t count;
	bool *gone; /* an octet of the text each */
	int error;
	struct exim_line *lines; /* Exim's logical lines; NULL: not asked for yet */
	size_t line_count;
};

/** Whether the change that was judged can be made within the law. All entries are judged. */
bool rewrite_can(struct rewriting *r, const struct judged *j);
/** The text with every change made; rewrite_can() is true of each. NULL: out of memory. */
const char *rewrite(struct rewriting *r);

bool rewrite_any_gone(const struct rewriting *r, size_t from, size_t to);
void rewrite_mark(struct rewriting *r, size_t from, size_t to);

/** Exim's part of them: entries of dnslists and of macros. */
bool rewrite_exim_can(struct rewriting *r, const struct judged *j);
void rewrite_exim_mark(struct rewriting *r, const struct entry *e); /* for all entries of the same value */
/** Whether another list stays in the condition. */
bool rewrite_exim_keeps_any(const struct rewriting *r, const struct entry *e);

#endif
