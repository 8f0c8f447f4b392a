/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist help, offlist completion. */
#include <errno.h>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/nearest.h"
#include "cli/output.h"

static const struct command *find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int unknown(const char *name)
{
	struct nearest near = nearest_to(name);
	for (size_t i = 0; commands[i]; i++)
		nearest_try(&near, commands[i]->name);
	if (near.name)
		return complain(EXIT_USAGE, "unknown command %s; did you mean %s?", name, near.name);
	return complain(EXIT_USAGE, "unknown command %s; offlist help lists them", name);
}

static int run_help(struct context *c)
{
	struct buf out = buf_make(1 << 20);
	struct buf name = buf_make(1024);
	const struct command *command = NULL;
	int status = EXIT_NOTHING;
	for (int i = 0; i < c->argc; i++)
		buf_printf(&name, "%s%s", i ? " " : "", c->argv[i]);
	if (c->argc)
		command = find(buf_text(&name));
	if (c->argc && !command)
		status = unknown(buf_text(&name));
	else if (command)
		help_command(&out, commands, command, c->width);
	else
		help_overview(&out, commands, c->width);
	output_write(buf_span(&out));
	buf_release(&name);
	buf_release(&out);
	return status;
}

const struct command command_help = {
	.name = "help",
	.arguments = "[COMMAND]",
	.summary = "Print help on a command.",
	.run = run_help,
};

static int run_version(struct context *c)
{
	static const char version[] = "offlist " OFFLIST_VERSION "\n";
	if (c->argc)
		return complain(EXIT_USAGE, "version takes no argument");
	output_write(span_str(version));
	return EXIT_NOTHING;
}

const struct command command_version = {
	.name = "version",
	.summary = "Print the version.",
	.run = run_version,
};

static int run_completion(struct context *c)
{
	struct buf out = buf_make(1 << 20);
	int status = EXIT_NOTHING;
	if (c->argc != 1 || completion_write(&out, commands, c->argv[0]) < 0)
		status = complain(EXIT_USAGE, "completion: say for which shell: bash, zsh or fish");
	else
		output_write(buf_span(&out));
	buf_release(&out);
	return status;
}

const struct command command_completion = {
	.name = "completion",
	.arguments = "bash|zsh|fish",
	.summary = "Print completion for a shell.",
	.run = run_completion,
};
