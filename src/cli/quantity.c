/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, sizes, shares and times for people. */
#include "cli/quantity.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"

void quantity_count(struct buf *out, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf_add_char(out, ',');
		buf_add_char(out, digits[i]);
	}
}

void quantity_of(struct buf *out, uint64_t n, const char *noun)
{
	quantity_count(out, n);
	buf_printf(out, " %s%s", noun, n == 1 ? "" : "s");
}

void quantity_octets(struct buf *out, uint64_t octets)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double value = (double)octets;
	size_t unit = 0;
	while (value >= 999.5 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1000;
		unit++;
	}
	buf_printf(out, unit && value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

void quantity_share(struct buf *out, uint64_t part, uint64_t whole)
{
	double share = whole ? (double)part * 100 / (double)whole : 0;
	if (part == 0)
		buf_add_str(out, "none");
	else if (share < 1)
		buf_add_str(out, "under 1 %");
	else
		buf_printf(out, "%.0f %%", share);
}

void quantity_span(struct buf *out, int64_t ms)
{
	int64_t minutes = (ms + 59999) / 60000;
	if (minutes < 1)
		minutes = 1;
	if (minutes < 120)
		quantity_of(out, (uint64_t)minutes, "minute");
	else if (minutes < (int64_t)48 * 60)
		quantity_of(out, (uint64_t)((minutes + 30) / 60), "hour");
	else
		quantity_of(out, (uint64_t)((minutes + 720) / 1440), "day");
}

void quantity_moment(struct buf *out, int64_t at_ms)
{
	char text[CLOCK_TEXT_SIZE] = "";
	if (at_ms != INT64_MIN)
		clock_text(at_ms, text);
	if (!text[0]) {
		buf_add_char(out, '?');
		return;
	}
	text[10] = ' ';
	buf_add(out, span_of(text, 19));
}
