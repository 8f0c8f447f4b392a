/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading and writing time. */
#include "base/clock.h"

#include <string.h>
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

static char *put_digits(char *at, unsigned value, int digits)
{
	for (int i = digits; i-- > 0; value /= 10)
		at[i] = (char)('0' + value % 10);
	return at + digits;
}

/* The date of a day, counted from 1970-01-01, in the Gregorian calendar. Years begin in March here, so that the day that
 * comes every four years is their last, and 400 of them have 146097 days. */
static char *put_date(char *at, int64_t day)
{
	enum { ERA_DAYS = 146097, TO_YEAR_0 = 719468 }; /* 0000-03-01 to 1970-01-01 */
	unsigned era_day = (unsigned)((day + TO_YEAR_0) % ERA_DAYS), era = (unsigned)((day + TO_YEAR_0) / ERA_DAYS);
	unsigned year = (era_day - era_day / 1460 + era_day / 36524 - era_day / (ERA_DAYS - 1)) / 365;
	unsigned year_day = era_day - (365 * year + year / 4 - year / 100), month = (5 * year_day + 2) / 153;
	at = put_digits(at, era * 400 + year + (month >= 10), 4);
	*at++ = '-';
	at = put_digits(at, month < 10 ? month + 3 : month - 9, 2);
	*at++ = '-';
	return put_digits(at, year_day - (153 * month + 2) / 5 + 1, 2);
}

void clock_text(int64_t wall_ms, char text[CLOCK_TEXT_SIZE])
{
	enum { DAY_S = 86400, FIRST_DAY = -719468, LAST_DAY = 2932896 }; /* 0000-03-01, 9999-12-31 */
	int64_t seconds = wall_ms / 1000, day = seconds / DAY_S - (seconds % DAY_S < 0);
	unsigned second = (unsigned)(seconds - day * DAY_S);
	char *at = text;
	*at = '\0';
	if (day < FIRST_DAY || day > LAST_DAY)
		return;
	at = put_date(at, day);
	*at++ = 'T';
	at = put_digits(at, second / 3600, 2);
	*at++ = ':';
	at = put_digits(at, second / 60 % 60, 2);
	*at++ = ':';
	at = put_digits(at, second % 60, 2);
	memcpy(at, "Z", 2);
}
