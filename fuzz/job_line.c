/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as lines that run programs: no end is missed, and no command lies outside of its line. */
#include <stdlib.h>

#include "probe/job_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct span whole, struct span part)
{
	if (part.len && (part.at < whole.at || part.at + part.len > whole.at + whole.len))
		abort();
	if (job_line_traits(part) & ~7U)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span line = span_of(data, size), rest = line, command;
	size_t count = 0;
	check(line, line);
	check(line, job_line_of_cron(line, true));
	check(line, job_line_of_cron(line, false));
	while (job_line_next_pipe(&rest, &command)) {
		check(line, command);
		if (++count > size)
			abort();
	}
	return 0;
}
