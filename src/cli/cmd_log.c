/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist log stats, offlist log senders: a log in numbers. */
#include <errno.h>

#include "base/ascii.h"
#include "cli/commands.h"
#include "cli/log_input.h"
#include "cli/log_text.h"
#include "cli/nearest.h"
#include "cli/output.h"
#include "cli/stop.h"

enum { STATS_OUT_MAX = 256 << 20, TOP_MAX = 1000000 };

typedef void write_text_fn(const struct log_text *v, struct buf *out);
typedef void write_json_fn(const struct view_stats *v, struct buf *out);

static const struct option_row stats_options[] = {
	LOG_INPUT_OPTIONS,
	{'n', "top", "N", NULL, "rows of each table (10; all with --json)"},
	{0},
};

static int print(struct context *c, const struct log_text *v, write_text_fn *text, write_json_fn *json)
{
	struct buf out = buf_make(STATS_OUT_MAX);
	int r;
	if (c->json)
		json(&v->of, &out);
	else
		text(v, &out);
	r = out.error;
	if (r == 0)
		output_write(buf_span(&out));
	buf_release(&out);
	return r < 0 ? complain(EXIT_IO, "too much for one answer; give --top") : EXIT_NOTHING;
}

static int count(struct log_input *in, struct stats *s, struct log_text *v, struct log_coverage *coverage,
		 write_text_fn *text, write_json_fn *json)
{
	struct mail_sink sink = stats_sink(s);
	struct maillog *m = maillog_new(in->sources, &sink);
	int status = m ? log_input_read(in, m, coverage) : complain(EXIT_IO, "out of memory");
	if (status == EXIT_NOTHING && stats_failed(s))
		status = complain(EXIT_IO, "out of memory");
	v->of.stats = s;
	v->of.coverage = coverage;
	if (status == EXIT_NOTHING)
		status = print(in->c, v, text, json);
	if (status == EXIT_NOTHING && (in->stopped || coverage->mail_lines == 0))
		status = EXIT_CANNOT_TELL;
	maillog_free(m);
	return status;
}

static int run(struct context *c, write_text_fn *text, write_json_fn *json)
{
	const char *top = options_value(c->options, "top"), *zone = options_value(c->options, "tz");
	struct log_text v = {
		.width = c->width, .colour = c->colour, .terminal = c->terminal, .of.zone_name = zone ? zone : "local"};
	struct log_coverage coverage = {0};
	struct stats *s = NULL;
	struct log_input in = {0};
	uint64_t n = 0;
	int status;
	if (top && (ascii_parse_u64(span_str(top), TOP_MAX, &n) < 0 || n == 0))
		return complain(EXIT_USAGE, "--top %s: not a number from 1 to %d", top, TOP_MAX);
	v.of.top = (size_t)n;
	stop_catch();
	status = log_input_files(c, 0);
	if (status == EXIT_NOTHING)
		status = log_input_open(&in, c);
	if (status == EXIT_NOTHING) {
		s = stats_new(in.zone, 0);
		status = s ? count(&in, s, &v, &coverage, text, json) : complain(EXIT_IO, "out of memory");
	}
	stats_free(s);
	log_input_release(&in);
	return status;
}

static int run_stats(struct context *c)
{
	return run(c, log_stats_text, view_stats);
}

static int run_senders(struct context *c)
{
	return run(c, log_senders_text, view_senders);
}

static int run_log(struct context *c)
{
	static const char *const below[] = {"stats", "senders", "trace", "grep"};
	struct nearest near = nearest_to(c->argc ? c->argv[0] : "");
	for (size_t i = 0; i < sizeof(below) / sizeof(*below); i++)
		nearest_try(&near, below[i]);
	if (c->argc && near.name)
		return complain(EXIT_USAGE, "unknown command log %s; did you mean log %s?", c->argv[0], near.name);
	if (c->argc)
		return complain(EXIT_USAGE, "unknown command log %s; offlist help log lists them", c->argv[0]);
	return complain(EXIT_USAGE, "log what? stats, senders, trace or grep; offlist help log");
}

static const struct option_row no_options[] = {{0}};

const struct command command_log = {
	.name = "log",
	.arguments = "stats|senders|trace|grep",
	.summary = "Look into a mail log yourself: totals and tables, one message's path, messages that match.",
	.details = "Reads what offlist diagnose reads.",
	.options = no_options,
	.run = run_log,
};

const struct command command_log_stats = {
	.name = "log stats",
	.arguments = "[FILE...]",
	.summary = "Totals and tables of a mail log.",
	.details = "Messages and recipients by outcome, size and time; senders, recipients, hosts; why mail was "
		   "deferred, bounced and refused; connections and logins. Totals are exact; tables are exact up to "
		   "50,000 names, and say how far off they may be beyond that.",
	.options = stats_options,
	.needs_settings = true,
	.run = run_stats,
};

const struct command command_log_senders = {
	.name = "log senders",
	.arguments = "[FILE...]",
	.summary = "Who handed messages over: logins, scripts, users and clients, with what became of their mail.",
	.details = "By the smallest identity that the log shows: the forwarder, the login, else the script or its "
		   "directory, else the system user, else the client's address.",
	.options = stats_options,
	.needs_settings = true,
	.run = run_senders,
};
