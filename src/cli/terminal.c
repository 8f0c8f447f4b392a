/* SPDX-License-Identifier: BSD-2-Clause */
/* Escaping and filling of text for a screen. UTF-8 by RFC 3629; the locale is not asked. */
#include "cli/terminal.h"

/* What a character's first octet says (RFC 3629 section 3). */
struct lead {
	uint8_t mask, bits; /* its octet has these bits */
	uint8_t octets;     /* of the whole character */
	uint32_t least;     /* a smaller value has a shorter form, so that this one is not valid */
};

static const struct lead leads[] = {
	{0x80, 0x00, 1, 0},
	{0xe0, 0xc0, 2, 0x80},
	{0xf0, 0xe0, 3, 0x800},
	{0xf8, 0xf0, 4, 0x10000},
};

static const struct lead *lead_of(uint8_t first)
{
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++)
		if ((first & leads[i].mask) == leads[i].bits)
			return &leads[i];
	return NULL;
}

/* One character: its length, and its value in *ret_value; 0 for what is not UTF-8 (RFC 3629 section 4). */
static size_t decode(struct span s, uint32_t *ret_value)
{
	const struct lead *lead = lead_of(s.at[0]);
	uint32_t value;
	if (!lead || lead->octets > s.len)
		return 0;
	value = s.at[0] & (uint8_t)~lead->mask;
	for (size_t i = 1; i < lead->octets; i++) {
		if ((s.at[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (s.at[i] & 0x3fu);
	}
	if (value < lead->least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*ret_value = value;
	return lead->octets;
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

struct range {
	uint32_t first, last;
};

/* East Asian scripts and pictures, that take two columns. */
static const struct range wide[] = {
	{0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xff00, 0xff60}, {0x1f300, 0x1faff},
};

static size_t columns_of(uint32_t c)
{
	if ((c >= 0x300 && c <= 0x36f) || acts(c))
		return 0;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (c >= wide[i].first && c <= wide[i].last)
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
