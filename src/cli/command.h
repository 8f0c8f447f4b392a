/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_COMMAND_H
#define OFFLIST_CLI_COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "cli/complain.h"
#include "config/settings.h"
#include "sys/trace.h"

/* Commands and their options are table rows; usage, --help, completion and the manual's check come from them. */

struct option_row {
	char letter;       /* 0: none */
	const char *name;  /* "resolver" */
	const char *value; /* "ADDR", NULL: a switch */
	const char *words; /* "auto|system|direct": completion and check; NULL: anything. A value outside them is let
			       * through only when it begins with a word in capitals, e.g. "auto|system|direct|ADDR" */
	const char *help;
};

/** Options as parsed: for each row its values in order. */
struct options;
bool options_has(const struct options *o, const char *name);
const char *options_value(const struct options *o, const char *name); /* the last one, NULL: none */
size_t options_count(const struct options *o, const char *name);
const char *options_nth(const struct options *o, const char *name, size_t n);

struct context { /* what every command gets */
	struct options *options;
	int argc;
	char **argv;                         /* the arguments that are not options */
	const char *config_path, *state_dir; /* resolved by main; state_dir NULL: cannot be had, with a note */
	struct settings settings;
	struct arena *arena;
	const struct trace *trace; /* --debug; NULL: nobody wants to know */
	bool json, colour;         /* colour: stdout is a terminal and NO_COLOR is not set */
	bool terminal;             /* stdout is a terminal */
	unsigned width;            /* columns, 80 for a pipe */
	unsigned height;           /* rows of the terminal, 0 for a pipe */
};

struct command {
	const char *name;                 /* "check", "lists", "lists lint" (sub-commands are rows of their own) */
	const char *arguments;            /* "[TARGET...]" */
	const char *summary;              /* one line */
	const char *details;              /* further help text */
	const struct option_row *options; /* ended by a row with name NULL */
	bool needs_settings;              /* read offlist.yaml before */
	int (*run)(struct context *c);    /* returns the exit status */
};

extern const struct command *const commands[]; /* ended by NULL; table in main.c */

#endif
