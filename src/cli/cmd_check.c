/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist check: step 1. */
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "cli/context.h"
#include "cli/check_command.h"
#include "cli/commands.h"
#include "cli/drive.h"
#include "cli/state.h"
#include "cli/stop.h"

enum { LISTINGS_MAX = 10000 };
enum { FLUSH_OCTETS = 65536 }; /* a fleet's results are written in pieces of this size, or ten times a second */

static const struct option_row check_options[] = {
	{'r', "resolver", "WHERE", "auto|system|direct|ADDR[:PORT]",
	 "where queries go: the system's resolver, each list's own servers, one resolver, or what works (auto)"},
	{'f', "file", "FILE", NULL, "read targets from FILE, one a line; - is standard input"},
	{'F', "format", "FORMAT", "text|json|csv|nagios|prometheus", "how to print"},
	{'q', "quiet", NULL, NULL, "print only what is listed"},
	{'v', "verbose", NULL, NULL,
	 "also print lists that are clear or were not queried, and the clear targets of a fleet"},
	{'m', "min-impact", "IMPACT", "low|medium|high",
	 "a listing of less impact does not make a target listed (medium)"},
	{0, "warning", "N", NULL,
	 "with --format nagios: WARNING from N listings of a target on, whatever their impact"},
	{0, "critical", "N", NULL,
	 "with --format nagios: CRITICAL from N listings of a target on, whatever their impact"},
	{0, "skip", "ZONE", NULL, "leave this list out; may be given several times"},
	{'l', "list", "ZONE", NULL, "query only this list; may be given several times"},
	{0, "strict", NULL, NULL, "count lists as unknown that need a key or a registration which is not there"},
	{0, "mx", NULL, NULL, "also check the addresses of a domain's mail exchangers"},
	{0, "ip", "ADDR", NULL, "this server's public address, where it is behind NAT; may be given several times"},
	{'n', "dry-run", NULL, NULL, "print the plan only: queries per list, what its terms allow, how long it takes"},
	{0, "resume", NULL, NULL, "go on with the same fleet where the last run was interrupted"},
	{'t', "timeout", "SECONDS", NULL, "seconds that one list may take (2)"},
	{0},
};

void cmd_check_note(struct check_command *k, const char *line)
{
	char *text = arena_copy(k->c->arena, span_str(line));
	if (!text)
		return;
	if (k->catalogue)
		catalogue_redact(k->catalogue, text);
	progress_hide(&k->progress);
	complain(0, "%s", text);
}

/* Nobody reads any more, or the disk is full: there is no use in asking on. */
static void print(struct check_command *k)
{
	if (k->report.out.len)
		progress_hide(&k->progress);
	if (report_flush(&k->report) < 0)
		*stop_flag() = 1;
}

static void on_row(void *arg, const struct target *t, const struct check_row *row)
{
	struct check_command *k = arg;
	report_row(&k->report, t, row);
	print(k);
}

static void keep(struct check_command *k, const struct check_result *result, const char *name)
{
	struct buf json = buf_make(1 << 22);
	struct error err = {{0}};
	report_json_object(&json, &k->report, result);
	if (json.error == 0) {
		catalogue_redact(k->catalogue, json.at);
		if (store_check_put(k->store, name, result->checked_at_ms, verdict_text(result->verdict),
				    span_str(json.at), &err) < 0) {
			cmd_check_note(k, err.text);
			k->keep = false; /* told once */
		}
	}
	buf_release(&json);
}

static bool of_smarthost(const struct check_command *k, const struct target *t)
{
	return k->smarthost &&
	       (strcasecmp(k->smarthost, t->text) == 0 || (t->via && strcasecmp(k->smarthost, t->via) == 0));
}

