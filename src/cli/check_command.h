/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_CHECK_COMMAND_H
#define OFFLIST_CLI_CHECK_COMMAND_H

#include "cli/command.h"
#include "cli/progress.h"
#include "cli/check_report.h"
#include "cli/targets.h"

/* `offlist check` in parts: only for the files check_*.c and cmd_check.c. */

enum { SYSTEM_RESOLVERS_MAX = 3 /* resolv.conf(5) MAXNS */ };

struct check_command {
	struct context *c;
	struct catalogue *catalogue;
	struct store *store;
	struct check_config config;
	struct endpoint system[SYSTEM_RESOLVERS_MAX];
	struct targets targets;
	struct report report;
	struct progress progress;
	struct dns_network *names;   /* where reverse names are asked for */
	struct reverse_run *reverse; /* NULL: names are not looked up */
	const char *helo;            /* this server's HELO name; NULL: not known, or others' targets */
	const char *smarthost;       /* target text of the smarthost; NULL: none */
	bool incomplete;             /* a lookup failed: targets may be missing */
	bool keep;                   /* results go to the store */
};

/** Where and how to ask, from options and settings. The same for `lists test`. */
int cmd_check_resolver_config(struct context *c, struct check_config *config,
			      struct endpoint system[SYSTEM_RESOLVERS_MAX]);
/** Lists left out and asked alone, verdict rules. */
int cmd_check_rules_config(struct check_command *k);

/** Targets of the command line. */
int cmd_check_given_targets(struct check_command *k);
/** This server, where none is given. */
int cmd_check_own_targets(struct check_command *k);

/** --dry-run: the plan on standard output. */
int cmd_check_print_plan(struct check_command *k);
/** One line on stderr before a long run. */
void cmd_check_announce_plan(struct check_command *k);

/** One sentence for people on stderr, keys redacted. */
void cmd_check_note(struct check_command *k, const char *line);

#endif
