/* SPDX-License-Identifier: BSD-2-Clause */
#include "logread/zone_rule.h"

#include <errno.h>

#include "base/ascii.h"

enum { DAY_S = 86400, CHANGE_S = 7200 }; /* a change without a time is at two o'clock */

int64_t zone_days(int year, int month, int day)
{
	int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int zone_year(int64_t day)
{
	int year = 1970 + (int)(day * 400 / 146097);
	while (zone_days(year, 1, 1) > day)
		year--;
	while (zone_days(year + 1, 1, 1) <= day)
		year++;
	return year;
}

static bool take_char(struct span *s, uint8_t c)
{
	if (!s->len || s->at[0] != c)
		return false;
	*s = span_from(*s, 1);
	return true;
}

static bool take_number(struct span *s, int max, int *ret)
{
	int value = 0;
	size_t n = 0;
	while (n < s->len && n < 3 && ascii_is_digit(s->at[n]))
		value = value * 10 + (s->at[n++] - '0');
	*s = span_from(*s, n);
	*ret = value;
	return n > 0 && value <= max;
}

/* "1", "-3:30", "+02:00:00" */
static bool take_time(struct span *s, int max_hours, int32_t *ret_s)
{
	int hours, minutes = 0, seconds = 0, sign = 1;
	if (take_char(s, '-'))
		sign = -1;
	else
		take_char(s, '+');
	if (!take_number(s, max_hours, &hours))
		return false;
	if (take_char(s, ':') && !take_number(s, 59, &minutes))
		return false;
	if (take_char(s, ':') && !take_number(s, 59, &seconds))
		return false;
	*ret_s = sign * (hours * 3600 + minutes * 60 + seconds);
	return true;
}

/* "CET", "<+03>" */
static bool take_name(struct span *s)
{
	size_t n = 0;
	if (take_char(s, '<')) {
		n = span_find(*s, '>');
		*s = span_from(*s, n + 1);
		return n > 0;
	}
	while (n < s->len && ascii_is_alpha(s->at[n]))
		n++;
	*s = span_from(*s, n);
	return n >= 3;
}

static bool take_date(struct span *s, struct zone_date *d)
{
	d->at_s = CHANGE_S;
	d->kind = 'n';
	if (take_char(s, 'M')) {
		d->kind = 'M';
		if (!take_number(s, 12, &d->month) || d->month < 1 || !take_char(s, '.') ||
		    !take_number(s, 5, &d->week) || d->week < 1 || !take_char(s, '.') || !take_number(s, 6, &d->day))
			return false;
	} else {
		if (take_char(s, 'J'))
			d->kind = 'J';
		if (!take_number(s, 365, &d->day) || (d->kind == 'J' && d->day < 1))
			return false;
	}
	return !take_char(s, '/') || take_time(s, 167, &d->at_s);
}

int zone_rule_parse(struct span text, struct zone_rule *ret_rule)
{
	struct zone_rule r = {.has_summer = false};
	if (!take_name(&text) || !take_time(&text, 24, &r.standard_s))
		return -EINVAL;
	r.standard_s = -r.standard_s; /* POSIX counts west of Greenwich */
	r.summer_s = r.standard_s + 3600;
	if (text.len) {
		if (!take_name(&text))
			return -EINVAL;
		if (text.len && text.at[0] != ',') {
			if (!take_time(&text, 24, &r.summer_s))
				return -EINVAL;
			r.summer_s = -r.summer_s;
		}
		r.has_summer = take_char(&text, ',') && take_date(&text, &r.begins) && take_char(&text, ',') &&
			       take_date(&text, &r.ends);
		if (!r.has_summer || text.len)
			return -EINVAL;
	}
	*ret_rule = r;
	return 0;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* The day of a year on which a change is, from 1970-01-01. */
static int64_t day_of(const struct zone_date *d, int year)
{
	int64_t first, next;
	int weekday;
	if (d->kind == 'n')
		return zone_days(year, 1, 1) + d->day;
	if (d->kind == 'J')
		return zone_days(year, 1, 1) + d->day - 1 + (d->day >= 60 && is_leap(year));
	first = zone_days(year, d->month, 1);
	next = d->month == 12 ? zone_days(year + 1, 1, 1) : zone_days(year, d->month + 1, 1);
	weekday = (int)(((first + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
	first += (d->day - weekday + 7) % 7 + (d->week - 1) * 7;
	while (first >= next) /* the fifth is the last */
		first -= 7;
	return first;
}

int32_t zone_rule_offset_s(const struct zone_rule *r, int64_t utc_s)
{
	int64_t local = utc_s + r->standard_s, begins, ends;
	int year;
	if (!r->has_summer)
		return r->standard_s;
	year = zone_year((local >= 0 ? local : local - DAY_S + 1) / DAY_S);
	begins = day_of(&r->begins, year) * DAY_S + r->begins.at_s - r->standard_s;
	ends = day_of(&r->ends, year) * DAY_S + r->ends.at_s - r->summer_s;
	if (begins < ends)
		return utc_s >= begins && utc_s < ends ? r->summer_s : r->standard_s;
	return utc_s >= begins || utc_s < ends ? r->summer_s : r->standard_s; /* south of the equator */
}
