/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_COMMANDS_H
#define OFFLIST_CLI_COMMANDS_H

#include "cli/command.h"

/* One row a command, each defined in its cmd_NAME.c. main.c puts them in their order. */
extern const struct command command_check;
extern const struct command command_completion;
extern const struct command command_diagnose;
extern const struct command command_explain;
extern const struct command command_help;
extern const struct command command_lists;
extern const struct command command_lists_lint;
extern const struct command command_lists_test;
extern const struct command command_log;
extern const struct command command_log_grep;
extern const struct command command_log_senders;
extern const struct command command_log_stats;
extern const struct command command_log_trace;
extern const struct command command_version;

#endif
