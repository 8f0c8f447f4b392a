/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/completion.h"

static void kind_is(struct buf *out, enum complete_kind kind, const char *words)
{
	switch (kind) {
	case COMPLETE_WORDS:
		buf_printf(out, "(%s)", words);
		break;
	case COMPLETE_FILES:
		buf_add_str(out, "_files");
		break;
	case COMPLETE_FOLDERS:
		buf_add_str(out, "_files -/");
		break;
	case COMPLETE_ZONES:
		buf_add_str(out, "_offlist_zones");
		break;
	case COMPLETE_NOTHING:
		buf_add_str(out, "()"); /* an empty action would take the options' turn as well */
	}
}

static void option(struct buf *out, const struct option_row *row, const char *dashes, const char *name,
		   const char *value_follows)
{
	buf_printf(out, " \\\n\t\t'*%s%s%s[", dashes, name, row->value ? value_follows : "");
	completion_quoted(out, row->help, "[]:\\");
	buf_add_char(out, ']');
	if (row->value) {
		struct buf words = buf_make(4096);
		completion_words(&words, row->words, ' ');
		buf_printf(out, ":%s:", row->value);
		kind_is(out, completion_value(row), buf_text(&words));
		buf_release(&words);
	}
	buf_add_char(out, '\'');
}

static void options(struct buf *out, const struct option_row *rows)
{
	for (; rows && rows->name; rows++) {
		option(out, rows, "--", rows->name, "=");
		if (rows->letter)
			option(out, rows, "-", (const char[]){rows->letter, '\0'}, "+");
	}
}

/* A letter that the command has for itself is not the global one. */
static void global_options_of(struct buf *out, const struct command *c)
{
	for (const struct option_row *g = options_global; g->name; g++) {
		struct option_row rows[2] = {*g, {0}};
		for (const struct option_row *o = c->options; o && o->name; o++)
			if (o->letter == g->letter)
				rows[0].letter = 0;
		options(out, rows);
	}
}

static void arguments(struct buf *out, const struct command *const *table, const struct command *c, const char *first)
{
	struct buf words = buf_make(1024);
	if (completion_argument(c) == COMPLETE_WORDS)
		completion_argument_words(&words, table, c);
	buf_add_str(out, "_arguments");
	options(out, c->options);
	global_options_of(out, c);
	if (first)
		buf_printf(out, " \\\n\t\t'1: :(%s)'", first);
	buf_add_str(out, " \\\n\t\t'*:argument:");
	kind_is(out, completion_argument(c), buf_text(&words));
	buf_add_str(out, "'\n");
	buf_release(&words);
}

/* A command with second words: each has options of its own, and so has the one without. */
static void family(struct buf *out, const struct command *const *table, const struct command *c)
{
	struct buf words = buf_make(1024), either = buf_make(1024);
	completion_second_words(&words, table, c, ' ');
	completion_second_words(&either, table, c, '|');
	buf_printf(out, "\tcase ${words[(r)(%s)]} in\n", buf_text(&either));
	for (size_t i = 0, len = strlen(c->name); table[i]; i++) {
		const char *second = table[i]->name + len + 1;
		if (strncmp(table[i]->name, c->name, len) != 0 || table[i]->name[len] != ' ')
			continue;
		buf_printf(out, "\t%s) ", second);
		arguments(out, table, table[i], second);
		buf_add_str(out, "\t;;\n");
	}
	buf_add_str(out, "\t*)\n");
	if (completion_argument(c) == COMPLETE_ZONES)
		buf_printf(out, "\t(( CURRENT == 2 )) && compadd %s\n", buf_text(&words));
	buf_add_str(out, "\t");
	arguments(out, table, c, NULL);
	buf_add_str(out, "\tesac\n");
	buf_release(&words);
	buf_release(&either);
}

static void commands_described(struct buf *out, const struct command *const *table)
{
	buf_add_str(out, "\tlocal -a commands=(");
	for (size_t i = 0; table[i]; i++) {
		if (!completion_first_word(table, i))
			continue;
		buf_printf(out, "\n\t\t'%.*s:", (int)strcspn(table[i]->name, " "), table[i]->name);
		completion_quoted(out, table[i]->summary, ":\\");
		buf_add_char(out, '\'');
	}
	buf_add_str(out, ")\n\t_describe command commands\n");
}

void completion_zsh(struct buf *out, const struct command *const *table)
{
	static const struct command nothing = {.name = ""};
	buf_add_str(out, "#compdef offlist\n# zsh completion for offlist; made by: offlist completion zsh\n"
			 "_offlist_zones()\n{\n\tlocal -a zones\n"
			 "\tzones=(${(f)\"$($_offlist_program" COMPLETE_ZONES_OF ")\"})\n\tcompadd -a zones\n}\n"
			 "local _offlist_program=$words[1] curcontext=$curcontext state line\ntypeset -A opt_args\n"
			 "_arguments -C");
	global_options_of(out, &nothing);
	buf_add_str(out, " \\\n\t\t'1: :->command' '*:: :->rest' && return\ncase $state in\ncommand)\n");
	commands_described(out, table);
	buf_add_str(out, "\t;;\nrest)\n\tcase $words[1] in\n");
	for (size_t i = 0; table[i]; i++) {
		struct buf second = buf_make(1024);
		if (strchr(table[i]->name, ' '))
			continue;
		buf_printf(out, "\t%s)\n\t", table[i]->name);
		if (completion_second_words(&second, table, table[i], ' '))
			family(out, table, table[i]);
		else
			arguments(out, table, table[i], NULL);
		buf_add_str(out, "\t;;\n");
		buf_release(&second);
	}
	buf_add_str(out, "\tesac\nesac\n");
}
