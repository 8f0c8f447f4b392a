/* SPDX-License-Identifier: BSD-2-Clause */
/* --debug: the rooms' events, which they may not print themselves. */
#include "cli/debug.h"

#include <inttypes.h>

#include "base/clock.h"

static void write_event(void *arg, struct span line)
{
	struct buf out = buf_make(2 * TRACE_LINE_MAX);
	int64_t now_ms = clock_wall_ms();
	char at[CLOCK_TEXT_SIZE];
	(void)arg;
	clock_text(now_ms, at);
	buf_printf(&out, "at=%.*s.%03" PRId64 "Z ", (int)strcspn(at, "Z"), at, now_ms % 1000);
	buf_add(&out, line);
	buf_add_char(&out, '\n');
	fwrite(out.at, 1, out.len, stderr); /* one call, one line, whatever else writes there */
	buf_release(&out);
}

const struct trace *debug_trace(const struct options *o)
{
	static const struct trace trace = {.write = write_event};
	return options_has(o, "debug") ? &trace : NULL;
}
