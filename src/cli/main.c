/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands, in the order of the help. */
#include "cli/commands.h"
#include "cli/command_line.h"

const struct command *const commands[] = {
	&command_check,       &command_diagnose,   &command_explain,  &command_log,     &command_log_stats,
	&command_log_senders, &command_log_trace,  &command_log_grep, &command_lists,   &command_lists_lint,
	&command_lists_test,  &command_completion, &command_help,     &command_version, NULL,
};

int main(int argc, char **argv)
{
	return command_line_run(argc, argv);
}
