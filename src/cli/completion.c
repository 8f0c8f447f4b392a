/* SPDX-License-Identifier: BSD-2-Clause */
/* Completion for bash, zsh and fish, from the tables: what they share. */
#include "cli/completion.h"

#include <errno.h>

enum complete_kind completion_value(const struct option_row *row)
{
	if (row->words)
		return COMPLETE_WORDS;
	if (!row->value)
		return COMPLETE_NOTHING;
	if (strcmp(row->value, "FILE") == 0 || strcmp(row->value, "PATH") == 0)
		return COMPLETE_FILES;
	if (strcmp(row->value, "DIR") == 0)
		return COMPLETE_FOLDERS;
	return strcmp(row->value, "ZONE") == 0 ? COMPLETE_ZONES : COMPLETE_NOTHING;
}

enum complete_kind completion_argument(const struct command *c)
{
	const char *usage = c->arguments ? c->arguments : "";
	usage += *usage == '[';
	if ((*usage >= 'a' && *usage <= 'z') || strncmp(usage, "COMMAND", 7) == 0)
		return COMPLETE_WORDS;
	if (strncmp(usage, "FILE", 4) == 0)
		return COMPLETE_FILES;
	/* explain takes anything, of which a list is what can be listed */
	return strncmp(usage, "ZONE", 4) == 0 || strncmp(usage, "WORD", 4) == 0 ? COMPLETE_ZONES : COMPLETE_NOTHING;
}

bool completion_first_word(const struct command *const *table, size_t at)
{
	size_t len = strcspn(table[at]->name, " ");
	for (size_t i = 0; i < at; i++)
		if (strcspn(table[i]->name, " ") == len && strncmp(table[i]->name, table[at]->name, len) == 0)
			return false;
	return true;
}

bool completion_second_words(struct buf *out, const struct command *const *table, const struct command *above,
			     char between)
{
	size_t len = strlen(above->name);
	bool any = false;
	for (; *table; table++) {
		if (strncmp((*table)->name, above->name, len) != 0 || (*table)->name[len] != ' ')
			continue;
		if (any)
			buf_add_char(out, between);
		buf_add_str(out, (*table)->name + len + 1);
		any = true;
	}
	return any;
}

void completion_words(struct buf *out, const char *words, char between)
{
	bool first = true;
	while (words && *words) {
		size_t n = strcspn(words, "|");
		if (!(*words >= 'A' && *words <= 'Z')) {
			if (!first)
				buf_add_char(out, between);
			buf_add(out, span_of(words, n));
			first = false;
		}
		words += n + (words[n] == '|');
	}
}

void completion_argument_words(struct buf *out, const struct command *const *table, const struct command *c)
{
	if (!strstr(c->arguments, "COMMAND"))
		completion_words(out, c->arguments, ' ');
	else
		for (size_t i = 0; table[i]; i++)
			if (completion_first_word(table, i))
				buf_printf(out, "%s%.*s", i ? " " : "", (int)strcspn(table[i]->name, " "),
					   table[i]->name);
}

void completion_quoted(struct buf *out, const char *text, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_add_str(out, "'\\'");
		else if (strchr(escaped, *text))
			buf_add_char(out, '\\');
		buf_add_char(out, *text);
	}
}

int completion_write(struct buf *out, const struct command *const *table, const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		completion_bash(out, table);
	else if (strcmp(shell, "zsh") == 0)
		completion_zsh(out, table);
	else if (strcmp(shell, "fish") == 0)
		completion_fish(out, table);
	else
		return -EINVAL;
	return 0;
}