static void on_result(void *arg, const struct check_result *given)
{
	struct check_command *k = arg;
	struct check_result result = *given;
	struct changes changes;
	struct reverse reverse;
	struct report *r = &k->report;
	const char *name = changes_name(&r->scratch, given->target->text, k->config.only, k->config.only_count);
	bool kept = k->keep && name;
	result.not_yours = result.not_yours || of_smarthost(k, result.target);
	r->changes = kept && changes_find(k->store, name, &result, &r->scratch, &changes) ? &changes : NULL;
	r->reverse = NULL;
	if (k->reverse && !result.fault) {
		drive_reverse(k->names, k->reverse);
		r->reverse = reverse_get(k->reverse, result.target, &reverse) ? &reverse : NULL;
	}
	r->helo = r->reverse && !result.not_yours ? k->helo : NULL;
	if (kept)
		keep(k, &result, name);
	report_result(r, &result);
	if (!k->config.fleet || k->report.out.len > FLUSH_OCTETS)
		print(k);
}

static void on_progress(void *arg, const struct check_progress *progress)
{
	struct check_command *k = arg;
	print(k);
	progress_show(&k->progress, progress);
}

static void on_fault(void *arg, const struct check_fault *fault)
{
	struct check_command *k = arg;
	report_fault(&k->report, fault);
	print(k);
}

static void on_note(void *arg, const char *line)
{
	cmd_check_note(arg, line);
}

static int threshold(struct check_command *k, const char *name, uint64_t *ret_count)
{
	const char *text = options_value(k->c->options, name);
	if (!text)
		return EXIT_NOTHING;
	if (k->report.format != &report_nagios)
		return complain(EXIT_USAGE, "--%s goes with --format nagios", name);
	if (ascii_parse_u64(span_str(text), LISTINGS_MAX, ret_count) < 0 || *ret_count == 0)
		return complain(EXIT_USAGE, "--%s %s: not a number of listings, 1 or more", name, text);
	return EXIT_NOTHING;
}

static int choose_format(struct check_command *k)
{
	const char *name = options_value(k->c->options, "format");
	const struct report_format *format = report_format_named(name ? name : k->c->json ? "json" : "text");
	int status;
	if (k->c->json && format != &report_json)
		return complain(EXIT_USAGE, "--json and --format %s exclude each other", name);
	report_init(&k->report, format);
	status = threshold(k, "warning", &k->report.warning);
	return status == EXIT_NOTHING ? threshold(k, "critical", &k->report.critical) : status;
}

static int configure(struct check_command *k)
{
	int status = choose_format(k);
	if (status == EXIT_NOTHING)
		status = context_catalogue(k->c, &k->catalogue);
	if (status == EXIT_NOTHING)
		status = cmd_check_resolver_config(k->c, &k->config, k->system);
	if (status == EXIT_NOTHING)
		status = cmd_check_rules_config(k);
	if (status != EXIT_NOTHING)
		return status;
	k->config.catalogue = k->catalogue;
	k->config.all_results = options_has(k->c->options, "verbose");
	k->config.resume = options_has(k->c->options, "resume");
	k->config.stop = stop_flag();
	k->config.on_result = on_result;
	k->config.on_progress = on_progress;
	k->config.on_fault = on_fault;
	k->config.on_note = on_note;
	k->config.arg = k;
	return EXIT_NOTHING;
}

static void prepare_report(struct check_command *k, char now[CLOCK_TEXT_SIZE], char given[ENDPOINT_TEXT_SIZE])
{
	static const char *const modes[] = {
		[CHECK_AUTO] = "auto", [CHECK_SYSTEM] = "system", [CHECK_DIRECT] = "direct"};
	struct report *r = &k->report;
	if (k->config.mode == CHECK_GIVEN)
		endpoint_text(&k->config.given, given);
	clock_text(clock_wall_ms(), now);
	r->catalogue = k->catalogue;
	r->fleet = k->config.fleet;
	r->verbose = k->config.all_results;
	r->colour = k->c->colour;
	r->fold = r->fleet && k->c->terminal;
	r->quiet = options_has(k->c->options, "quiet");
	r->own_server = k->c->argc == 0 && !options_has(k->c->options, "file");
	r->width = k->c->width;
	r->height = k->c->terminal ? k->c->height : 0;
	r->min_impact = k->config.rules.min_impact;
	r->now = now;
	r->resolver = k->config.mode == CHECK_GIVEN ? given : modes[k->config.mode];
	if (r->format->row)
		k->config.on_row = on_row;
	k->progress = progress_make(r->fleet);
	k->progress.on &= !k->c->trace; /* it would be written over */
	k->keep = !r->fleet;
}

