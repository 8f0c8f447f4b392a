/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/completion.h"

static void kind_is(struct buf *out, enum complete_kind kind, const char *words)
{
	switch (kind) {
	case COMPLETE_WORDS:
		buf_printf(out, " -f -a '%s'", words);
		break;
	case COMPLETE_FILES:
		buf_add_str(out, " -F");
		break;
	case COMPLETE_FOLDERS:
		buf_add_str(out, " -f -a '(__fish_complete_directories (commandline -ct))'");
		break;
	case COMPLETE_ZONES:
		buf_add_str(out, " -f -a '(__offlist_zones)'");
		break;
	case COMPLETE_NOTHING:
		buf_add_str(out, " -f");
	}
}

static void options(struct buf *out, const char *condition, const struct option_row *rows)
{
	for (; rows && rows->name; rows++) {
		buf_printf(out, "complete -c offlist%s -l %s", condition, rows->name);
		if (rows->letter)
			buf_printf(out, " -s %c", rows->letter);
		if (rows->value) {
			struct buf words = buf_make(4096);
			completion_words(&words, rows->words, ' ');
			buf_add_str(out, " -r");
			kind_is(out, completion_value(rows), buf_text(&words));
			buf_release(&words);
		}
		buf_add_str(out, " -d '");
		completion_quoted(out, rows->help, "\\");
		buf_add_str(out, "'\n");
	}
}

/* " -n '...'": this command, with its second word, or without any of those that would make it another. */
static void condition_of(struct buf *out, const struct command *const *table, const struct command *c)
{
	int first = (int)strcspn(c->name, " ");
	struct buf others = buf_make(1024);
	buf_printf(out, " -n '__fish_seen_subcommand_from %.*s", first, c->name);
	if (c->name[first])
		buf_printf(out, "; and __fish_seen_subcommand_from %s", c->name + first + 1);
	else if (completion_second_words(&others, table, c, ' '))
		buf_printf(out, "; and not __fish_seen_subcommand_from %s", buf_text(&others));
	buf_add_char(out, '\'');
	buf_release(&others);
}

/* The word that names a command, where it may stand. */
static void name(struct buf *out, const struct command *const *table, const struct command *c)
{
	int first = (int)strcspn(c->name, " ");
	struct command above = {.name = ""};
	char word[64];
	snprintf(word, sizeof(word), "%.*s", first, c->name);
	above.name = word;
	buf_add_str(out, "complete -c offlist");
	if (c->name[first])
		condition_of(out, table, &above);
	else
		buf_add_str(out, " -n __fish_use_subcommand");
	buf_printf(out, " -f -a %s -d '", c->name[first] ? c->name + first + 1 : c->name);
	completion_quoted(out, c->summary, "\\");
	buf_add_str(out, "'\n");
}

void completion_fish(struct buf *out, const struct command *const *table)
{
	buf_add_str(out, "# fish completion for offlist; made by: offlist completion fish\n"
			 "function __offlist_zones\n\tofflist" COMPLETE_ZONES_OF "\nend\ncomplete -c offlist -f\n");
	options(out, "", options_global);
	for (size_t i = 0; table[i]; i++) {
		struct buf condition = buf_make(1024), words = buf_make(1024);
		condition_of(&condition, table, table[i]);
		name(out, table, table[i]);
		if (completion_argument(table[i]) != COMPLETE_NOTHING) {
			if (completion_argument(table[i]) == COMPLETE_WORDS)
				completion_argument_words(&words, table, table[i]);
			buf_printf(out, "complete -c offlist%s", buf_text(&condition));
			kind_is(out, completion_argument(table[i]), buf_text(&words));
			buf_add_char(out, '\n');
		}
		options(out, buf_text(&condition), table[i]->options);
		buf_release(&condition);
		buf_release(&words);
	}
}
