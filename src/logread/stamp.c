/* SPDX-License-Identifier: BSD-2-Clause */
#include "logread/stamp.h"

#include "base/ascii.h"
#include "logread/months.h"
#include "logread/zone_rule.h"

enum {
	TAI_SECONDS = 10,    /* daemontools' labels count from 1970 TAI, taken as UTC + 10 s */
	GRACE_MS = 86400000, /* a clock or zone may be a day ahead of the file's last change */
	TAI64N_LEN = 25,     /* "@", 16 + 8 hexadecimal digits */
	TAI64_LEN = 17,
	FRACTION_DIGITS = 9,
	QUARTER_S = 900,
	LATE_MS = 60000, /* lines may stand that much out of order */
	STAMP_OCTETS_MIN = 15,
	TRANSLATED_MAX = 40, /* octets up to the hour: the longest name with a day and a year */
	WEEKDAY_MAX = 12,    /* octets: few names have more than four characters */
	FAR_MONTHS = 6,      /* a month that seems so far back is of another year */
};

/* ---- digits ---- */

static bool digits(struct span s, size_t at, size_t count, int *ret)
{
	int value = 0;
	if (s.len < at + count)
		return false;
	for (size_t i = at; i < at + count; i++) {
		if (!ascii_is_digit(s.at[i]))
			return false;
		value = value * 10 + (s.at[i] - '0');
	}
	*ret = value;
	return true;
}

static bool at_is(struct span s, size_t at, uint8_t c)
{
	return at < s.len && s.at[at] == c;
}

/* "hh:mm:ss" to seconds of the day; a leap second counts as the one before it. */
static bool clock_at(struct span s, size_t at, int *ret_s)
{
	int h, m, sec;
	if (!digits(s, at, 2, &h) || !at_is(s, at + 2, ':') || !digits(s, at + 3, 2, &m) || !at_is(s, at + 5, ':') ||
	    !digits(s, at + 6, 2, &sec) || h > 23 || m > 59 || sec > 60)
		return false;
	*ret_s = h * 3600 + m * 60 + (sec == 60 ? 59 : sec);
	return true;
}

static int year_of(int64_t ms)
{
	return zone_year((ms >= 0 ? ms : ms - 86399999) / 86400000);
}

static bool month_at(struct span s, size_t at, int *ret_month)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	if (s.len < at + 3)
		return false;
	for (int i = 0; i < 12; i++)
		if (ascii_lower(s.at[at]) == (uint8_t)names[i * 3] &&
		    ascii_lower(s.at[at + 1]) == (uint8_t)names[i * 3 + 1] &&
		    ascii_lower(s.at[at + 2]) == (uint8_t)names[i * 3 + 2]) {
			*ret_month = i + 1;
			return true;
		}
	return false;
}

/* Of an hour that occurs twice the second one is meant where the log has come that far. */
static int64_t from_local(struct stamps *s, int64_t local_s)
{
	if (!s->zone)
		return local_s * 1000;
	if (local_s / QUARTER_S != s->quarter) {
		s->quarter = local_s / QUARTER_S;
		zone_offsets_s(s->zone, local_s, s->offset);
	}
	if (s->offset[0] != s->offset[1] && s->last_ms > (local_s - s->offset[0]) * 1000 + LATE_MS)
		return (local_s - s->offset[1]) * 1000;
	return (local_s - s->offset[0]) * 1000;
}

/* ---- fractions and zones after the seconds ---- */

static size_t fraction_at(struct span s, size_t at, int *ret_ms)
{
	size_t i = at + 1;
	int ms = 0, place = 100;
	*ret_ms = 0;
	if (at >= s.len || (s.at[at] != '.' && s.at[at] != ',') || i >= s.len || !ascii_is_digit(s.at[i]))
		return at;
	for (; i < s.len && ascii_is_digit(s.at[i]) && i <= at + FRACTION_DIGITS; i++, place /= 10)
		ms += (s.at[i] - '0') * place;
	*ret_ms = ms;
	return i;
}

