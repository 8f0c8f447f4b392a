/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading and writing time. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

int64_t clock_mono_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_wall_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void clock_text(int64_t wall_ms, char text[CLOCK_TEXT_SIZE])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;
	text[0] = '\0';
	if (gmtime_r(&seconds, &tm) && tm.tm_year >= -1900 && tm.tm_year <= 9999 - 1900)
		strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}
