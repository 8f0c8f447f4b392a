/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist lists test: may the lists be believed from here? */
#include <errno.h>

#include "base/json.h"
#include "cli/context.h"
#include "cli/check_command.h"
#include "cli/commands.h"
#include "cli/drive.h"
#include "cli/output.h"
#include "cli/state.h"
#include "cli/terminal.h"

enum { OUTPUT_MAX = 1 << 20 };

struct health {
	struct check_command k;
	struct buf out;
	size_t count[STATUS_COUNT];
};

static const struct option_row test_options[] = {
	{'r', "resolver", "WHERE", "auto|system|direct|ADDR[:PORT]", "where queries go, as in offlist check"},
	{'t', "timeout", "SECONDS", NULL, "seconds that one list may take (2)"},
	{0},
};

static volatile sig_atomic_t never;

static const char *word(const struct check_health *h)
{
	return h->status == STATUS_CLEAR ? "believed" : status_text(h->status);
}

static void add_json(struct health *all, const struct check_health *h)
{
	struct json j = json_make(&all->out);
	json_begin(&j, '{');
	json_member_str(&j, "schema", "offlist.list.health/1");
	json_member_str(&j, "zone", h->list->zone);
	json_member_str(&j, "status", word(h));
	json_member_str(&j, "why", status_why_text(h->why));
	json_member_str(&j, "asked", h->asked);
	json_key(&j, "latency_ms");
	if (h->latency_us < 0)
		json_null(&j);
	else
		json_real(&j, (double)h->latency_us / 1000, 1);
	report_json_fault(&j, &all->k.report.fault);
	json_end(&j, '}');
	buf_add_char(&all->out, '\n');
}

static void add_line(struct health *all, const struct check_health *h)
{
	const char *advice = status_why_advice(h->why);
	buf_printf(&all->out, "%-12s %-34s %-16s", word(h), h->list->zone, h->asked ? h->asked : "-");
	if (h->latency_us >= 0)
		buf_printf(&all->out, " %.1f ms", (double)h->latency_us / 1000);
	buf_add_char(&all->out, '\n');
	bool said = all->k.report.fault.kind && /* above, once, where the resolver is named */
		    (h->why == STATUS_WHY_RESOLVER_FILTERS || h->why == STATUS_WHY_RESOLVER_LIES);
	if (h->status != STATUS_CLEAR && h->status != STATUS_NOT_ASKED && advice && !said)
		terminal_fill(&all->out, advice, 13, all->k.c->width);
}

static void on_list(void *arg, const struct check_health *h)
{
	struct health *all = arg;
	all->count[h->status]++;
	if (all->k.c->json)
		add_json(all, h);
	else
		add_line(all, h);
}

/* People read it once and first; a program with each list. */
static void on_fault(void *arg, const struct check_fault *fault)
{
	struct health *all = arg;
	struct context *c = all->k.c;
	all->k.report.fault = *fault;
	all->k.report.fault.sentence = arena_copy(c->arena, span_str(fault->sentence));
	all->k.report.fault.address = arena_copy(c->arena, span_str(fault->address));
	if (c->json)
		return;
	terminal_fill(&all->out, fault->sentence, 0, c->width);
	if (fault->remedy)
		terminal_fill(&all->out, fault->remedy, 0, c->width);
}

static void on_note(void *arg, const char *line)
{
	struct health *all = arg;
	cmd_check_note(&all->k, line);
}

static int choose_zones(struct health *all)
{
	struct context *c = all->k.c;
	const char **zones = arena_alloc(c->arena, (size_t)c->argc + 1, sizeof(const char *));
	if (!zones)
		return complain(EXIT_IO, "out of memory");
	for (int i = 0; i < c->argc; i++) {
		const struct list *l = catalogue_find(all->k.catalogue, c->argv[i]);
		if (!l)
			return complain_of_zone(all->k.catalogue, c->argv[i]);
		zones[i] = l->zone;
	}
	all->k.config.only = zones;
	all->k.config.only_count = (size_t)c->argc;
	return EXIT_NOTHING;
}

static int test_lists(struct health *all)
{
	struct check_command *k = &all->k;
	struct error err = {{0}};
	if (drive_health(&k->config, on_list, all, &err) < 0)
		return complain(EXIT_IO, "%s", err.text);
	if (!k->c->json)
		buf_printf(&all->out,
			   "%zu working, %zu refused to answer, %zu broken, %zu unreachable, %zu not queried\n",
			   all->count[STATUS_CLEAR], all->count[STATUS_REFUSED], all->count[STATUS_BROKEN],
			   all->count[STATUS_UNREACHABLE], all->count[STATUS_NOT_ASKED]);
	if (output_redacted(k->catalogue, &all->out) < 0)
		return EXIT_IO;
	if (all->count[STATUS_BROKEN])
		return EXIT_FINDINGS;
	return all->count[STATUS_REFUSED] || all->count[STATUS_UNREACHABLE] ? EXIT_CANNOT_TELL : EXIT_NOTHING;
}

static int run_test(struct context *c)
{
	struct health all = {.k = {.c = c}, .out = buf_make(OUTPUT_MAX)};
	struct check_command *k = &all.k;
	int status = context_catalogue(c, &k->catalogue);
	if (status == EXIT_NOTHING)
		status = cmd_check_resolver_config(c, &k->config, k->system);
	if (status == EXIT_NOTHING)
		status = choose_zones(&all);
	if (status == EXIT_NOTHING) {
		k->store = state_open(c);
		k->config.catalogue = k->catalogue;
		k->config.store = k->store;
		k->config.stop = &never;
		k->config.on_fault = on_fault;
		k->config.on_note = on_note;
		k->config.arg = &all;
		status = k->store ? test_lists(&all) : complain(EXIT_IO, "out of memory");
	}
	k->store = store_free(k->store);
	k->catalogue = catalogue_free(k->catalogue);
	buf_release(&all.out);
	return status;
}

const struct command command_lists_test = {
	.name = "lists test",
	.arguments = "[ZONE...]",
	.summary = "Query the lists for their own test points: do they work from here?",
	.details = "Each list is queried for a test point that must be there, one that must not, and a random one (RFC "
		   "5782, section 5).\nExit status: 0 all work, 1 some are broken, 2 some refused or gave no usable "
		   "answer.",
	.options = test_options,
	.needs_settings = true,
	.run = run_test,
};