/* "Z", "+02:00", "+0200", " +0200". @return the place after it; `at` itself: none. */
static size_t zone_at(struct span s, size_t at, int *ret_offset_s)
{
	size_t i = at;
	int h, m, sign;
	if (at_is(s, i, 'Z')) {
		*ret_offset_s = 0;
		return i + 1;
	}
	if (at_is(s, i, ' '))
		i++;
	if (i >= s.len || (s.at[i] != '+' && s.at[i] != '-') || !digits(s, i + 1, 2, &h))
		return at;
	sign = s.at[i] == '-' ? -1 : 1;
	i += 3;
	if (at_is(s, i, ':'))
		i++;
	if (!digits(s, i, 2, &m) || h > 15 || m > 59)
		return at;
	*ret_offset_s = sign * (h * 3600 + m * 60);
	return i + 2;
}

/* ---- the forms ---- */

static int64_t read_iso(struct stamps *s, struct span t, size_t *ret_len)
{
	int year, month, day, seconds, ms, offset = 0;
	size_t end, after;
	int64_t local;
	if (!digits(t, 0, 4, &year) || !at_is(t, 4, '-') || !digits(t, 5, 2, &month) || !at_is(t, 7, '-') ||
	    !digits(t, 8, 2, &day) || !clock_at(t, 11, &seconds) || (t.at[10] != 'T' && t.at[10] != ' ') || month < 1 ||
	    month > 12 || day < 1 || day > 31)
		return STAMP_NONE;
	end = fraction_at(t, 19, &ms);
	after = zone_at(t, end, &offset);
	local = zone_days(year, month, day) * 86400 + seconds;
	*ret_len = after;
	return (after > end ? (local - offset) * 1000 : from_local(s, local)) + ms;
}

static int64_t yearless(struct stamps *s, int month, int day, int seconds)
{
	int64_t at;
	if (!s->year && s->first_year) {
		s->year = s->first_year;
	} else if (!s->year) {
		s->year = year_of(s->written_ms);
		s->month = month;
		at = from_local(s, zone_days(s->year + 1, month, day) * 86400 + seconds);
		if (at <= s->written_ms + GRACE_MS)
			s->year++;
		at = from_local(s, zone_days(s->year, month, day) * 86400 + seconds);
		if (at > s->written_ms + GRACE_MS)
			s->year--;
	} else if (s->month - month >= FAR_MONTHS) {
		at = from_local(s, zone_days(s->year + 1, month, day) * 86400 + seconds);
		if ((s->month == 12 && month == 1) || at <= s->written_ms + GRACE_MS)
			s->year++;
	} else if (month - s->month >= FAR_MONTHS) {
		s->year--;
	}
	s->month = month;
	return from_local(s, zone_days(s->year, month, day) * 86400 + seconds);
}

/* "Tue 2026-11-24 10:00:00 UTC" (journalctl -o short-full; `date` is where the date begins): a name of a zone that is not
 * UTC is the log's own. */
static int64_t read_weekday(struct stamps *s, struct span t, size_t date, size_t *ret_len)
{
	int64_t at = read_iso(s, span_from(t, date), ret_len);
	struct span name;
	size_t n = 1;
	if (at == STAMP_NONE)
		return STAMP_NONE;
	*ret_len += date;
	name = span_from(t, *ret_len);
	while (n < name.len && n < 6 && ascii_is_upper(name.at[n]))
		n++;
	if (!name.len || name.at[0] != ' ' || n < 4 || !at_is(name, n, ' '))
		return at;
	if (n == 4 && memcmp(name.at, " UTC", 4) == 0) {
		int64_t local = at; /* read again, without the zone */
		struct stamps utc = {.zone = NULL};
		size_t len;
		at = read_iso(&utc, span_from(t, date), &len);
		if (at == STAMP_NONE)
			at = local;
	}
	*ret_len += n;
	return at;
}

/* What follows the month, which takes `i` octets: " 24 10:00:00", "  4 10:00:00[.123456]", " 24 2026 10:00:00". */
static int64_t read_day(struct stamps *s, struct span t, size_t i, int month, size_t *ret_len)
{
	int day, seconds, year, ms;
	int64_t at;
	if (!at_is(t, i, ' '))
		return STAMP_NONE;
	i++;
	if (at_is(t, i, ' ') ? !digits(t, i + 1, 1, &day) : !digits(t, i, 2, &day)) {
		if (!digits(t, i, 1, &day)) /* "Nov 4 10:00:00" */
			return STAMP_NONE;
		i--;
	}
	i += 2;
	if (day < 1 || day > 31 || !at_is(t, i, ' '))
		return STAMP_NONE;
	i++;
	if (digits(t, i, 4, &year) && at_is(t, i + 4, ' ') && clock_at(t, i + 5, &seconds)) {
		i = fraction_at(t, i + 13, &ms);
		at = from_local(s, zone_days(year, month, day) * 86400 + seconds);
	} else if (clock_at(t, i, &seconds)) {
		i = fraction_at(t, i + 8, &ms);
		at = yearless(s, month, day, seconds);
	} else {
		return STAMP_NONE;
	}
	*ret_len = i;
	return at + ms;
}

