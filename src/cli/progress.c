/* SPDX-License-Identifier: BSD-2-Clause */
/* How far a run is: questions done, rate, time left; or any line. */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BAR_COLUMNS = 20 };

struct progress progress_make(bool fleet)
{
	struct progress p = {.on = isatty(STDERR_FILENO) == 1, .fleet = fleet, .width = 80};
	struct winsize size = {0};
	if (p.on && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		p.width = size.ws_col;
	return p;
}

void progress_time(int64_t ms, char text[32])
{
	int64_t s = (ms + 999) / 1000;
	if (s < 120)
		snprintf(text, 32, "%" PRId64 " s", s);
	else if (s < 7200)
		snprintf(text, 32, "%" PRId64 " min", (s + 59) / 60);
	else if (s < (int64_t)48 * 3600)
		snprintf(text, 32, "%" PRId64 " h %" PRId64 " min", s / 3600, s % 3600 / 60);
	else
		snprintf(text, 32, "%" PRId64 " days", s / 86400);
}

static void bar(char *text, size_t size, const struct check_progress *state)
{
	char left[32] = "?";
	unsigned filled = state->total ? (unsigned)(state->done * BAR_COLUMNS / state->total) : 0;
	if (filled > BAR_COLUMNS)
		filled = BAR_COLUMNS;
	if (state->left_ms >= 0)
		progress_time(state->left_ms, left);
	snprintf(text, size, "[%.*s%*s] %" PRIu64 " of %" PRIu64 ", %.0f a second, %s left", (int)filled,
		 "####################", (int)(BAR_COLUMNS - filled), "", state->done, state->total, state->per_second,
		 left);
}

void progress_show(struct progress *p, const struct check_progress *state)
{
	char text[256];
	if (!p->on)
		return;
	if (p->fleet)
		bar(text, sizeof(text), state);
	else
		snprintf(text, sizeof(text), "listed %u, clear %u, no usable answer %u, waiting for %u", state->listed,
			 state->clear, state->cannot_tell, state->waiting);
	progress_line(p, text);
}

void progress_line(struct progress *p, const char *text)
{
	if (!p->on)
		return;
	fprintf(stderr, "\r%.*s\033[K", (int)(p->width - 1), text);
	p->shown = true;
}

void progress_hide(struct progress *p)
{
	if (!p->shown)
		return;
	fputs("\r\033[K", stderr);
	p->shown = false;
}
