/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist diagnose: step 2. */
#include <errno.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/diagnose_command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/quoted.h"
#include "cli/state.h"
#include "cli/stop.h"

enum { REPORT_MAX = 256 << 20 };

static const struct option_row diagnose_options[] = {
	LOG_INPUT_OPTIONS,
	{'m', "mynetworks", "CIDR", NULL,
	 "your internal networks, with commas or several times (the mail server's own setting, else private ranges)"},
	{'a', "listed-at", "TIME", NULL, "when the listing began, with its zone"},
	{'c', "check", "FILE", NULL,
	 "listings from the output of offlist check --json; - is standard input (the last check in the state folder)"},
	{'e', "explain", "CAUSE",
#define CAUSE(name, word, people) word "|"
#include "lists/causes.inc"
	 "all", "show every signal of this cause with its weight; may be given several times"},
	{'f', "follow", NULL, NULL, "go on reading; print a cause when it appears or becomes more certain"},
	{'n', "top", "N", NULL, "how many causes and private blocks to print"},
	{'u', "unparsed", NULL, NULL, "print the kinds of mail lines that were not understood"},
	{0},
};

int diagnose_print(struct diagnose_command *k)
{
	struct buf out = buf_make(REPORT_MAX);
	int r;
	if (k->c->json)
		view_diagnosis(&k->view.of, &out);
	else
		diagnose_text(&k->view, &out);
	r = out.error;
	if (r == 0 && out.at) {
		catalogue_redact(k->catalogue, out.at); /* replies of others hold keys of others */
		output_write(span_str(out.at));
	}
	buf_release(&out);
	return r < 0 ? complain(EXIT_IO, "too much for one answer") : EXIT_NOTHING;
}

static int judge(struct diagnose_command *k, struct diagnosis *d, struct maillog *m)
{
	struct log_coverage coverage = {0};
	struct diagnose_report report = {0};
	int status = log_input_read(&k->input, m, &coverage);
	if (status != EXIT_NOTHING)
		return status;
	if (diagnosis_finish(d, &coverage, &k->arena, &report) < 0)
		return complain(EXIT_IO, "out of memory");
	k->view.of.report = &report;
	k->view.of.coverage = &coverage;
	k->view.of.shapes = maillog_unparsed(m, &k->view.of.shape_count);
	status = diagnose_glance(k);
	if (status == EXIT_NOTHING)
		status = diagnose_print(k);
	if (k->input.own)
		quoted_keep(k->store, report.quoted_address, k->input.now_ms);
	if (status == EXIT_NOTHING)
		status = diagnose_exit(&k->view);
	return status == EXIT_NOTHING && k->input.stopped ? EXIT_CANNOT_TELL : status;
}

static int read_log(struct diagnose_command *k)
{
	struct diagnosis *d = diagnosis_new(&k->options);
	struct mail_sink sink;
	struct maillog *m = NULL;
	int status;
	if (d) {
		sink = diagnosis_sink(d);
		m = maillog_new(k->input.sources, &sink);
	}
	if (!m)
		status = complain(EXIT_IO, "out of memory");
	else if (options_has(k->c->options, "follow"))
		status = diagnose_follow(k, d, m);
	else
		status = judge(k, d, m);
	maillog_free(m);
	diagnosis_free(d);
	return status;
}

static int run_diagnose(struct context *c)
{
	struct diagnose_command *k = calloc(1, sizeof(*k));
	int status;
	if (!k)
		return complain(EXIT_IO, "out of memory");
	k->c = c;
	k->arena = arena_make(REPORT_MAX);
	status = log_input_files(c, 0);
	if (status == EXIT_NOTHING)
		status = diagnose_follow_allowed(k);
	if (status == EXIT_NOTHING)
		status = log_input_open(&k->input, c);
	if (status == EXIT_NOTHING) {
		stop_catch();
		k->store = state_open(c);
		status = diagnose_setup(k);
	}
	if (status == EXIT_NOTHING)
		status = read_log(k);
	receivers_free(k->receivers);
	store_free(k->store);
	catalogue_free(k->catalogue);
	log_input_release(&k->input);
	audits_release(&k->server);
	arena_release(&k->arena);
	free(k);
	return status;
}

const struct command command_diagnose = {
	.name = "diagnose",
	.arguments = "[FILE...]",
	.summary = "Read the mail log and name the cause of a listing, with its proof.",
	.details = "Reads logs of Postfix, Exim, Sendmail, OpenSMTPD, qmail, Haraka, KumoMTA and Stalwart, packed or "
		   "not, in any mix. Without --log: this server's own log with its rotated files, or its "
		   "journal.\nNames the account, script, "
		   "client, relay or forwarder behind a burst, the receivers that block this server and say so in "
		   "their replies, and what the log cannot show.\nExit status: 1 a cause or a private block was found; "
		   "2 nothing was found, but the log is not complete or was not understood; 0 nothing wrong.",
	.options = diagnose_options,
	.needs_settings = true,
	.run = run_diagnose,
};
