/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist audit: what is wrong with the server itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/ascii.h"
#include "base/clock.h"
#include "cli/check_command.h"
#include "cli/commands.h"
#include "cli/complain.h"
#include "cli/drive_audit.h"
#include "cli/nearest.h"
#include "cli/output.h"
#include "cli/stop.h"
#include "cli/terminal.h"
#include "mta/finder.h"
#include "view/view_audit.h"

enum { OUTPUT_MAX = 8 << 20, WATCH_S = 10, WATCH_S_MAX = 86400, HOST_SIZE = 256, LABEL_COLUMNS = 16 };

struct auditing {
	struct context *c;
	struct audits audits;
	const struct audit_row **rows;
	size_t row_count;
	enum severity min_severity;
	struct check_config resolving; /* only how lookups are made */
	struct endpoint system[SYSTEM_RESOLVERS_MAX];
	struct buf out;
};

static const struct option_row audit_options[] = {
	{0, "for", "SECONDS", NULL, "how long connections are watched for (10)"},
	{0, "min-severity", "LEVEL", "info|low|medium|high",
	 "findings from this severity on are exit status 1 (medium)"},
	{0, "elsewhere", "DOMAIN", NULL,
	 "relay: a domain of yours whose mail another server takes, for tries to send to it (none that exists)"},
	{'r', "resolver", "WHERE", "auto|system|direct|ADDR[:PORT]", "where DNS queries go, as in offlist check"},
	{'t', "timeout", "SECONDS", NULL, "as in offlist check"},
	{0},
};

static int read_options(struct auditing *a)
{
	static const enum severity levels[] = {SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH};
	const char *seconds = options_value(a->c->options, "for"),
		   *least = options_value(a->c->options, "min-severity"),
		   *elsewhere = options_value(a->c->options, "elsewhere");
	uint64_t number = WATCH_S;
	if (seconds && (ascii_parse_u64(span_str(seconds), WATCH_S_MAX, &number) < 0 || number == 0))
		return complain(EXIT_USAGE, "--for %s: seconds are expected, 1 to %d", seconds, WATCH_S_MAX);
	a->audits.config.elsewhere = elsewhere;
	if (elsewhere && !finder_is_name(span_str(elsewhere)))
		return complain(EXIT_USAGE, "--elsewhere %s: a domain is expected, like example.org", elsewhere);
	a->audits.config.watch_us = (int64_t)number * 1000000;
	a->min_severity = SEVERITY_MEDIUM;
	for (size_t i = 0; least && i < sizeof(levels) / sizeof(*levels); i++)
		if (strcmp(least, finding_severity_text(levels[i])) == 0)
			a->min_severity = levels[i];
	return EXIT_NOTHING;
}

static int choose(struct auditing *a)
{
	a->rows = arena_alloc(a->c->arena, (size_t)a->c->argc + 1, sizeof(*a->rows));
	if (!a->rows)
		return complain(EXIT_IO, "out of memory");
	for (int i = 0; i < a->c->argc; i++) {
		const char *name = a->c->argv[i];
		struct nearest near = nearest_to(name);
		const struct audit_row *row = audit_row_find(name);
		for (size_t r = 0; audit_rows[r]; r++)
			nearest_try(&near, audit_rows[r]->name);
		if (!row && near.name)
			return complain(EXIT_USAGE, "there is no audit %s; did you mean %s?", name, near.name);
		if (!row)
			return complain(EXIT_USAGE, "there is no audit %s; offlist help audit lists them", name);
		a->rows[a->row_count++] = row;
		a->audits.config.thorough = true;
	}
	return EXIT_NOTHING;
}

/* ---- text ---- */

/* "seen    text", further lines under the text. */
static void add_labelled(struct auditing *a, const char *label, const char *text)
{
	struct buf filled = buf_make(OUTPUT_MAX);
	terminal_fill(&filled, text, LABEL_COLUMNS, a->c->width);
	buf_printf(&a->out, "        %-*s", LABEL_COLUMNS - 8, label);
	if (filled.len > LABEL_COLUMNS)
		buf_add(&a->out, span_from(buf_span(&filled), LABEL_COLUMNS));
	buf_release(&filled);
}

static void add_finding(struct auditing *a, const struct audit_finding *f)
{
	struct buf *out = &a->out;
	char severity[8];
	snprintf(severity, sizeof(severity), "%s", finding_severity_text(f->record->severity));
	for (char *p = severity; *p; p++)
		*p = (char)(*p - 'a' + 'A');
	buf_printf(out, "\n%-6s  ", severity);
	terminal_add_str(out, f->subject);
	buf_add_char(out, '\n');
	terminal_fill(out, f->record->title, 8, a->c->width);
	add_labelled(a, "seen", f->detail);
	for (size_t i = 0; i < f->evidence_count; i++)
		add_labelled(a, i ? "" : "proof", f->evidence[i]);
	add_labelled(a, "means", f->record->means);
	add_labelled(a, "to do", f->record->remedy);
	for (size_t i = 0; i < f->command_count; i++) { /* whole, so that it can be copied */
		buf_printf(out, "        %-*s", LABEL_COLUMNS - 8, f->commands[i].what);
		terminal_add_str(out, f->commands[i].text);
		buf_add_char(out, '\n');
	}
}

