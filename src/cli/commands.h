/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_COMMANDS_H
#define OFFLIST_CLI_COMMANDS_H

#include "cli/command.h"

#define COMMAND(file, name) extern const struct command command_##name;
#include "cli/commands.inc"

#endif
