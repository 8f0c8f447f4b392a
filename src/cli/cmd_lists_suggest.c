/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist lists suggest: a configuration to start from. */
#include <string.h>

#include "explain/suggest.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/output.h"

enum { OUTPUT_MAX = 1 << 20 };

static const struct option_row suggest_options[] = {{0}};

static int complain_of_program(const char *given)
{
	struct buf known = buf_make(OUTPUT_MAX);
	int status;
	for (size_t i = 0; suggest_program(i); i++)
		buf_printf(&known, "%s%s", i ? ", " : "", suggest_program(i));
	if (given)
		status = complain(EXIT_USAGE, "lists suggest: \"%s\" is none of %s", given, buf_text(&known));
	else
		status = complain(EXIT_USAGE, "lists suggest: for which program? One of %s", buf_text(&known));
	buf_release(&known);
	return status;
}

static int run_suggest(struct context *c)
{
	struct catalogue *catalogue = NULL;
	struct buf out = buf_make(OUTPUT_MAX);
	int status = EXIT_NOTHING;
	if (c->argc != 1)
		return complain_of_program(NULL);
	if (c->json)
		return complain(EXIT_USAGE, "lists suggest: a configuration is no JSON");
	status = context_catalogue(c, &catalogue);
	if (status == EXIT_NOTHING && !suggest_config(catalogue, c->argv[0], &out))
		status = complain_of_program(c->argv[0]);
	if (status == EXIT_NOTHING && output_redacted(catalogue, &out) < 0)
		status = EXIT_IO;
	catalogue_free(catalogue);
	buf_release(&out);
	return status;
}

const struct command command_lists_suggest = {
	.name = "lists suggest",
	.arguments = "postfix|exim|rspamd|spamassassin",
	.summary = "A configuration to start from: lists that work, with filters that fit.",
	.details = "Only active lists stand in it that need no key and no registration, each with a filter that takes "
		   "its listings and none of its refusals, and with its terms.",
	.options = suggest_options,
	.needs_settings = true,
	.run = run_suggest,
};
