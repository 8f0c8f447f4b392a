/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_DIAGNOSE_COMMAND_H
#define OFFLIST_CLI_DIAGNOSE_COMMAND_H

#include "cli/check_read.h"
#include "cli/diagnose_view.h"
#include "cli/log_input.h"
#include "store/store.h"

/* `offlist diagnose` in parts: only for the files diagnose_*.c and cmd_diagnose.c. */

struct diagnose_command {
	struct context *c;
	struct catalogue *catalogue;
	struct receivers *receivers;
	struct store *store;
	struct log_input input;
	struct check_listings listings;
	struct diagnose_options options;
	struct diagnose_view view; /* how to print; its values come after the reading */
	struct audits server;      /* a glance at it */
	struct arena arena;        /* of the report */
};

/** --mynetworks, --listed-at, --check and what the state has, --explain, --top, --unparsed. */
int diagnose_setup(struct diagnose_command *k);
/** Where the log is this server's own: what the server itself shows, for the view. @return EXIT_NOTHING or EXIT_IO. */
int diagnose_glance(struct diagnose_command *k);
/** The view on standard output. @return EXIT_NOTHING or EXIT_IO. */
int diagnose_print(struct diagnose_command *k);
/** --follow: until a signal. @return the exit status. */
int diagnose_follow(struct diagnose_command *k, struct diagnosis *d, struct maillog *m);
/** Do the options go with --follow? @return EXIT_NOTHING or EXIT_USAGE. */
int diagnose_follow_allowed(const struct diagnose_command *k);

#endif
