/* SPDX-License-Identifier: BSD-2-Clause */
/* Heads of lines as the tests of sources write them, in UTC: sources are tested apart from the reading of stamps. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/ascii.h"
#include "maillog/line.h"

enum { DAY_S = 86400, ISO_LEN = 19, SYSLOG_LEN = 15 };

struct zone {
	int unused;
};

int zone_new(const char *name, struct zone **ret_zone)
{
	(void)name;
	*ret_zone = calloc(1, sizeof(**ret_zone));
	return *ret_zone ? 0 : -ENOMEM;
}

void zone_free(struct zone *z)
{
	free(z);
}

int32_t zone_offset_s(const struct zone *z, int64_t local_s)
{
	(void)z;
	(void)local_s;
	return 0;
}

static int digits(const uint8_t *at, int count)
{
	int v = 0;
	for (int i = 0; i < count; i++)
		v = v * 10 + (ascii_is_digit(at[i]) ? at[i] - '0' : 0);
	return v;
}

static struct tm clock_of(const uint8_t *at)
{
	return (struct tm){.tm_hour = digits(at, 2), .tm_min = digits(at + 3, 2), .tm_sec = digits(at + 6, 2)};
}

/* "2026-11-24T12:00:00.123Z", also with "+00:00" */
static int64_t iso_read(struct span t, size_t *ret_len)
{
	struct tm tm = clock_of(t.at + 11);
	size_t len = ISO_LEN;
	int64_t ms = 0;
	tm.tm_year = digits(t.at, 4) - 1900;
	tm.tm_mon = digits(t.at + 5, 2) - 1;
	tm.tm_mday = digits(t.at + 8, 2);
	if (len < t.len && t.at[len] == '.') {
		for (int place = 100; ++len < t.len && ascii_is_digit(t.at[len]); place /= 10)
			ms += (t.at[len] - '0') * place;
	}
	if (len < t.len && t.at[len] == 'Z')
		len++;
	else if (len + 6 <= t.len && (t.at[len] == '+' || t.at[len] == '-'))
		len += 6;
	*ret_len = len;
	return (int64_t)timegm(&tm) * 1000 + ms;
}

/* "Nov 24 12:00:00" */
static int64_t syslog_read(struct stamps *s, struct span t, size_t *ret_len)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t written = (time_t)(s->written_ms / 1000);
	struct tm tm = clock_of(t.at + 7), now;
	tm.tm_mon = -1;
	for (int i = 0; i < 12; i++)
		if (memcmp(months + (size_t)3 * (size_t)i, t.at, 3) == 0)
			tm.tm_mon = i;
	if (tm.tm_mon < 0)
		return STAMP_NONE;
	gmtime_r(&written, &now);
	tm.tm_mday = t.at[4] == ' ' ? digits(t.at + 5, 1) : digits(t.at + 4, 2);
	tm.tm_year = now.tm_year;
	if (timegm(&tm) > written + DAY_S)
		tm.tm_year--;
	*ret_len = SYSLOG_LEN;
	return (int64_t)timegm(&tm) * 1000;
}

int64_t stamp_read(struct stamps *s, struct span text, size_t *ret_len)
{
	if (text.len >= ISO_LEN && ascii_is_digit(text.at[0]) && text.at[4] == '-' && text.at[7] == '-')
		return iso_read(text, ret_len);
	if (text.len >= SYSLOG_LEN && text.at[3] == ' ' && text.at[9] == ':')
		return syslog_read(s, text, ret_len);
	return STAMP_NONE;
}

void line_read(struct span raw, struct stamps *stamps, struct log_line *ret_line)
{
	struct span rest = raw;
	size_t len = 0, end;
	*ret_line = (struct log_line){.raw = raw, .text = raw, .at_ms = stamp_read(stamps, raw, &len)};
	if (ret_line->at_ms == STAMP_NONE)
		return;
	rest = span_from(rest, len + 1);
	end = span_find(rest, ' ');
	ret_line->host = (struct span){rest.at, end};
	rest = span_from(rest, end + 1);
	end = span_find(rest, '[');
	ret_line->program = (struct span){rest.at, end};
	ret_line->text = span_from(rest, span_find(rest, ' ') + 1);
}
