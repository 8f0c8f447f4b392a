/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist lists, offlist lists lint: what the catalogue knows, and whether records are well made. */
#include <errno.h>

#include "cli/context.h"
#include "cli/commands.h"
#include "cli/lists_text.h"
#include "cli/output.h"
#include "config/schema.h"
#include "view/view_list.h"

enum {
	OUT_MAX = 64 << 20,
	LINT_OCTETS_MAX = 16 << 20,
	ONE_LINE_WIDTH = 130, /* a screen narrower than that gets two lines a list */
	ZONE_COLUMNS = 36,
	NAME_OCTETS_MIN = 3, /* of an operator's name: less would find half the catalogue */
};

static const struct option_row lists_options[] = {
	{0, "class", "CLASS", "block|policy|domain|url|white|score|information", "only lists of this class"},
	{0, "status", "STATUS", "active|disputed|unverified|closed|fraudulent", "only lists of this status"},
	{0, "query", "KIND", "ip4|ip6|domain|registrable|url|email_hash|url_hash",
	 "only lists that are queried with it"},
	{0},
};

/* Several values of one option: any of them. */
static bool one_of(const struct options *o, const char *name, const char *word)
{
	size_t count = options_count(o, name);
	for (size_t i = 0; i < count; i++)
		if (strcmp(options_nth(o, name, i), word) == 0)
			return true;
	return count == 0;
}

static bool asked_with(const struct options *o, const struct list *l)
{
	if (options_count(o, "query") == 0)
		return true;
	for (const struct view_list_kind *k = view_list_kinds; k->bit; k++)
		if (l->query & k->bit && one_of(o, "query", k->word))
			return true;
	return false;
}

static bool wanted(const struct context *c, const struct list *l)
{
	return one_of(c->options, "class", list_class_text(l->class)) &&
	       one_of(c->options, "status", list_state_text(l->state)) && asked_with(c->options, l);
}

static void add_row(struct buf *out, const struct list *l, bool one_line)
{
	buf_printf(out, "%-*s  %-11s  %-10s  %-6s  %-5s", ZONE_COLUMNS, l->zone, list_class_text(l->class),
		   list_state_text(l->state), impact_text(l->impact), l->enabled ? "yes" : "no");
	buf_printf(out, "%s%s (%s)\n", one_line ? "  " : "\n  ", l->name, l->operator_name);
}

static void add_table(struct buf *out, const struct context *c, const struct catalogue *catalogue)
{
	/* a pipe gets one line a list, whatever its width: grep and awk want it so */
	bool one_line = !c->terminal || c->width >= ONE_LINE_WIDTH;
	size_t shown = 0, asked = 0;
	buf_printf(out, "%-*s  %-11s  %-10s  %-6s  %-5s%s\n", ZONE_COLUMNS, "ZONE", "CLASS", "STATUS", "IMPACT",
		   "ASKED", one_line ? "  NAME (OPERATOR)" : "");
	for (size_t i = 0; i < catalogue_count(catalogue); i++) {
		const struct list *l = catalogue_at(catalogue, i);
		if (!wanted(c, l))
			continue;
		add_row(out, l, one_line);
		shown++;
		asked += l->enabled;
	}
	if (c->terminal)
		buf_printf(out, "\n%zu lists, %zu of them queried by default. `offlist lists ZONE` shows one.\n", shown,
			   asked);
}

static void add_one(struct buf *out, const struct context *c, const struct list *l)
{
	if (c->json)
		view_list(out, l);
	else
		lists_show(out, l, c->width);
}

/* "spamhaus": the lists of that name or operator, a row each. @return how many. */
static size_t show_named(const struct context *c, const struct catalogue *catalogue, const char *word, struct buf *out)
{
	size_t shown = 0;
	for (size_t i = 0; i < catalogue_count(catalogue); i++) {
		const struct list *l = catalogue_at(catalogue, i);
		if (!lists_is_named(l, word) || !wanted(c, l))
			continue;
		shown++;
		if (c->json)
			view_list(out, l);
		else
			add_row(out, l, !c->terminal || c->width >= ONE_LINE_WIDTH);
	}
	return shown;
}

static int show_zones(const struct context *c, const struct catalogue *catalogue, struct buf *out)
{
	int status = EXIT_NOTHING;
	for (int i = 0; i < c->argc; i++) {
		const struct list *l = catalogue_find(catalogue, c->argv[i]);
		if (!l && strlen(c->argv[i]) >= NAME_OCTETS_MIN && show_named(c, catalogue, c->argv[i], out))
			continue;
		if (!l) {
			status = complain_of_zone(catalogue, c->argv[i]);
			continue;
		}
		if (out->len && !c->json)
			buf_add_char(out, '\n');
		add_one(out, c, l);
	}
	return status;
}

