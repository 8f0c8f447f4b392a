/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/command_line.h"
#include "cli/commands.h"

const struct command *const commands[] = {
#define COMMAND(file, name) &command_##name,
#include "cli/commands.inc"
	NULL,
};

int main(int argc, char **argv)
{
	return command_line_run(argc, argv);
}
