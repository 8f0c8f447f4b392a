/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/mime_decode.h"

#include "base/ascii.h"

enum mime_encoding mime_encoding_of(struct span value)
{
	return span_begins_nocase(value, "base64")             ? MIME_BASE64
	       : span_begins_nocase(value, "quoted-printable") ? MIME_QUOTED_PRINTABLE
							       : MIME_IDENTITY;
}

static int base64_value(uint8_t c)
{
	if (ascii_is_upper(c))
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	return ascii_is_digit(c) ? c - '0' + 52 : c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Other octets are left out; what stands behind the padding is no data (6.8). */
static size_t base64(struct mime_decoder *d, struct span text, uint8_t *to)
{
	size_t len = 0;
	for (size_t i = 0; i < text.len && !d->padded; i++) {
		int value = base64_value(text.at[i]);
		d->padded = text.at[i] == '=' && d->have;
		if (value < 0)
			continue;
		d->bits = (d->bits << 6 | (uint32_t)value) & 0xffffff;
		d->have += 6;
		if (d->have >= 8) {
			d->have -= 8;
			to[len++] = (uint8_t)(d->bits >> d->have);
		}
	}
	return len;
}

static int hex_value(uint8_t c)
{
	uint8_t small = ascii_lower(c);
	return ascii_is_digit(c) ? c - '0' : small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static size_t put_blanks(struct mime_decoder *d, uint8_t *to)
{
	size_t len = d->blank_len;
	memcpy(to, d->blanks, len);
	d->blank_len = 0;
	return len;
}

/* An escape that is none stands there as it came. */
static size_t put_escape(struct mime_decoder *d, uint8_t *to)
{
	size_t len = 0;
	if (d->escape_len == 0 || d->escape[0] == '\r')
		return 0;
	to[len++] = '=';
	if (d->escape_len == 2)
		to[len++] = (uint8_t)d->escape[1];
	d->escape_len = 0;
	return len;
}

/*
 * escape_len 1: "=" was seen; 2: "=" and an octet, a hexadecimal digit or a blank (padding of the transport behind a soft
 * line break); escape[0] is CR where "=" and CR were. @return whether the octet belongs to the escape.
 */
static bool in_escape(struct mime_decoder *d, uint8_t c, uint8_t *to, size_t *len)
{
	int high = d->escape_len == 2 ? hex_value((uint8_t)d->escape[1]) : -1;
	if (d->escape[0] == '\r') { /* the soft line break is whole; LF belongs to it */
		d->escape[0] = '\0';
		d->escape_len = 0;
		return c == '\n';
	}
	if (high >= 0 && hex_value(c) >= 0) {
		to[(*len)++] = (uint8_t)(high << 4 | hex_value(c));
		d->escape_len = 0;
		return true;
	}
	if (high < 0 && (c == '\n' || c == '\r')) {
		d->escape[0] = c == '\r' ? '\r' : '\0';
		d->escape_len = c == '\r';
		return true;
	}
	if ((d->escape_len == 1 && (hex_value(c) >= 0 || is_blank(c))) || (high < 0 && is_blank(c))) {
		d->escape[1] = (char)c;
		d->escape_len = 2;
		return true;
	}
	*len += put_escape(d, to + *len);
	return false;
}

static size_t quoted_printable(struct mime_decoder *d, struct span text, uint8_t *to)
{
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		if (d->escape_len && in_escape(d, c, to, &len))
			continue;
		if (is_blank(c)) {
			if (d->blank_len == MIME_BLANKS_MAX)
				len += put_blanks(d, to + len);
			d->blanks[d->blank_len++] = (char)c;
			continue;
		}
		if (c == '\n' || c == '\r')
			d->blank_len = 0;
		len += put_blanks(d, to + len);
		if (c == '=') {
			d->escape[0] = '\0';
			d->escape_len = 1;
		} else {
			to[len++] = c;
		}
	}
	return len;
}

size_t mime_decode(struct mime_decoder *d, struct span text, uint8_t *to)
{
	switch (d->encoding) {
	case MIME_BASE64:
		return base64(d, text, to);
	case MIME_QUOTED_PRINTABLE:
		return quoted_printable(d, text, to);
	case MIME_IDENTITY:
		break;
	}
	if (text.len)
		memcpy(to, text.at, text.len);
	return text.len;
}

/* A "=" at the very end was to join a line that did not come; blanks there end the last line. */
size_t mime_decode_end(struct mime_decoder *d, uint8_t *to)
{
	size_t len = d->escape_len == 2 && hex_value((uint8_t)d->escape[1]) >= 0 ? put_escape(d, to) : 0;
	enum mime_encoding encoding = d->encoding;
	*d = (struct mime_decoder){.encoding = encoding};
	return len;
}