static int run_lists(struct context *c)
{
	struct buf out = buf_make(OUT_MAX);
	struct catalogue *catalogue;
	int status = context_catalogue(c, &catalogue);
	if (status != EXIT_NOTHING)
		return status;
	if (c->argc)
		status = show_zones(c, catalogue, &out);
	else if (!c->json)
		add_table(&out, c, catalogue);
	else
		for (size_t i = 0; i < catalogue_count(catalogue); i++)
			if (wanted(c, catalogue_at(catalogue, i)))
				view_list(&out, catalogue_at(catalogue, i));
	output_redacted(catalogue, &out);
	catalogue_free(catalogue);
	return status;
}

static void add_fault(void *arg, const char *line)
{
	struct buf *out = arg;
	buf_add_str(out, line);
	buf_add_char(out, '\n');
}

static void add_json_fault(void *arg, const char *line)
{
	struct json j = json_make(arg);
	json_begin(&j, '{');
	json_key(&j, "schema");
	json_str(&j, "offlist.lint/1");
	json_key(&j, "fault");
	json_str(&j, line);
	json_end(&j, '}');
	buf_add_char(arg, '\n');
}

/* Files of receivers are checked by their own rules. @return how many of the files they are; they come first. */
static size_t part_receivers(struct context *c, const char **ordered)
{
	size_t receivers = 0, lists = 0;
	for (int i = 0; i < c->argc; i++) {
		struct arena arena = arena_make(LINT_OCTETS_MAX);
		struct span text;
		bool told = schema_file(c->argv[i], &arena, &text, NULL) == 0 && receiver_file_told(text);
		arena_release(&arena);
		if (told)
			ordered[receivers++] = c->argv[i];
		else
			ordered[(size_t)c->argc - 1 - lists++] = c->argv[i];
	}
	/* lists were put in from the end: turn them round, so that faults come in the order given */
	for (size_t a = receivers, b = (size_t)c->argc; a + 1 < b; a++, b--) {
		const char *path = ordered[a];
		ordered[a] = ordered[b - 1];
		ordered[b - 1] = path;
	}
	return receivers;
}

static int lint(struct context *c, const char **paths, struct buf *out)
{
	catalogue_fault_fn *on_fault = c->json ? add_json_fault : add_fault;
	size_t receivers = part_receivers(c, paths), lists = (size_t)c->argc - receivers;
	int rc = receivers ? receivers_lint(paths, receivers, on_fault, out) : 0;
	int other = lists ? catalogue_lint(paths + receivers, lists, on_fault, out) : 0;
	return other < 0 && (rc == 0 || rc == -EBADMSG) ? other : rc;
}

static int run_lint(struct context *c)
{
	struct buf out = buf_make(OUT_MAX);
	const char **paths;
	int rc;
	if (c->argc == 0)
		return complain(EXIT_USAGE, "lists lint: no FILE given");
	paths = arena_alloc(c->arena, (size_t)c->argc, sizeof(*paths));
	rc = paths ? lint(c, paths, &out) : -ENOMEM;
	output_write(buf_span(&out));
	buf_release(&out);
	if (rc == -ENOMEM)
		return complain(EXIT_IO, "out of memory");
	return rc == 0                         ? EXIT_NOTHING
	       : rc == -EBADMSG                ? EXIT_FINDINGS
	       : rc == -EACCES || rc == -EPERM ? EXIT_PERMISSION
					       : EXIT_IO;
}

const struct command command_lists = {
	.name = "lists",
	.arguments = "[ZONE...]",
	.summary = "Show the lists of the catalogue: what they list, what their answers mean, how to be removed.",
	.details = "Without a ZONE: a table of all lists, or of those that the options choose. With one: everything "
		   "that its record says, and where that comes from.\nLists of your own, and changes to built-in ones, "
		   "stand in /etc/offlist/lists.d/*.yaml.",
	.options = lists_options,
	.needs_settings = true,
	.run = run_lists,
};

static const struct option_row no_options[] = {{0}};

const struct command command_lists_lint = {
	.name = "lists lint",
	.arguments = "FILE...",
	.summary = "Check files of list records, and of receivers' replies.",
	.details = "Prints each fault as FILE:LINE:COLUMN: key: what is wrong and what was expected. "
		   "Several files are checked together, as they would stand in lists.d and receivers.d.\n"
		   "Exit status: 0 clean, 1 faults, 74 or 77 a file that cannot be read.",
	.options = no_options,
	.run = run_lint,
};
