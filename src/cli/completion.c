/* SPDX-License-Identifier: BSD-2-Clause */
/* Completion for bash, zsh and fish, from the tables. */
#include <errno.h>

#include "cli/help.h"

/* First words of the commands, each once; "lists lint" gives "lists". */
static bool first_of_its_word(const struct command *const *table, size_t at)
{
	size_t len = strcspn(table[at]->name, " ");
	for (size_t i = 0; i < at; i++)
		if (strcspn(table[i]->name, " ") == len && strncmp(table[i]->name, table[at]->name, len) == 0)
			return false;
	return true;
}

static void first_words(struct buf *out, const struct command *const *table)
{
	for (size_t i = 0; table[i]; i++)
		if (first_of_its_word(table, i))
			buf_printf(out, "%s%.*s", out->len && out->at[out->len - 1] != '"' ? " " : "",
				   (int)strcspn(table[i]->name, " "), table[i]->name);
}

static void long_options(struct buf *out, const struct option_row *rows)
{
	for (; rows && rows->name; rows++)
		buf_printf(out, " --%s%s", rows->name, rows->value ? "=" : "");
}

/* Words of "auto|system|ADDR", those in capitals (which stand for anything) left out, `between` them. */
static void plain_words(struct buf *out, const char *words, char between)
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

static void bash_values(struct buf *out, const struct option_row *rows)
{
	for (; rows && rows->name; rows++) {
		if (!rows->value)
			continue;
		buf_printf(out, "\t--%s", rows->name);
		if (rows->letter)
			buf_printf(out, "|-%c", rows->letter);
		buf_add_str(out, ") ");
		if (rows->words) {
			buf_add_str(out, "COMPREPLY=($(compgen -W \"");
			plain_words(out, rows->words, ' ');
			buf_add_str(out, "\" -- \"$word\")); return ;;\n");
		} else if (strcmp(rows->value, "FILE") == 0 || strcmp(rows->value, "DIR") == 0) {
			buf_printf(out, "COMPREPLY=($(compgen -%c -- \"$word\")); return ;;\n",
				   rows->value[0] == 'F' ? 'f' : 'd');
		} else {
			buf_add_str(out, "return ;;\n");
		}
	}
}

static void bash(struct buf *out, const struct command *const *table)
{
	buf_add_str(out,
		    "# bash completion for offlist; made by: offlist completion bash\n"
		    "_offlist()\n{\n"
		    "\tlocal word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]} command= sub= w options\n"
		    "\tif [[ $word == = ]]; then word=; fi\n"
		    "\tif [[ $last == = ]]; then last=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
		    "\tfor w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
		    "\t\t[[ $w == -* ]] && continue\n"
		    "\t\tif [[ -z $command ]]; then command=$w; elif [[ -z $sub ]]; then sub=$w; fi\n"
		    "\tdone\n"
		    "\tcase $last in\n");
	bash_values(out, global_options);
	for (size_t i = 0; table[i]; i++)
		bash_values(out, table[i]->options);
	buf_add_str(out, "\tesac\n\tcase \"$command $sub\" in\n");
	for (size_t i = 0; table[i]; i++) {
		size_t words = strcspn(table[i]->name, " ");
		if (!table[i]->name[words])
			continue; /* longer names first: "lists lint" before "lists *" */
		buf_printf(out, "\t\"%s\") options=\"", table[i]->name);
		long_options(out, table[i]->options);
		buf_add_str(out, "\" ;;\n");
	}
	for (size_t i = 0; table[i]; i++) {
		if (table[i]->name[strcspn(table[i]->name, " ")])
			continue;
		buf_printf(out, "\t\"%s \"*) options=\"", table[i]->name);
		for (size_t k = 0; table[k]; k++) {
			size_t len = strlen(table[i]->name);
			if (strncmp(table[k]->name, table[i]->name, len) == 0 && table[k]->name[len] == ' ')
				buf_printf(out, "%s ", table[k]->name + len + 1);
		}
		long_options(out, table[i]->options);
		buf_add_str(out, "\" ;;\n");
	}
	buf_add_str(out, "\t*) options=\"");
	first_words(out, table);
	buf_add_str(out, "\" ;;\n\tesac\n\toptions+=\"");
	long_options(out, global_options);
	buf_add_str(out, "\"\n\tCOMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
			 "\t[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace\n"
			 "\t[[ $word != -* && -n $command ]] && COMPREPLY+=($(compgen -f -- \"$word\"))\n"
			 "}\ncomplete -F _offlist offlist\n");
}

/* Text inside single quotes of zsh's _arguments or fish. */
static void quoted(struct buf *out, const char *text, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_add_str(out, "'\\'");
		else if (strchr(escaped, *text))
			buf_add_char(out, '\\');
		buf_add_char(out, *text);
	}
}

