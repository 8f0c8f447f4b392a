/* SPDX-License-Identifier: BSD-2-Clause */
/* Escaping and filling of text for a screen. UTF-8 by RFC 3629; the locale is not asked. */
#include "cli/terminal.h"

/* One character: its length, and its value in *ret_value; 0 for what is not UTF-8 (RFC 3629 section 4). */
static size_t decode(struct span s, uint32_t *ret_value)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t a = s.at[0];
	size_t n = a < 0x80 ? 1 : (a & 0xe0) == 0xc0 ? 2 : (a & 0xf0) == 0xe0 ? 3 : (a & 0xf8) == 0xf0 ? 4 : 0;
	uint32_t value = n == 1 ? a : n == 2 ? a & 0x1fu : n == 3 ? a & 0x0fu : a & 0x07u;
	if (n == 0 || n > s.len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s.at[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (s.at[i] & 0x3fu);
	}
	if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*ret_value = value;
	return n;
}

/* Characters that act instead of showing: C0, C1, line separators, marks that turn the writing direction. */
static bool acts(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

void terminal_add(struct buf *out, struct span text)
{
	while (text.len) {
		uint32_t c = 0;
		size_t n = decode(text, &c);
		if (n == 0)
			buf_add_str(out, "\xef\xbf\xbd");
		else if (!acts(c))
			buf_add(out, span_of(text.at, n));
		else if (c < 0x100)
			buf_printf(out, "\\x%02x", c);
		else
			buf_printf(out, "\\u%04x", c);
		text = span_from(text, n ? n : 1);
	}
}

void terminal_add_str(struct buf *out, const char *text)
{
	terminal_add(out, span_str(text));
}

static size_t columns_of(uint32_t c)
{
	if ((c >= 0x300 && c <= 0x36f) || acts(c))
		return 0;
	if ((c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
	    (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff00 && c <= 0xff60) || (c >= 0x1f300 && c <= 0x1faff))
		return 2;
	return 1;
}

size_t terminal_columns(struct span text)
{
	size_t columns = 0;
	while (text.len) {
		uint32_t c = 0;
		size_t n = decode(text, &c);
		columns += n ? columns_of(c) : 1;
		text = span_from(text, n ? n : 1);
	}
	return columns;
}

static void blanks(struct buf *out, unsigned n)
{
	buf_printf(out, "%*s", (int)n, "");
}

void terminal_fill(struct buf *out, const char *text, unsigned indent, unsigned width)
{
	struct span rest = span_trim(span_str(text));
	size_t at = 0; /* columns on this line after the indent */
	size_t room = width > indent + 20 ? width - indent : 20;
	while (rest.len) {
		size_t n = span_find(rest, ' ');
		struct span word = span_of(rest.at, n);
		size_t columns = terminal_columns(word);
		if (at && at + 1 + columns > room) {
			buf_add_char(out, '\n');
			at = 0;
		}
		if (at)
			buf_add_char(out, ' ');
		else
			blanks(out, indent);
		terminal_add(out, word);
		at += columns + (at > 0);
		rest = span_trim(span_from(rest, n));
	}
	buf_add_char(out, '\n');
}
