/* SPDX-License-Identifier: BSD-2-Clause */
/* Times as people give them. Only the calendar is known here; the zone is stamp.h's. */
#include "cli/moment.h"

#include <errno.h>

#include "base/ascii.h"

enum { SECONDS_A_DAY = 86400, YEAR_MIN = 1970, YEAR_MAX = 9999, AGO_MAX = 1000000 };

struct reading {
	struct span rest;
	bool bad;
};

/* So many digits, within limits. */
static int number(struct reading *r, size_t digits, int least, int most)
{
	int value = 0;
	for (size_t i = 0; i < digits; i++) {
		if (i >= r->rest.len || !ascii_is_digit(r->rest.at[i])) {
			r->bad = true;
			return 0;
		}
		value = value * 10 + (r->rest.at[i] - '0');
	}
	r->rest = span_from(r->rest, digits);
	r->bad |= value < least || value > most;
	return value;
}

static bool take(struct reading *r, char c)
{
	if (r->rest.len == 0 || r->rest.at[0] != (uint8_t)c)
		return false;
	r->rest = span_from(r->rest, 1);
	return true;
}

static void expect(struct reading *r, char c)
{
	if (!take(r, c))
		r->bad = true;
}

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month > 1 && month <= 12 ? month - 1 : 0] + (month == 2 && leap(year));
}

static int64_t days_before(int year, int month)
{
	int64_t y = year - 1, days = y * 365 + y / 4 - y / 100 + y / 400 - 719162; /* days from 0001 to 1970 */
	for (int m = 1; m < month; m++)
		days += month_days(year, m);
	return days;
}

/* YYYY-MM-DD as seconds since 1970. */
static int64_t date(struct reading *r)
{
	int year = number(r, 4, YEAR_MIN, YEAR_MAX), month, day;
	expect(r, '-');
	month = number(r, 2, 1, 12);
	expect(r, '-');
	day = number(r, 2, 1, 31);
	if (!r->bad && day > month_days(year, month))
		r->bad = true;
	return r->bad ? 0 : (days_before(year, month) + day - 1) * SECONDS_A_DAY;
}

/* HH:MM[:SS[.fraction]]; a leap second counts as the next one. */
static int64_t clock_of(struct reading *r)
{
	int64_t s = (int64_t)number(r, 2, 0, 23) * 3600;
	expect(r, ':');
	s += (int64_t)number(r, 2, 0, 59) * 60;
	if (take(r, ':'))
		s += number(r, 2, 0, 60);
	if (take(r, '.') || take(r, ',')) {
		size_t n = 0;
		while (n < r->rest.len && ascii_is_digit(r->rest.at[n]))
			n++;
		r->bad |= n == 0;
		r->rest = span_from(r->rest, n);
	}
	return s;
}

/* "Z", "+01:00", "+0100". False: none stands there. */
static bool offset(struct reading *r, int64_t *ret_s)
{
	bool minus = r->rest.len && r->rest.at[0] == '-';
	int64_t s;
	*ret_s = 0;
	if (take(r, 'Z') || take(r, 'z'))
		return true;
	if (!take(r, '-') && !take(r, '+'))
		return false;
	s = (int64_t)number(r, 2, 0, 18) * 3600;
	take(r, ':');
	s += (int64_t)number(r, 2, 0, 59) * 60;
	*ret_s = minus ? -s : s;
	return true;
}

static int64_t to_utc_ms(const struct moment_rules *rules, int64_t local_s)
{
	return (local_s - (rules->zone ? zone_offset_s(rules->zone, local_s) : 0)) * 1000;
}

/* The local wall time of a moment: the offset is looked up by local time, so it is asked for twice. */
static int64_t to_local_s(const struct moment_rules *rules, int64_t ms)
{
	int64_t s = ms / 1000;
	if (!rules->zone)
		return s;
	return s + zone_offset_s(rules->zone, s + zone_offset_s(rules->zone, s));
}

static bool ago(struct span text, const struct moment_rules *rules, int64_t *ret_ms)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', SECONDS_A_DAY}, {'w', INT64_C(7) * SECONDS_A_DAY}};
	uint64_t n;
	if (text.len < 2 || ascii_parse_u64(span_of(text.at, text.len - 1), AGO_MAX, &n) < 0)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (text.at[text.len - 1] == (uint8_t)units[i].unit) {
			*ret_ms = rules->now_ms - (int64_t)n * units[i].seconds * 1000;
			return true;
		}
	return false;
}

/* "today" begins at midnight; as an end it is now. */
static bool named_day(struct span text, const struct moment_rules *rules, int64_t *ret_ms)
{
	int64_t midnight = to_local_s(rules, rules->now_ms) / SECONDS_A_DAY * SECONDS_A_DAY;
	if (span_equal(text, span_str("now"))) {
		*ret_ms = rules->now_ms;
		return true;
	}
	if (span_equal(text, span_str("today")))
		*ret_ms = rules->end ? rules->now_ms : to_utc_ms(rules, midnight);
	else if (span_equal(text, span_str("yesterday")))
		*ret_ms = rules->end ? to_utc_ms(rules, midnight) - 1 : to_utc_ms(rules, midnight - SECONDS_A_DAY);
	else
		return false;
	return true;
}

static int calendar(struct span text, const struct moment_rules *rules, int64_t *ret_ms, bool *ret_zone)
{
	struct reading r = {.rest = text};
	int64_t s = date(&r), east = 0;
	bool day = r.rest.len == 0;
	if (!day) {
		if (!take(&r, 'T') && !take(&r, 't'))
			expect(&r, ' ');
		s += clock_of(&r);
		take(&r, ' ');
	}
	*ret_zone = !day && offset(&r, &east);
	if (r.bad || r.rest.len)
		return -EINVAL;
	if (day && rules->end)
		*ret_ms = to_utc_ms(rules, s + SECONDS_A_DAY) - 1;
	else
		*ret_ms = *ret_zone ? (s - east) * 1000 : to_utc_ms(rules, s);
	return 0;
}

int moment_parse(const char *text, const struct moment_rules *rules, int64_t *ret_ms, struct error *err)
{
	struct span s = span_trim(span_str(text));
	bool zone = false;
	int64_t ms;
	if (ago(s, rules, ret_ms) || (!rules->zone_needed && named_day(s, rules, ret_ms)))
		return 0;
	if (calendar(s, rules, &ms, &zone) < 0)
		return error_set(err, -EINVAL,
				 "%s: not a time; write 2026-11-24T12:00:00Z, \"2026-11-24 12:00\", 2026-11-24, today, "
				 "yesterday, 2h or 3d",
				 text);
	if (rules->zone_needed && !zone)
		return error_set(err, -EINVAL, "%s: in which zone? Write it behind the time (%s), or give --tz", text,
				 "2026-11-24T12:00:00+01:00");
	*ret_ms = ms;
	return 0;
}