static int64_t read_bsd(struct stamps *s, struct span t, size_t *ret_len)
{
	int month;
	return month_at(t, 0, &month) ? read_day(s, t, 3, month, ret_len) : STAMP_NONE;
}

/* "2026 Nov 24 10:00:00" (syslog-ng's FULLDATE). */
static int64_t read_year_first(struct stamps *s, struct span t, size_t *ret_len)
{
	int year, month, day, seconds, ms;
	size_t end;
	if (!digits(t, 0, 4, &year) || !month_at(t, 5, &month) || !at_is(t, 8, ' ') || !at_is(t, 11, ' ') ||
	    !clock_at(t, 12, &seconds))
		return STAMP_NONE;
	if (at_is(t, 9, ' ') ? !digits(t, 10, 1, &day) : !digits(t, 9, 2, &day))
		return STAMP_NONE;
	if (day < 1 || day > 31)
		return STAMP_NONE;
	end = fraction_at(t, 20, &ms);
	*ret_len = end;
	return from_local(s, zone_days(year, month, day) * 86400 + seconds) + ms;
}

static bool hex_at(struct span s, size_t at, size_t count, uint64_t *ret)
{
	uint64_t value = 0;
	if (s.len < at + count)
		return false;
	for (size_t i = at; i < at + count; i++) {
		uint8_t c = ascii_lower(s.at[i]);
		if (!ascii_is_digit(c) && (c < 'a' || c > 'f'))
			return false;
		value = value << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	*ret = value;
	return true;
}

/* TAI64N (cr.yp.to/libtai/tai64.html): 2^62 is the second that began 1970 TAI. */
static int64_t read_tai(struct span t, size_t *ret_len)
{
	uint64_t seconds, nano = 0;
	const uint64_t base = UINT64_C(1) << 62;
	if (!at_is(t, 0, '@') || !hex_at(t, 1, 16, &seconds) || seconds < base || seconds - base > UINT32_MAX)
		return STAMP_NONE;
	*ret_len = TAI64_LEN;
	if (hex_at(t, TAI64_LEN, 8, &nano))
		*ret_len = TAI64N_LEN;
	if (nano >= 1000000000)
		nano = 0;
	return ((int64_t)(seconds - base) - TAI_SECONDS) * 1000 + (int64_t)(nano / 1000000);
}

/* "1157520813.485077": ten digits, 2001 to 2286. */
static int64_t read_epoch(struct span t, size_t *ret_len)
{
	int high, low, ms;
	size_t end;
	if (!digits(t, 0, 5, &high) || !digits(t, 5, 5, &low) || high < 10000)
		return STAMP_NONE;
	end = fraction_at(t, 10, &ms);
	if (end == 10 || (end < t.len && t.at[end] != ' '))
		return STAMP_NONE;
	*ret_len = end;
	return ((int64_t)high * 100000 + low) * 1000 + ms;
}

/* "[24-Nov-2026 10:00:00", in seconds of its own zone. @return STAMP_NONE: something else stands there. */
static int64_t php_clock(struct span t)
{
	int day, month, year, seconds;
	if (!at_is(t, 0, '[') || !digits(t, 1, 2, &day) || !at_is(t, 3, '-') || !month_at(t, 4, &month) ||
	    !at_is(t, 7, '-') || !digits(t, 8, 4, &year) || !clock_at(t, 13, &seconds) || day < 1 || day > 31)
		return STAMP_NONE;
	return zone_days(year, month, day) * 86400 + seconds;
}

/* PHP: "[24-Nov-2026 10:00:00 UTC]", "[24-Nov-2026 10:00:00 Europe/Berlin]", "[24-Nov-2026 10:00:00 +0100]". */
static int64_t read_php(struct stamps *s, struct span t, size_t *ret_len)
{
	int offset = 0;
	size_t end;
	int64_t local = php_clock(t);
	if (local == STAMP_NONE)
		return STAMP_NONE;
	for (end = 21; end < t.len && t.at[end] != ']' && end < 21 + STAMP_ZONE_MAX; end++)
		;
	if (!at_is(t, end, ']'))
		return STAMP_NONE;
	*ret_len = end + 1;
	if (end == 25 && memcmp(t.at + 21, " UTC", 4) == 0)
		return local * 1000;
	if (zone_at(t, 21, &offset) == end) /* Roundcube */
		return (local - offset) * 1000;
	return from_local(s, local);
}

/* Does "hh:mm:" stand where a stamp with a name before it has it? Most texts without a stamp are told from one by that. */
static bool clock_near(struct span t)
{
	size_t colon = span_find(t.len > TRANSLATED_MAX ? span_of(t.at, TRANSLATED_MAX) : t, ':');
	return colon > 2 && ascii_is_digit(t.at[colon - 1]) && at_is(t, colon + 3, ':');
}

/* Names of months and days in the administrator's language: "Mär 01 10:00:00", " 1月 24 10:00:00", "lun. 2026-11-24 ..". */
static int64_t read_translated(struct stamps *s, struct span t, size_t *ret_len)
{
	size_t blank = at_is(t, 0, ' '), n;
	int month;
	if (!clock_near(t))
		return STAMP_NONE;
	n = month_name(span_from(t, blank), &month);
	if (n) {
		n += blank;
		while (at_is(t, n, ' ') && at_is(t, n + 1, ' ') && at_is(t, n + 2, ' '))
			n++; /* Estonian fills its names with blanks */
		return read_day(s, t, n, month, ret_len);
	}
	n = span_find(t, ' ');
	/* "2026-11-24T.." stands behind no day's name, but behind a container's: "mail 2026-11-24T10:00:00Z" */
	return n && n <= WEEKDAY_MAX && at_is(t, n + 5, '-') && at_is(t, n + 11, ' ')
		       ? read_weekday(s, t, n + 1, ret_len)
		       : STAMP_NONE;
}

static int64_t read_english(struct stamps *s, struct span t, size_t *ret_len)
{
	if (t.at[0] == '@')
		return read_tai(t, ret_len);
	if (t.at[0] == '[')
		return read_php(s, t, ret_len);
	if (ascii_is_alpha(t.at[0]))
		return t.at[3] == ' ' && ascii_is_digit(t.at[4]) && t.len > 24 && t.at[8] == '-'
			       ? read_weekday(s, t, 4, ret_len)
			       : read_bsd(s, t, ret_len);
	if (t.at[4] == ' ' && ascii_is_alpha(t.at[5]))
		return read_year_first(s, t, ret_len);
	return t.at[4] == '-' ? read_iso(s, t, ret_len) : read_epoch(t, ret_len);
}

static int64_t read_any(struct stamps *s, struct span t, size_t *ret_len)
{
	int64_t at;
	if (t.len < STAMP_OCTETS_MIN)
		return STAMP_NONE;
	at = read_english(s, t, ret_len);
	return at == STAMP_NONE ? read_translated(s, t, ret_len) : at;
}

/* What follows a stamp that was kept must not go on with it: a fraction, a zone. */
bool stamp_is_kept(const struct stamps *s, struct span t)
{
	return s->kept_len && t.len > s->kept_len && t.at[s->kept_len] == ' ' &&
	       span_begins(t, span_of(s->kept, s->kept_len)) &&
	       !(t.len > s->kept_len + 1 && s->kept[4] == '-' &&
		 (t.at[s->kept_len + 1] == '+' || t.at[s->kept_len + 1] == '-'));
}

int64_t stamp_read(struct stamps *s, struct span text, size_t *ret_len)
{
	size_t len = 0;
	int64_t at;
	if (stamp_is_kept(s, text)) {
		*ret_len = s->kept_len;
		return s->kept_ms;
	}
	at = read_any(s, text, &len);
	if (at == STAMP_NONE)
		return STAMP_NONE;
	s->last_ms = at;
	s->head.len = 0;
	if (len <= sizeof(s->kept)) {
		memcpy(s->kept, text.at, len);
		s->kept_len = len;
		s->kept_ms = at;
	}
	*ret_len = len;
	return at;
}
