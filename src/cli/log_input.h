/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_LOG_INPUT_H
#define OFFLIST_CLI_LOG_INPUT_H

#include "cli/command.h"
#include "cli/progress.h"
#include "logjoin/maillog.h"
#include "mta/server.h"

/* The log that a command reads: its options, its sources, the reading with its progress. */

/* The rows that every command that reads a log has. */
/* its versions lay braces in macros out in two ways */
/* clang-format off */
#define LOG_INPUT_OPTIONS \
	{'L', "log", "PATH", NULL, \
	 "read this file, folder, glob, - (standard input) or \"journal\"; may be given several times. Without it: " \
	 "this server's own log"}, \
	{'S', "since", "TIME", NULL, \
	 "nothing before: 2026-11-24T12:00:00Z, \"2026-11-24 12:00\", today, yesterday, 2h, 3d"}, \
	{'U', "until", "TIME", NULL, "nothing after; a day alone is taken whole"}, \
	{0, "tz", "TIMEZONE", NULL, "zone of stamps and times that name none: Europe/Berlin, +01:00, UTC, local"}
/* clang-format on */

struct log_input {
	struct context *c;
	struct zone *zone;
	bool zone_given;
	struct sources *sources;
	bool own; /* no --log: this server's own log */
	bool server_known;
	struct server server;
	int64_t now_ms, from_ms, to_ms;
	struct progress progress;
	int64_t began_us, shown_us;
	bool stopped; /* by a signal: what was read is not all */
};

/** Arguments from that one on are files: "diagnose FILE" is "diagnose --log FILE". @return EXIT_NOTHING, EXIT_USAGE. */
int log_input_files(const struct context *c, int from);
/** From the options; complains. @return EXIT_NOTHING, or the exit status. Release it in any case. */
int log_input_open(struct log_input *in, struct context *c);
void log_input_release(struct log_input *in);
/** Look at this machine, once. @return EXIT_NOTHING or EXIT_IO. */
int log_input_server(struct log_input *in);
/** A time of an option of the command. @return EXIT_NOTHING or EXIT_USAGE. */
int log_input_moment(struct log_input *in, const char *option, bool end, bool zone_needed, int64_t *ret_ms);
/** Read to the end with a progress line. @return EXIT_NOTHING; EXIT_IO: memory, or no file could be read. */
int log_input_read(struct log_input *in, struct maillog *m, struct log_coverage *ret_coverage);
/** The same, line by line and not taken apart. */
int log_input_lines(struct log_input *in, void (*on_line)(void *arg, const struct log_line *l), void *arg);
/** Open the same input once more, to read it from its beginning; standard input is kept in a temporary file before. */
int log_input_again(struct log_input *in);
/** Before the first of several readings: keep standard input, where it is an input. @return EXIT_NOTHING or EXIT_IO. */
int log_input_keep(struct context *c);

#endif
