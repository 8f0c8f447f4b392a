/* SPDX-License-Identifier: BSD-2-Clause */
/* From argv to a command, its options and its arguments. */
#include <errno.h>

#include "cli/help.h"
#include "cli/nearest.h"
#include "cli/command_line.h"
#include "net/addr.h"

static const struct command *find(const struct command *const *table, struct span name)
{
	for (; *table; table++)
		if (span_equal(span_str((*table)->name), name))
			return *table;
	return NULL;
}

static int unknown_command(const struct command *const *table, const char *name, struct error *err)
{
	struct nearest near = nearest_to(name);
	for (; *table; table++)
		nearest_try(&near, (*table)->name);
	if (near.name)
		return error_set(err, -EINVAL, "unknown command %s; did you mean %s?", name, near.name);
	return error_set(err, -EINVAL, "unknown command %s; offlist help lists them", name);
}

/* "offlist 192.0.2.10" means check: no command has a dot or a colon in its name. */
static bool is_target(const char *word)
{
	struct prefix p;
	int r = prefix_parse(span_str(word), &p);
	return r == 0 || r == -EDOM;
}

/* "lists" followed by "lint" is the command "lists lint" where the table has it. */
static const struct command *find_below(const struct command *const *table, const struct command *above,
					const char *word)
{
	size_t len = strlen(above->name);
	for (; *table; table++)
		if (strncmp((*table)->name, above->name, len) == 0 && (*table)->name[len] == ' ' &&
		    strcmp((*table)->name + len + 1, word) == 0)
			return *table;
	return NULL;
}

static bool has_below(const struct command *const *table, const struct command *above)
{
	size_t len = strlen(above->name);
	for (; *table; table++)
		if (strncmp((*table)->name, above->name, len) == 0 && (*table)->name[len] == ' ')
			return true;
	return false;
}

/* The command's second word, after global options if need be. What is no global option is left to the command. */
static void read_second_word(const struct command *const *table, struct command_line *line, int argc, char **argv,
			     int *at)
{
	const struct option_row *const tables[] = {options_global, NULL};
	const struct command *below;
	int r = 0, before = *at;
	while (r == 0) {
		before = *at;
		r = options_next(line->options, tables, argc, argv, at, NULL);
	}
	*at = before;
	if (r != OPTIONS_ARGUMENT)
		return;
	below = find_below(table, line->command, argv[*at]);
	if (below) {
		line->command = below;
		++*at;
	}
}

static int read_name(const struct command *const *table, struct command_line *line, int argc, char **argv, int *at,
		     struct error *err)
{
	const struct option_row *const tables[] = {options_global, NULL};
	int r;
	do
		r = options_next(line->options, tables, argc, argv, at, err);
	while (r == 0);
	if (r < 0 || *at >= argc)
		return r < 0 ? r : 0;
	line->command = find(table, span_str(argv[*at]));
	if (!line->command && is_target(argv[*at])) {
		line->command = find(table, span_str("check"));
		return 0;
	}
	if (!line->command)
		return unknown_command(table, argv[*at], err);
	++*at;
	if (has_below(table, line->command))
		read_second_word(table, line, argc, argv, at);
	return 0;
}

int command_line_parse(const struct command *const *table, int argc, char **argv, struct arena *arena,
		       struct command_line *ret_line, struct error *err)
{
	struct command_line line = {.options = options_new(arena)};
	const struct option_row *tables[] = {options_global, NULL, NULL};
	int at = 1, r;
	line.argv = arena_alloc(arena, (size_t)argc + 1, sizeof(*line.argv));
	if (!line.options || !line.argv)
		return error_set(err, -ENOMEM, "out of memory");
	r = read_name(table, &line, argc, argv, &at, err);
	if (r < 0)
		return r;
	if (line.command && line.command->options) {
		tables[0] = line.command->options;
		tables[1] = options_global;
	}
	do {
		r = options_next(line.options, tables, argc, argv, &at, err);
		if (r == OPTIONS_ARGUMENT)
			line.argv[line.argc++] = argv[at++];
	} while (r == 0 || r == OPTIONS_ARGUMENT);
	while (r == OPTIONS_END && at < argc)
		line.argv[line.argc++] = argv[at++];
	if (r < 0)
		return r;
	*ret_line = line;
	return 0;
}
