/* SPDX-License-Identifier: BSD-2-Clause */
/* --help, from the tables. */
#include "cli/help.h"

#include "cli/terminal.h"

const struct option_row options_global[] = {
	{'c', "config", "FILE", NULL, "settings, instead of /etc/offlist/offlist.yaml"},
	{0, "state", "DIR", NULL, "state folder, instead of /var/lib/offlist"},
	{'j', "json", NULL, NULL, "print JSON, one object a line"},
	{0, "debug", NULL, NULL, "write what happens inside to standard error"},
	{'h', "help", NULL, NULL, "print help"},
	{'V', "version", NULL, NULL, "print the version"},
	{0},
};

enum { HELP_COLUMN = 30, WORDS_COLUMNS = 60 };

/* "  name   text", the text filled in a column of its own. */
static void entry(struct buf *out, const char *head, const char *text, unsigned width)
{
	struct buf filled = buf_make(1 << 16);
	size_t used = strlen(head) + 2, skip;
	terminal_fill(&filled, text, HELP_COLUMN, width);
	buf_printf(out, "  %s", head);
	if (used + 2 > HELP_COLUMN) {
		buf_add_char(out, '\n');
		skip = 0;
	} else {
		skip = used;
	}
	buf_add(out, span_from(buf_span(&filled), skip));
	buf_release(&filled);
}

/* More words than a line has room for: they stand in the text, where it can be filled. */
static void add_words(struct buf *text, const char *value, const char *words)
{
	buf_printf(text, ". %s: ", value);
	for (; *words; words++)
		if (*words == '|')
			buf_add_str(text, ", ");
		else
			buf_add_char(text, *words);
}

static void options(struct buf *out, const char *heading, const struct option_row *rows, unsigned width)
{
	if (!rows || !rows->name)
		return;
	buf_printf(out, "\n%s:\n", heading);
	for (const struct option_row *row = rows; row->name; row++) {
		struct buf head = buf_make(1024), text = buf_make(4096);
		if (row->letter)
			buf_printf(&head, "-%c, ", row->letter);
		else
			buf_add_str(&head, "    ");
		buf_printf(&head, "--%s", row->name);
		bool wide = row->words && strlen(row->words) > WORDS_COLUMNS;
		if (row->value)
			buf_printf(&head, " %s", row->words && !wide ? row->words : row->value);
		buf_add_str(&text, row->help);
		if (wide)
			add_words(&text, row->value, row->words);
		entry(out, buf_text(&head), buf_text(&text), width);
		buf_release(&head);
		buf_release(&text);
	}
}

static const char *usage_tail(const struct command *c)
{
	return c->arguments ? c->arguments : "";
}

/* Text of several lines: each line is a paragraph. */
static void paragraphs(struct buf *out, const char *text, unsigned width)
{
	while (text && *text) {
		struct buf line = buf_make(1 << 14);
		size_t n = span_find(span_str(text), '\n');
		buf_add_char(out, '\n');
		buf_add(&line, span_of(text, n));
		terminal_fill(out, buf_text(&line), 0, width);
		buf_release(&line);
		text += n + (text[n] != '\0');
	}
}

void help_overview(struct buf *out, const struct command *const *table, unsigned width)
{
	buf_add_str(out, "usage: offlist [--config FILE] [--state DIR] [--json] COMMAND [OPTION...] [ARGUMENT...]\n\n"
			 "Get your mail server off blocklists, and keep it off.\n\nCommands:\n");
	for (; *table; table++)
		entry(out, (*table)->name, (*table)->summary, width);
	options(out, "Options of all commands", options_global, width);
	buf_add_str(out, "\nExit status: 0 nothing wrong; 1 findings; 2 could not tell; 64 usage; 74 input or output;\n"
			 "77 permission; 78 configuration. More: offlist help COMMAND, man offlist.\n");
}

void help_command(struct buf *out, const struct command *const *table, const struct command *c, unsigned width)
{
	size_t len = strlen(c->name);
	bool heading = false;
	buf_printf(out, "usage: offlist %s%s%s%s\n\n", c->name, c->options && c->options->name ? " [OPTION...]" : "",
		   *usage_tail(c) ? " " : "", usage_tail(c));
	terminal_fill(out, c->summary, 0, width);
	paragraphs(out, c->details, width);
	for (; *table; table++) {
		const char *name = (*table)->name;
		if (strncmp(name, c->name, len) != 0 || name[len] != ' ')
			continue;
		buf_add_str(out, heading ? "" : "\nCommands below it:\n");
		heading = true;
		entry(out, name, (*table)->summary, width);
	}
	options(out, "Options", c->options, width);
	options(out, "Options of all commands", options_global, width);
}