/* What is below the least severity stands under a heading of its own. */
static void add_findings(struct auditing *a, bool above)
{
	bool begun = false;
	for (size_t i = 0; i < a->audits.finding_count; i++) {
		const struct audit_finding *f = &a->audits.findings[i];
		if ((f->record->severity >= a->min_severity) != above)
			continue;
		if (!above && !begun)
			buf_add_str(&a->out, "\nCould be better:\n");
		begun = true;
		add_finding(a, f);
	}
}

static void add_outcome(struct auditing *a, const struct audit *one)
{
	size_t found = 0;
	for (size_t i = 0; i < a->audits.finding_count; i++)
		found += strncmp(a->audits.findings[i].record->id, one->row->name, strlen(one->row->name)) == 0;
	buf_printf(&a->out, "%s: ", one->row->name);
	if (one->why)
		buf_printf(&a->out, "%scould not see everything: %s\n", found ? "see below; " : "", one->why);
	else
		buf_printf(&a->out, "%s%s%s\n", found ? "see below" : "nothing found", one->note ? "; " : "",
			   one->note ? one->note : "");
}

static int print(struct auditing *a)
{
	char host[HOST_SIZE] = "";
	int rc;
	gethostname(host, sizeof(host) - 1);
	if (a->c->json) {
		view_audit(&a->audits, host[0] ? host : NULL, &a->out);
	} else {
		for (size_t i = 0; i < a->audits.count; i++)
			add_outcome(a, &a->audits.at[i]);
		add_findings(a, true);
		add_findings(a, false);
	}
	if (a->out.error)
		return complain(EXIT_IO, "out of memory");
	rc = output_write(buf_span(&a->out));
	return rc < 0 ? EXIT_IO : EXIT_NOTHING;
}

static int exit_status(const struct auditing *a)
{
	int status = EXIT_NOTHING;
	for (size_t i = 0; i < a->audits.finding_count; i++)
		if (a->audits.findings[i].record->severity >= a->min_severity)
			return EXIT_FINDINGS;
	for (size_t i = 0; i < a->audits.count; i++)
		if (a->audits.at[i].why)
			status = EXIT_CANNOT_TELL;
	return status;
}

/* The DNS is made ready only for those that ask it. */
static int run_rows(struct auditing *a)
{
	struct dns_network_config dns = {.budget_us = a->resolving.budget_us,
					 .recursion = check_recursion(&a->resolving)};
	const struct audit_row *const *rows = a->row_count ? a->rows : audit_rows;
	bool asked = false, watched = false;
	for (size_t i = 0; a->row_count ? i < a->row_count : rows[i] != NULL; i++) {
		asked |= rows[i]->asks_dns;
		watched |= rows[i]->watches;
	}
	if (watched && isatty(STDERR_FILENO) && !a->c->json)
		fprintf(stderr, "watching for %d seconds...\n", (int)(a->audits.config.watch_us / 1000000));
	return drive_audits(&a->audits, a->rows, a->row_count, asked ? &dns : NULL, a->c->arena);
}

static int run_audit(struct context *c)
{
	struct auditing a = {.c = c,
			     .audits.config = {.root = "",
					       .all_users = geteuid() == 0,
					       .sessions = geteuid() == 0,
					       .now_s = clock_wall_ms() / 1000},
			     .out = buf_make(OUTPUT_MAX)};
	int status = read_options(&a);
	if (status == EXIT_NOTHING)
		status = choose(&a);
	if (status == EXIT_NOTHING)
		status = cmd_check_resolver_config(c, &a.resolving, a.system);
	if (status == EXIT_NOTHING) {
		stop_catch();
		int rc = run_rows(&a);
		if (rc < 0)
			status = complain(EXIT_IO, "the audit broke off: %s", strerror(-rc));
	}
	if (status == EXIT_NOTHING)
		status = print(&a);
	if (status == EXIT_NOTHING)
		status = exit_status(&a);
	audits_release(&a.audits);
	buf_release(&a.out);
	return status;
}

const struct command command_audit = {
	.name = "audit",
	.arguments = "[queue|relay|senders|malware]...",
	.summary = "Look at the server itself for causes that no log shows.",
	.details =
		"senders: programs beside the mail server that hold connections to ports 25, 465 and 587 elsewhere, in "
		"every container whose processes may be read; needs root. Nothing is sent and nothing is changed.\n"
		"relay: whether Postfix's settings could let strangers send through this server to anybody, each SMTP "
		"service of master.cf by itself; and as root, of any mail server here: whether a stranger gets a "
		"recipient elsewhere taken, in sessions that end before a message, from an address that no host has.\n"
		"queue: the messages that wait in the queue of Postfix or Exim, added up by who handed them in (login, "
		"client, user of this machine), by its own files not by the sender that a message names; needs root.\n"
		"malware: what runs unasked (crontabs, units, aliases, .forward) and looks like an intruder's, PHP in "
		"folders for uploads, libraries that are loaded into every program; needs root.\n"
		"Without a name: all audits.\nExit status: 1 findings of medium severity or more; 2 an audit could not "
		"see everything; 0 nothing of weight was found.",
	.options = audit_options,
	.needs_settings = true,
	.run = run_audit,
};
