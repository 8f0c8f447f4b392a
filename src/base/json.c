/* SPDX-License-Identifier: BSD-2-Clause */
/* Streaming JSON writer (RFC 8259). */
#include "base/json.h"

#include <inttypes.h>
#include <math.h>

static void separate(struct json *j)
{
	if (j->comma)
		buf_add_char(j->out, ',');
	j->comma = true;
}

void json_begin(struct json *j, char bracket)
{
	separate(j);
	buf_add_char(j->out, bracket);
	j->comma = false;
}

void json_end(struct json *j, char bracket)
{
	buf_add_char(j->out, bracket);
	j->comma = true;
}

void json_key(struct json *j, const char *key)
{
	json_str(j, key);
	buf_add_char(j->out, ':');
	j->comma = false;
}

/* Length of the well-formed UTF-8 sequence at s (RFC 3629 section 4), 0 when there is none. */
static size_t utf8_len(struct span s)
{
	static const struct {
		uint8_t first, last; /* of the sequence */
		uint8_t low, high;   /* of its second octet */
		size_t octets;
	} rows[] = {{0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
		    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
	size_t row = 0;
	while (row < sizeof(rows) / sizeof(*rows) && s.at[0] > rows[row].last)
		row++;
	if (row == sizeof(rows) / sizeof(*rows) || s.at[0] < rows[row].first || s.len < rows[row].octets)
		return 0;
	for (size_t i = 1; i < rows[row].octets; i++)
		if (s.at[i] < (i == 1 ? rows[row].low : 0x80) || s.at[i] > (i == 1 ? rows[row].high : 0xbf))
			return 0;
	return rows[row].octets;
}

static void escape(struct buf *out, uint8_t c)
{
	switch (c) {
	case '"':
		buf_add_str(out, "\\\"");
		break;
	case '\\':
		buf_add_str(out, "\\\\");
		break;
	case '\n':
		buf_add_str(out, "\\n");
		break;
	case '\t':
		buf_add_str(out, "\\t");
		break;
	default:
		buf_printf(out, "\\u%04x", c);
	}
}

void json_span(struct json *j, struct span text)
{
	size_t plain = 0, n;
	separate(j);
	buf_add_char(j->out, '"');
	for (size_t i = 0; i < text.len;) {
		uint8_t c = text.at[i];
		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			i++;
			plain++;
			continue;
		}
		buf_add(j->out, span_of(text.at + i - plain, plain));
		plain = 0;
		n = utf8_len(span_from(text, i));
		if (n > 1)
			buf_add(j->out, span_of(text.at + i, n));
		else if (n == 1)
			escape(j->out, c);
		else
			buf_add_str(j->out, "\xef\xbf\xbd");
		i += n ? n : 1;
	}
	if (plain)
		buf_add(j->out, span_of(text.at + text.len - plain, plain));
	buf_add_char(j->out, '"');
}

void json_str(struct json *j, const char *text)
{
	if (text)
		json_span(j, span_str(text));
	else
		json_null(j);
}

void json_int(struct json *j, int64_t value)
{
	separate(j);
	buf_printf(j->out, "%" PRId64, value);
}

void json_real(struct json *j, double value, int decimals)
{
	if (!isfinite(value)) {
		json_null(j);
		return;
	}
	separate(j);
	buf_printf(j->out, "%.*f", decimals, value);
}

void json_bool(struct json *j, bool value)
{
	separate(j);
	buf_add_str(j->out, value ? "true" : "false");
}

void json_null(struct json *j)
{
	separate(j);
	buf_add_str(j->out, "null");
}

void json_member_str(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_str(j, text);
}

void json_member_bool(struct json *j, const char *key, bool value)
{
	json_key(j, key);
	json_bool(j, value);
}

void json_member_strs(struct json *j, const char *key, const char *const *texts, size_t count)
{
	json_key(j, key);
	json_begin(j, '[');
	for (size_t i = 0; i < count; i++)
		json_str(j, texts[i]);
	json_end(j, ']');
}

void json_member_known(struct json *j, const char *key, int64_t value)
{
	json_key(j, key);
	if (value < 0)
		json_null(j);
	else
		json_int(j, value);
}
