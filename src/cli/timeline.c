/* SPDX-License-Identifier: BSD-2-Clause */
/* A row of bars, one an hour or more. */
#include "cli/timeline.h"

enum { HOUR_MS = 3600000, CALM_HOURS = 2 };

size_t timeline_step(size_t count, unsigned columns)
{
	if (columns == 0)
		columns = 1;
	return count <= columns ? 1 : (count + columns - 1) / columns;
}

/* Binary logarithm in sixteenths, without floating point: equal on all machines. */
static unsigned log2_16(uint64_t n)
{
	unsigned whole = 63u - (unsigned)__builtin_clzll(n);
	uint64_t rest = whole >= 4 ? n >> (whole - 4) : n << (4 - whole);
	return whole * 16 + (unsigned)(rest & 15u);
}

unsigned timeline_level(uint32_t value, uint32_t peak)
{
	unsigned top = log2_16((uint64_t)peak + 1), level;
	if (value == 0)
		return 0;
	if (value >= peak || top == 0)
		return TIMELINE_LEVELS;
	level = log2_16((uint64_t)value + 1) * TIMELINE_LEVELS / top;
	return level ? level : 1;
}

static void bar(struct buf *out, unsigned level, bool utf8)
{
	static const char plain[] = " .:-=+*#@";
	if (!utf8)
		buf_add_char(out, plain[level]);
	else if (level == 0)
		buf_add_char(out, ' ');
	else
		buf_add(out, span_of((const char[]){(char)0xe2, (char)0x96, (char)(0x80 + level)}, 3)); /* U+2581.. */
}

/* Hours outside of which is nothing, with a little calm around them. */
static struct timeline trimmed(const struct timeline *t)
{
	size_t first = 0, last = t->count;
	while (first < last && t->hours[first] == 0)
		first++;
	while (last > first && t->hours[last - 1] == 0)
		last--;
	first = first > CALM_HOURS ? first - CALM_HOURS : 0;
	last = last + CALM_HOURS < t->count ? last + CALM_HOURS : t->count;
	return (struct timeline){t->from_ms + (int64_t)first * HOUR_MS, t->hours + first, last - first};
}

void timeline_draw(struct buf *out, const struct timeline *whole, unsigned columns, bool utf8,
		   struct timeline_drawn *ret)
{
	struct timeline t = trimmed(whole);
	size_t step = timeline_step(t.count, columns);
	*ret = (struct timeline_drawn){
		.from_ms = t.from_ms, .to_ms = t.from_ms + (int64_t)t.count * HOUR_MS, .step = step};
	for (size_t i = 0; i < t.count; i++)
		if (t.hours[i] > ret->peak) {
			ret->peak = t.hours[i];
			ret->peak_ms = t.from_ms + (int64_t)i * HOUR_MS;
		}
	for (size_t at = 0; at < t.count; at += step) {
		uint32_t most = 0;
		for (size_t i = at; i < at + step && i < t.count; i++)
			most = t.hours[i] > most ? t.hours[i] : most;
		bar(out, timeline_level(most, ret->peak), utf8);
	}
}
