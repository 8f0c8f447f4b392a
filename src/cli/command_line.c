/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens before and after every command: settings, folders, the terminal, help. */
#include "cli/command_line.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/debug.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/state.h"

enum { ARENA_MAX = 256 << 20 }; /* what the command line and the settings may take */

static const char config_default[] = "/etc/offlist/offlist.yaml";

static void look_at_terminal(struct context *c)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
	struct winsize size = {0};
	c->width = 80;
	c->terminal = isatty(STDOUT_FILENO) == 1;
	if (!c->terminal)
		return;
	c->colour = !(no_colour && *no_colour) && !(term && strcmp(term, "dumb") == 0);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return;
	if (size.ws_col >= 40)
		c->width = size.ws_col;
	c->height = size.ws_row;
}

static void tell_fault(void *arg, const char *line)
{
	complain(EXIT_CONFIGURATION, "%s", line);
}

static int read_settings(struct context *c)
{
	const char *given = options_value(c->options, "config");
	struct error err = {{0}};
	struct schema_faults faults = {.on_fault = tell_fault, .err = &err};
	int r;
	c->config_path = given ? given : config_default;
	r = settings_load_all(c->config_path, given != NULL, c->arena, &faults, &c->settings);
	if (faults.count)
		return complain_status(r);
	if (r < 0)
		return complain(complain_status(r), "%s", err.text);
	return EXIT_NOTHING;
}

static int run(struct context *c, const struct command *command)
{
	const char *state = options_value(c->options, "state");
	if (command->needs_settings) {
		int status = read_settings(c);
		if (status != EXIT_NOTHING)
			return status;
	}
	c->state_dir = state_folder(state ? state : c->settings.state, c->arena);
	trace_event(c->trace, "cli", "command", TRACE_TEXT("name", command->name),
		    TRACE_TEXT("version", OFFLIST_VERSION), TRACE_TEXT("settings", c->config_path),
		    TRACE_TEXT("state", c->state_dir));
	return command->run(c);
}

static int print_help(const struct context *c, const struct command *command)
{
	struct buf out = buf_make(1 << 20);
	if (command)
		help_command(&out, commands, command, c->width);
	else
		help_overview(&out, commands, c->width);
	output_write(buf_span(&out));
	buf_release(&out);
	return EXIT_NOTHING;
}

static int dispatch(struct arena *arena, int argc, char **argv)
{
	struct command_line line = {0};
	struct context c = {.arena = arena};
	struct error err = {{0}};
	if (command_line_parse(commands, argc, argv, arena, &line, &err) < 0)
		return complain(EXIT_USAGE, "%s", err.text);
	c.options = line.options;
	c.argc = line.argc;
	c.argv = line.argv;
	c.json = options_has(c.options, "json");
	c.trace = debug_trace(c.options);
	look_at_terminal(&c);
	if (options_has(c.options, "help"))
		return print_help(&c, line.command);
	if (options_has(c.options, "version")) {
		static const char version[] = "offlist " OFFLIST_VERSION "\n";
		output_write(span_str(version));
		return EXIT_NOTHING;
	}
	if (!line.command)
		return complain(EXIT_USAGE, "no command given; offlist help lists them");
	return run(&c, line.command);
}

/* A monitor reads one line of standard output and an exit status of 0 to 3, whatever goes wrong (rule 9). */
static bool wants_nagios(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--format=nagios") == 0 || strcmp(argv[i], "-Fnagios") == 0 ||
		    (i + 1 < argc && strcmp(argv[i + 1], "nagios") == 0 &&
		     (strcmp(argv[i], "--format") == 0 || strcmp(argv[i], "-F") == 0)))
			return true;
	return false;
}

static int nagios_error(void)
{
	struct buf out = buf_make(1 << 16);
	buf_printf(&out, "OFFLIST UNKNOWN - %s\n", complain_last());
	for (char *p = out.at; p && *p; p++)
		if (*p == '|')
			*p = '/';
	output_write(buf_span(&out));
	buf_release(&out);
	return 3;
}

int command_line_run(int argc, char **argv)
{
	struct arena arena = arena_make(ARENA_MAX);
	int status;
	/* A closed pipe or TCP peer shows as EPIPE where it is written to; output_close() then ends as SIGPIPE would. */
	signal(SIGPIPE, SIG_IGN);
	status = dispatch(&arena, argc, argv);
	arena_release(&arena);
	if (!wants_nagios(argc, argv))
		return output_close(status);
	if (!output_used())
		status = nagios_error();
	return output_close(status) == EXIT_IO ? 3 : status;
}
