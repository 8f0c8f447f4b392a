/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of rotated logs, as logrotate(8) (dateformat, extension, start), newsyslog(8), savelog(8) and Exim's %D write
 * them. */
#include "base/ascii.h"
#include "logread/source_names.h"

enum { NUMBER_DIGITS_MAX = 4, DAY_S = 86400 };

static struct span without_end(struct span s, const char *end)
{
	size_t len = strlen(end);
	if (s.len > len && memcmp(s.at + s.len - len, end, len) == 0)
		s.len -= len;
	return s;
}

static struct span without_packing(struct span s)
{
	static const char *const ends[] = {".gz", ".xz", ".zst", ".bz2", ".lz4", ".lzma"};
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct span shorter = without_end(s, ends[i]);
		if (shorter.len < s.len)
			return shorter;
	}
	return s;
}

/* Days since 1970 of a date of the Gregorian calendar: whole years and leap days before it, then the month's begin. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	int64_t last = year - 1, days = year * 365 + last / 4 - last / 100 + last / 400;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	days += before[month - 1] + (leap && month > 2) + day - 1;
	return days - (1970 * 365 + 1969 / 4 - 1969 / 100 + 1969 / 400);
}

/* Digits of the end, with at most one '-', '_' or ':' between two of them. @return how many octets they take. */
static size_t digits_at_end(struct span s, char digits[20], size_t *ret_count)
{
	size_t n = 0, at = s.len;
	while (at > 0 && n < 19) {
		uint8_t c = s.at[at - 1];
		if (ascii_is_digit(c))
			digits[n++] = (char)c;
		else if (n == 0 || (c != '-' && c != '_' && c != ':') || at < 2 || !ascii_is_digit(s.at[at - 2]))
			break;
		at--;
	}
	for (size_t i = 0; i < n / 2; i++) {
		char c = digits[i];
		digits[i] = digits[n - 1 - i];
		digits[n - 1 - i] = c;
	}
	*ret_count = n;
	return s.len - at;
}

static int64_t number_of(const char *digits, size_t count)
{
	uint64_t v = 0;
	return ascii_parse_u64(span_of(digits, count), INT64_MAX, &v) < 0 ? -1 : (int64_t)v;
}

static bool date_of(const char *digits, size_t count, struct log_name *n)
{
	int64_t year, month, day;
	if (count == 10 && digits[0] == '1') { /* %s: seconds since 1970, up to 2033 */
		n->date_s = number_of(digits, count);
		n->whole_day = false;
		return true;
	}
	if (count != 8 && count != 10 && count != 12 && count != 14)
		return false;
	year = number_of(digits, 4);
	month = number_of(digits + 4, 2);
	day = number_of(digits + 6, 2);
	if (year < 1990 || year > 2100 || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	n->date_s = days_of(year, month, day) * DAY_S;
	n->whole_day = count == 8;
	if (count >= 10)
		n->date_s += number_of(digits + 8, 2) * 3600;
	if (count >= 12)
		n->date_s += number_of(digits + 10, 2) * 60;
	return true;
}

static bool separator(struct span s, const char *of)
{
	return s.len > 1 && strchr(of, s.at[s.len - 1]) && s.at[s.len - 1];
}

static bool has_letter(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (ascii_is_alpha(s.at[i]))
			return true;
	return false; /* a file named by an address is no member of a set */
}

/* Number or date at the end of s. @return what stands before them; s: neither is there. */
static struct span place_off(struct span s, struct log_name *n)
{
	char digits[20];
	size_t count, len = digits_at_end(s, digits, &count);
	struct span before = {s.at, s.len - len}, old = without_end(s, ".old");
	if (old.len < s.len) {
		n->kind = LOG_NAME_NUMBER;
		n->number = 1;
		return old;
	}
	if (!count || !separator(before, ".-_"))
		return s;
	before.len--;
	if (!has_letter(before))
		return s;
	if (date_of(digits, count, n)) {
		n->kind = LOG_NAME_DATE;
		return before;
	}
	if (len > NUMBER_DIGITS_MAX || count != len || s.at[before.len] != '.')
		return s;
	n->kind = LOG_NAME_NUMBER;
	n->number = (uint64_t)number_of(digits, count);
	return before;
}

struct log_name log_name_read(struct span name)
{
	struct log_name n = {.kind = LOG_NAME_BASE};
	struct span rest = without_packing(name), stem, end = {NULL, 0};
	stem = place_off(rest, &n);
	if (n.kind == LOG_NAME_BASE) { /* logrotate's "extension": mail-20261101.log, mail.1.log */
		struct span inner = without_end(rest, ".log");
		if (inner.len < rest.len)
			stem = place_off(inner, &n);
		if (n.kind == LOG_NAME_BASE)
			stem = rest;
		else
			end = span_str(".log");
	}
	if (stem.len + end.len < LOG_STEM_MAX) {
		memcpy(n.stem, stem.at, stem.len);
		if (end.len)
			memcpy(n.stem + stem.len, end.at, end.len);
		n.stem[stem.len + end.len] = '\0';
	}
	return n;
}
