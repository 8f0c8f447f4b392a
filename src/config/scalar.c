/* SPDX-License-Identifier: BSD-2-Clause */
/* One scalar of a file into one field of a struct. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "config/reader.h"

enum { WORDS_LINE_MAX = 400, NUMBER_SIZE = 40, YEAR_FIRST = 1980, YEAR_LAST = 2199 };

static void *field_of(void *base, size_t offset)
{
	return (char *)base + offset;
}

const char *schema_word_text(const struct schema_word *words, int value)
{
	for (; words && words->text; words++)
		if (words->value == value)
			return words->text;
	return NULL;
}

static uint64_t digits(struct span text)
{
	uint64_t value = 0;
	return ascii_parse_u64(text, 9999, &value) < 0 ? 0 : value;
}

static bool is_leap(uint64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool schema_date_valid(struct span text)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	uint64_t year, month, day;
	if (text.len != 4 && text.len != 7 && text.len != 10)
		return false;
	year = digits(span_of(text.at, 4));
	if (year < YEAR_FIRST || year > YEAR_LAST)
		return false;
	if (text.len == 4)
		return true;
	month = digits(span_of(text.at + 5, 2));
	if (text.at[4] != '-' || month < 1 || month > 12)
		return false;
	if (text.len == 7)
		return true;
	day = digits(span_of(text.at + 8, 2));
	return text.at[7] == '-' && day >= 1 && day <= days[month - 1] + (uint64_t)(month == 2 && is_leap(year));
}

const char *reader_text(struct reader *r, const struct schema_row *row, struct span text, struct schema_place at)
{
	char *copy;
	text = span_trim(text);
	if (text.len == 0) {
		schema_fault(r->faults, r->file, at, row->key, "is empty, expected %s",
			     row->expected ? row->expected : "text");
		return NULL;
	}
	for (size_t i = 0; i < text.len; i++)
		if ((text.at[i] < 0x20 && text.at[i] != '\n') || text.at[i] == 0x7f) {
			schema_fault(r->faults, r->file, at, row->key, "has a control character, expected plain text");
			return NULL;
		}
	copy = arena_copy(r->arena, text);
	if (!copy) {
		r->error = -ENOMEM;
		return NULL;
	}
	for (char *c = copy; *c; c++)
		if (*c == '\n')
			*c = ' ';
	return copy;
}

static bool refuse(struct reader *r, const struct schema_row *row, struct span text, struct schema_place at,
		   const char *expected)
{
	char shown[READER_SHOWN_SIZE];
	schema_fault(r->faults, r->file, at, row->key, "\"%s\", expected %s", reader_shown(text, shown), expected);
	return false;
}

static bool take_integer(struct reader *r, const struct schema_row *row, struct span text, struct schema_place at,
			 int64_t *field)
{
	uint64_t value, max = row->max > 0 ? (uint64_t)row->max : INT64_MAX;
	char expected[NUMBER_SIZE * 3];
	if (ascii_parse_u64(text, max, &value) == 0 && (double)value >= row->min) {
		*field = (int64_t)value;
		return true;
	}
	if (row->max > 0)
		snprintf(expected, sizeof(expected), "a whole number from %.0f to %.0f", row->min, row->max);
	else
		snprintf(expected, sizeof(expected), "a whole number from %.0f on", row->min);
	return refuse(r, row, text, at, expected);
}

/* strtod() with a locale would take "0,5"; the program never sets LC_NUMERIC, and only these octets come near it. */
static bool parse_real(struct span text, double *ret_value)
{
	char copy[NUMBER_SIZE], *end;
	if (text.len == 0 || text.len >= sizeof(copy) || !ascii_is_digit(text.at[0]))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_digit(text.at[i]) && text.at[i] != '.')
			return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	*ret_value = strtod(copy, &end);
	return *end == '\0' && isfinite(*ret_value);
}

static bool take_real(struct reader *r, const struct schema_row *row, struct span text, struct schema_place at,
		      double *field)
{
	double value;
	char expected[NUMBER_SIZE * 3];
	if (parse_real(text, &value) && value >= row->min && (row->max <= 0 || value <= row->max)) {
		*field = value;
		return true;
	}
	if (row->max > 0)
		snprintf(expected, sizeof(expected), "a number from %g to %g", row->min, row->max);
	else
		snprintf(expected, sizeof(expected), "a number from %g on", row->min);
	return refuse(r, row, text, at, expected);
}

static bool take_word(struct reader *r, const struct schema_row *row, struct span text, struct schema_place at,
		      int *field)
{
	struct buf expected = buf_make(WORDS_LINE_MAX);
	for (const struct schema_word *w = row->words; w->text; w++)
		if (span_equal(text, span_str(w->text))) {
			*field = w->value;
			return true;
		}
	for (const struct schema_word *w = row->words; w->text; w++)
		buf_printf(&expected, "%s%s", w == row->words ? "" : w[1].text ? ", " : " or ", w->text);
	refuse(r, row, text, at, buf_text(&expected));
	buf_release(&expected);
	return false;
}

static bool take_bool(struct reader *r, const struct schema_row *row, struct span text, struct schema_place at,
		      bool *field)
{
	bool yes = span_equal(text, span_str("true"));
	if (!yes && !span_equal(text, span_str("false")))
		return refuse(r, row, text, at, "true or false");
	*field = yes;
	return true;
}

static bool take_text(struct reader *r, const struct schema_row *row, struct span text, struct schema_place at,
		      const char **field)
{
	const char *copy = reader_text(r, row, text, at);
	if (!copy)
		return false;
	if (row->accept && !row->accept(span_str(copy), NULL))
		return refuse(r, row, text, at, row->expected);
	*field = copy;
	return true;
}

bool reader_take_scalar(struct reader *r, const struct schema_row *row, struct span text, struct schema_place at,
			void *base)
{
	void *field = field_of(base, row->offset);
	int word;
	switch (row->type) {
	case SCHEMA_TEXT:
		return take_text(r, row, text, at, field);
	case SCHEMA_INTEGER:
		return take_integer(r, row, text, at, field);
	case SCHEMA_REAL:
		return take_real(r, row, text, at, field);
	case SCHEMA_BOOL:
		return take_bool(r, row, text, at, field);
	case SCHEMA_DATE:
		if (!schema_date_valid(text))
			return refuse(r, row, text, at, "a date: YYYY-MM-DD, YYYY-MM or YYYY");
		return take_text(r, row, text, at, field);
	case SCHEMA_WORD:
		return take_word(r, row, text, at, field);
	case SCHEMA_WORDS:
		if (!take_word(r, row, text, at, &word))
			return false;
		*(uint32_t *)field |= (uint32_t)word;
		return true;
	case SCHEMA_SCALAR:
	case SCHEMA_MAP:
		return row->accept(text, field) || refuse(r, row, text, at, row->expected);
	default:
		return false;
	}
}
