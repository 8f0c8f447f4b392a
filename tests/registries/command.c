/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/commands.h"
#include "cli/output.h"

static int run(struct context *c)
{
	output_write(span_str("a trial command\n"));
	return EXIT_NOTHING;
}

const struct command command_trial = {
	.name = "trial",
	.summary = "Try what one row does.",
	.run = run,
};
