/* SPDX-License-Identifier: BSD-2-Clause */
/* Time zones, read from the system's TZif files (RFC 8536), so that no process-wide TZ is touched. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/ascii.h"
#include "logread/stamp.h"
#include "logread/zone_rule.h"
#include "sys/files.h"

enum { TZIF_MAX = 1 << 20, TZIF_HEADER = 44, TRANSITIONS_MAX = 4096, TYPES_MAX = 256, DAY_S = 86400 };

struct zone {
	bool fixed, local;
	int32_t offset_s;
	size_t count;
	int64_t at[TRANSITIONS_MAX]; /* UTC */
	uint8_t type[TRANSITIONS_MAX];
	int32_t type_offset_s[TYPES_MAX];
	bool has_rule; /* of the times after the last transition */
	struct zone_rule rule;
};

/* "+02:00", "-0330". */
static int fixed_offset(const char *name, int32_t *ret_s)
{
	struct span s = span_str(name), minutes;
	uint64_t h, m;
	if ((s.len != 5 && s.len != 6) || (name[0] != '+' && name[0] != '-') || (s.len == 6 && name[3] != ':'))
		return -EINVAL;
	minutes = span_from(s, s.len - 2);
	if (ascii_parse_u64(span_of(name + 1, 2), 15, &h) < 0 || ascii_parse_u64(minutes, 59, &m) < 0)
		return -EINVAL;
	*ret_s = (name[0] == '-' ? -1 : 1) * (int32_t)(h * 3600 + m * 60);
	return 0;
}

static uint32_t u32_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t i64_at(const uint8_t *p)
{
	return (int64_t)((uint64_t)u32_at(p) << 32 | u32_at(p + 4));
}

struct counts {
	size_t isut, isstd, leap, time, type, chars;
};

static int counts_at(struct span s, struct counts *c)
{
	if (s.len < TZIF_HEADER || memcmp(s.at, "TZif", 4) != 0)
		return -EINVAL;
	*c = (struct counts){u32_at(s.at + 20), u32_at(s.at + 24), u32_at(s.at + 28),
			     u32_at(s.at + 32), u32_at(s.at + 36), u32_at(s.at + 40)};
	return c->time > TRANSITIONS_MAX || c->type > TYPES_MAX || !c->type || c->chars > 4096 || c->leap > 4096 ||
			       c->isut > TYPES_MAX || c->isstd > TYPES_MAX
		       ? -EINVAL
		       : 0;
}

/* "\nCET-1CEST,M3.5.0,M10.5.0/3\n" ends the file; an empty one says nothing of later times. */
static void read_footer(struct span footer, struct zone *z)
{
	size_t end;
	if (!footer.len || footer.at[0] != '\n')
		return;
	footer = span_from(footer, 1);
	end = span_find(footer, '\n');
	z->has_rule = end > 0 && zone_rule_parse(span_of(footer.at, end), &z->rule) == 0;
}

/* The second, 64-bit block (version 2 and later). */
static int read_block(struct span s, struct zone *z)
{
	struct counts c;
	struct span data;
	if (counts_at(s, &c) < 0 || s.at[4] < '2')
		return -EINVAL;
	data = span_from(s, TZIF_HEADER + c.time * 5 + c.type * 6 + c.chars + c.leap * 8 + c.isstd + c.isut);
	if (counts_at(data, &c) < 0 || data.len < TZIF_HEADER + c.time * 9 + c.type * 6)
		return -EINVAL;
	z->count = c.time;
	for (size_t i = 0; i < c.time; i++) {
		z->at[i] = i64_at(data.at + TZIF_HEADER + i * 8);
		z->type[i] = data.at[TZIF_HEADER + c.time * 8 + i];
	}
	for (size_t i = 0; i < c.type; i++)
		z->type_offset_s[i] = (int32_t)u32_at(data.at + TZIF_HEADER + c.time * 9 + i * 6);
	read_footer(span_from(data, TZIF_HEADER + c.time * 9 + c.type * 6 + c.chars + c.leap * 12 + c.isstd + c.isut),
		    z);
	return 0;
}

static bool is_zone_name(const char *name)
{
	if (!*name || *name == '/' || strstr(name, "..") || strlen(name) >= STAMP_ZONE_MAX)
		return false;
	for (const char *p = name; *p; p++)
		if (!ascii_is_alpha((uint8_t)*p) && !ascii_is_digit((uint8_t)*p) && !strchr("/_+-", *p))
			return false;
	return true;
}

static int read_named(const char *name, struct zone *z)
{
	struct buf text = buf_make(TZIF_MAX);
	char path[STAMP_ZONE_MAX + 32];
	int rc;
	if (!is_zone_name(name))
		return -EINVAL;
	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	rc = files_read(path, FILES_REGULAR | FILES_CUT, &text, NULL, NULL);
	if (rc == 0)
		rc = read_block(buf_span(&text), z);
	buf_release(&text);
	return rc == -ENOMEM ? rc : rc < 0 ? -EINVAL : 0;
}

int zone_new(const char *name, struct zone **ret_zone)
{
	struct zone *z = calloc(1, sizeof(*z));
	int rc = 0;
	if (!z)
		return -ENOMEM;
	if (strcmp(name, "local") == 0)
		z->local = true;
	else if (strcmp(name, "UTC") == 0 || strcmp(name, "Z") == 0 || fixed_offset(name, &z->offset_s) == 0)
		z->fixed = true;
	else
		rc = read_named(name, z);
	if (rc < 0) {
		free(z);
		return rc;
	}
	*ret_zone = z;
	return 0;
}

void zone_free(struct zone *z)
{
	free(z);
}

static int32_t offset_at(const struct zone *z, int64_t utc_s)
{
	size_t low = 0, high = z->count;
	if (z->local) {
		time_t t = (time_t)utc_s;
		struct tm tm;
		return localtime_r(&t, &tm) ? (int32_t)tm.tm_gmtoff : 0;
	}
	if (z->fixed)
		return z->offset_s;
	if (z->has_rule && (!z->count || utc_s >= z->at[z->count - 1]))
		return zone_rule_offset_s(&z->rule, utc_s);
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (z->at[mid] <= utc_s)
			low = mid + 1;
		else
			high = mid;
	}
	return z->type_offset_s[low ? z->type[low - 1] : 0];
}

void zone_offsets_s(const struct zone *z, int64_t local_s, int32_t ret_offset[2])
{
	int32_t before, after;
	if (z->fixed) {
		ret_offset[0] = ret_offset[1] = z->offset_s;
		return;
	}
	before = offset_at(z, local_s - DAY_S);
	after = offset_at(z, local_s + DAY_S);
	/* an offset holds where it is the one at the time that it gives; in the gap of a spring night neither does */
	if (before != after && offset_at(z, local_s - after) == after) {
		if (offset_at(z, local_s - before) != before)
			before = after;
	} else {
		after = before;
	}
	ret_offset[0] = before;
	ret_offset[1] = after;
}

int32_t zone_offset_s(const struct zone *z, int64_t local_s)
{
	int32_t offset[2];
	zone_offsets_s(z, local_s, offset);
	return offset[0];
}
