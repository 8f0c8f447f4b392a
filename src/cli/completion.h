/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_COMPLETION_H
#define OFFLIST_CLI_COMPLETION_H

#include "cli/help.h"

/* What the three shells' completions share; nobody else includes this. */

enum complete_kind {
	COMPLETE_NOTHING, /* numbers, times, addresses */
	COMPLETE_WORDS,
	COMPLETE_FILES,
	COMPLETE_FOLDERS,
	COMPLETE_ZONES,
};

/* The shells ask the program itself: lists of the administrator's own are among them. */
#define COMPLETE_ZONES_OF " lists 2>/dev/null | sed '1d;s/ .*//'"

/** What an option's value is completed with. */
enum complete_kind completion_value(const struct option_row *row);
/** What a command's arguments are completed with, from its usage ("[ZONE...]", "bash|zsh|fish", "[COMMAND]"). */
enum complete_kind completion_argument(const struct command *c);
/** The words where that is COMPLETE_WORDS. */
void completion_argument_words(struct buf *out, const struct command *const *table, const struct command *c);

/** Is this the first row of its first word? "lists lint" is not where "lists" stands before. */
bool completion_first_word(const struct command *const *table, size_t at);
/** Second words of the commands that begin with the word of `above`, `between` them. @return whether there are any */
bool completion_second_words(struct buf *out, const struct command *const *table, const struct command *above,
			     char between);
/** Words of "auto|system|ADDR", those in capitals (which stand for anything) left out, `between` them. */
void completion_words(struct buf *out, const char *words, char between);
/** Text inside single quotes; a backslash before each of `escaped`. */
void completion_quoted(struct buf *out, const char *text, const char *escaped);

void completion_bash(struct buf *out, const struct command *const *table);
void completion_zsh(struct buf *out, const struct command *const *table);
void completion_fish(struct buf *out, const struct command *const *table);

#endif