static void zsh_options(struct buf *out, const struct option_row *rows)
{
	for (; rows && rows->name; rows++) {
		buf_printf(out, " \\\n\t\t'*--%s%s[", rows->name, rows->value ? "=" : "");
		quoted(out, rows->help, "[]:\\");
		buf_add_char(out, ']');
		if (rows->value)
			buf_printf(out, ":%s:", rows->value);
		if (rows->words) {
			buf_add_char(out, '(');
			plain_words(out, rows->words, ' ');
			buf_add_char(out, ')');
		} else if (rows->value && strcmp(rows->value, "DIR") == 0) {
			buf_add_str(out, "_files -/");
		} else if (rows->value && strcmp(rows->value, "FILE") == 0) {
			buf_add_str(out, "_files");
		}
		buf_add_char(out, '\'');
	}
}

static void zsh_second_words(struct buf *out, const struct command *const *table, const struct command *above)
{
	size_t len = strlen(above->name);
	bool any = false;
	for (; *table; table++) {
		if (strncmp((*table)->name, above->name, len) != 0 || (*table)->name[len] != ' ')
			continue;
		buf_printf(out, "%s%s", any ? " " : " \\\n\t\t'1: :' '2:command:(", (*table)->name + len + 1);
		any = true;
	}
	buf_add_str(out, any ? ")'" : "");
}

static void zsh(struct buf *out, const struct command *const *table)
{
	buf_add_str(out, "#compdef offlist\n# zsh completion for offlist; made by: offlist completion zsh\n"
			 "local command=${${words[2,-1]:#-*}[1]}\n"
			 "if (( CURRENT == 2 )) || [[ -z $command ]]; then\n\tlocal -a commands=(");
	for (size_t i = 0; table[i]; i++) {
		if (!first_of_its_word(table, i))
			continue;
		buf_printf(out, "\n\t\t'%s:", table[i]->name);
		quoted(out, table[i]->summary, ":\\");
		buf_add_char(out, '\'');
	}
	buf_add_str(out, ")\n\t_describe command commands\n\t_arguments");
	zsh_options(out, global_options);
	buf_add_str(out, "\n\treturn\nfi\ncase $command in\n");
	for (size_t i = 0; table[i]; i++) {
		size_t len = strlen(table[i]->name);
		if (!first_of_its_word(table, i))
			continue;
		buf_printf(out, "%s)\n\t_arguments", table[i]->name);
		for (size_t k = 0; table[k]; k++)
			if (k == i || (strncmp(table[k]->name, table[i]->name, len) == 0 && table[k]->name[len] == ' '))
				zsh_options(out, table[k]->options);
		zsh_options(out, global_options);
		zsh_second_words(out, table, table[i]);
		buf_add_str(out, " \\\n\t\t'*:argument:_files'\n\t;;\n");
	}
	buf_add_str(out, "esac\n");
}

static void fish_options(struct buf *out, const char *condition, const struct option_row *rows)
{
	for (; rows && rows->name; rows++) {
		buf_printf(out, "complete -c offlist%s -l %s", condition, rows->name);
		if (rows->letter)
			buf_printf(out, " -s %c", rows->letter);
		if (rows->value)
			buf_add_str(out, " -r");
		if (rows->words) {
			buf_add_str(out, " -f -a '");
			plain_words(out, rows->words, ' ');
			buf_add_char(out, '\'');
		}
		buf_add_str(out, " -d '");
		quoted(out, rows->help, "\\");
		buf_add_str(out, "'\n");
	}
}

static void fish(struct buf *out, const struct command *const *table)
{
	buf_add_str(out, "# fish completion for offlist; made by: offlist completion fish\n");
	fish_options(out, "", global_options);
	for (size_t i = 0; table[i]; i++) {
		char condition[160];
		int words = (int)strcspn(table[i]->name, " ");
		const char *rest = table[i]->name + words;
		if (*rest)
			buf_printf(out, "complete -c offlist -n '__fish_seen_subcommand_from %.*s' -a '%s' -d '", words,
				   table[i]->name, rest + 1);
		else
			buf_printf(out, "complete -c offlist -n __fish_use_subcommand -f -a %s -d '", table[i]->name);
		quoted(out, table[i]->summary, "\\");
		buf_add_str(out, "'\n");
		snprintf(condition, sizeof(condition), " -n '__fish_seen_subcommand_from %.*s'", words, table[i]->name);
		fish_options(out, condition, table[i]->options);
	}
}

int completion_write(struct buf *out, const struct command *const *table, const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		bash(out, table);
	else if (strcmp(shell, "zsh") == 0)
		zsh(out, table);
	else if (strcmp(shell, "fish") == 0)
		fish(out, table);
	else
		return -EINVAL;
	return 0;
}