/* Of single addresses, for who reads or parses all that is printed. Without a resolver there is no word about names. */
static void look_names_up(struct check_command *k)
{
	const struct report *r = &k->report;
	struct target *targets = r->fleet || r->quiet || (r->format != &report_text && r->format != &report_json)
					 ? NULL
					 : targets_array(&k->targets);
	const struct dns_network_config how = {.recursion = check_recursion(&k->config)};
	struct error err;
	if (!targets || dns_network_open(&how, &k->names) < 0)
		return;
	if (reverse_begin(&k->config, k->names, targets, k->targets.count, k->helo, clock_mono_us(), &k->reverse,
			  &err) < 0)
		k->reverse = NULL;
}

static int ask(struct check_command *k)
{
	char now[CLOCK_TEXT_SIZE], given[ENDPOINT_TEXT_SIZE];
	struct check_totals totals = {0};
	struct error err = {{0}};
	int e, status;
	prepare_report(k, now, given);
	if (options_has(k->c->options, "dry-run"))
		return cmd_check_print_plan(k);
	if (k->config.fleet && k->progress.on)
		cmd_check_announce_plan(k);
	report_begin(&k->report);
	look_names_up(k);
	e = drive_run(&k->config, targets_next, &k->targets, targets_total(&k->targets), &totals, &err);
	progress_hide(&k->progress);
	status = report_end(&k->report, &totals);
	if (k->incomplete)
		status = verdict_exit_join(status, EXIT_CANNOT_TELL);
	if (e < 0) {
		cmd_check_note(k, err.text);
		return e == -ENOMEM ? EXIT_IO : EXIT_CANNOT_TELL;
	}
	e = report_flush(&k->report);
	return e == -E2BIG || e == -ENOMEM ? complain(EXIT_IO, "too much for one %s answer", k->report.format->name)
					   : status;
}

static int run_check(struct context *c)
{
	struct check_command *k = calloc(1, sizeof(*k));
	int status;
	if (!k)
		return complain(EXIT_IO, "out of memory");
	k->c = c;
	targets_init(&k->targets);
	status = configure(k);
	if (status == EXIT_NOTHING) {
		stop_catch();
		k->store = state_open(c);
		k->config.store = k->store;
		if (!k->store)
			status = complain(EXIT_IO, "out of memory");
	}
	if (status == EXIT_NOTHING)
		status = c->argc || options_has(c->options, "file") ? cmd_check_given_targets(k)
								    : cmd_check_own_targets(k);
	if (status == EXIT_NOTHING)
		status = ask(k);
	reverse_free(k->reverse);
	dns_network_close(k->names);
	report_release(&k->report);
	targets_release(&k->targets);
	store_free(k->store);
	catalogue_free(k->catalogue);
	free(k);
	return status;
}

const struct command command_check = {
	.name = "check",
	.arguments = "[TARGET...]",
	.summary = "Check addresses, domains, mail addresses and URLs on blocklists.",
	.details = "A TARGET is an IPv4 or IPv6 address, a CIDR, a name, a mail address or a URL. "
		   "Without one: this server, its public addresses, host name and the domains its MTA serves.\n"
		   "A CIDR, or more than 256 targets, is a fleet: listed and unknown targets are printed, and totals.",
	.options = check_options,
	.needs_settings = true,
	.run = run_check,
};
