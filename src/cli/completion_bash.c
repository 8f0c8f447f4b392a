/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/completion.h"

/* Which words name a command: not the values of options that stand before it. */
static const char head[] =
	"# bash completion for offlist; made by: offlist completion bash\n"
	"_offlist()\n{\n"
	"\tlocal word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]} command= sub= w i\n"
	"\tlocal options= words= kind=\n"
	"\tif [[ $word == = ]]; then word=; fi\n"
	"\tif [[ $last == = ]]; then last=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tw=${COMP_WORDS[i]}\n"
	"\t\tif [[ $w == = ]]; then ((i++))\n"
	"\t\telif [[ $w == -* ]]; then [[ $_offlist_takes == *\" $w \"* && ${COMP_WORDS[i+1]-} != = ]] && ((i++))\n"
	"\t\telif [[ -z $command ]]; then command=$w\n"
	"\t\telif [[ -z $sub ]]; then sub=$w\n"
	"\t\tfi\n"
	"\tdone\n";

static const char tail[] = "\tif [[ -z $kind && $word == -* ]]; then\n"
			   "\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\")\n"
			   "\t\t[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace\n"
			   "\t\treturn\n"
			   "\tfi\n"
			   "\tcase $kind in\n"
			   "\tfiles|folders)\n"
			   "\t\tcompopt -o filenames\n"
			   "\t\t[[ $kind == files ]] && kind=-f || kind=-d\n"
			   "\t\tmapfile -t COMPREPLY < <(compgen $kind -- \"$word\") ;;\n"
			   "\tzones) words+=\" $(\"${COMP_WORDS[0]}\"" COMPLETE_ZONES_OF ")\" ;;\n"
			   "\tesac\n"
			   "\tmapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
			   "}\n";

static void long_options(struct buf *out, const struct option_row *rows)
{
	for (; rows && rows->name; rows++)
		buf_printf(out, " --%s%s", rows->name, rows->value ? "=" : "");
}

static void options_with_values(struct buf *out, const struct option_row *rows)
{
	for (; rows && rows->name; rows++) {
		if (!rows->value)
			continue;
		buf_printf(out, " --%s", rows->name);
		if (rows->letter)
			buf_printf(out, " -%c", rows->letter);
	}
}

static void kind_is(struct buf *out, enum complete_kind kind, const char *words)
{
	static const char *const names[] = {[COMPLETE_NOTHING] = "nothing",
					    [COMPLETE_WORDS] = "words",
					    [COMPLETE_FILES] = "files",
					    [COMPLETE_FOLDERS] = "folders",
					    [COMPLETE_ZONES] = "zones"};
	buf_printf(out, "kind=%s", names[kind]);
	if (kind == COMPLETE_WORDS) {
		buf_add_str(out, " words=\"");
		completion_words(out, words, ' ');
		buf_add_char(out, '"');
	}
}

/* One branch for each option with a value: `command` before it, or any. */
static void values(struct buf *out, const char *command, const struct option_row *rows)
{
	for (; rows && rows->name; rows++) {
		if (!rows->value)
			continue;
		buf_printf(out, "\t\"%s --%s\"", command, rows->name);
		if (rows->letter)
			buf_printf(out, "|\"%s -%c\"", command, rows->letter);
		buf_add_str(out, ") ");
		kind_is(out, completion_value(rows), rows->words);
		buf_add_str(out, " ;;\n");
	}
}

static void command_branch(struct buf *out, const struct command *const *table, const struct command *c)
{
	buf_printf(out, "\t\"%s\")\n\t\toptions=\"", c->name);
	long_options(out, c->options);
	buf_add_str(out, "\" words=\"");
	if (!completion_second_words(out, table, c, ' ') && completion_argument(c) == COMPLETE_WORDS)
		completion_argument_words(out, table, c);
	buf_add_str(out, "\"\n");
	if (completion_argument(c) != COMPLETE_NOTHING && completion_argument(c) != COMPLETE_WORDS) {
		buf_add_str(out, "\t\t[[ $word == -* ]] || ");
		kind_is(out, completion_argument(c), NULL);
		buf_add_char(out, '\n');
	}
	buf_add_str(out, "\t\t;;\n");
}

/* Second words that are commands of their own; any other is an argument. */
static void names(struct buf *out, const struct command *const *table)
{
	buf_add_str(out, "\tcase \"$command $sub\" in\n");
	for (; *table; table++)
		if (strchr((*table)->name, ' '))
			buf_printf(out, "\t\"%s\") command+=\" $sub\" ;;\n", (*table)->name);
	buf_add_str(out, "\tesac\n");
}

void completion_bash(struct buf *out, const struct command *const *table)
{
	buf_add_str(out, "_offlist_takes=\"");
	options_with_values(out, options_global);
	for (size_t i = 0; table[i]; i++)
		options_with_values(out, table[i]->options);
	buf_add_str(out, " \"\n");
	buf_add_str(out, head);
	names(out, table);
	buf_add_str(out, "\tcase \"$command $last\" in\n");
	for (size_t i = 0; table[i]; i++)
		values(out, table[i]->name, table[i]->options);
	buf_add_str(out, "\tesac\n\t[[ -n $kind ]] || case \" $last\" in\n");
	values(out, "", options_global);
	buf_add_str(out, "\tesac\n\t[[ -n $kind ]] || case $command in\n\t\"\") words=\"");
	for (size_t i = 0; table[i]; i++)
		if (completion_first_word(table, i))
			buf_printf(out, " %.*s", (int)strcspn(table[i]->name, " "), table[i]->name);
	buf_add_str(out, "\" ;;\n");
	for (size_t i = 0; table[i]; i++)
		command_branch(out, table, table[i]);
	buf_add_str(out, "\tesac\n\toptions+=\"");
	long_options(out, options_global);
	buf_add_str(out, "\"\n");
	buf_add_str(out, tail);
	buf_add_str(out, "complete -F _offlist offlist\n");
}
