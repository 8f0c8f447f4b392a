/* SPDX-License-Identifier: BSD-2-Clause */
/* UTF-16 (RFC 2781) to UTF-8, as a packing: Windows' PowerShell writes all that is sent into a file so. */
#include <errno.h>
#include <stdlib.h>

#include "logread/source_unpack.h"

enum { UTF8_MAX = 4 };

struct utf16 {
	size_t at, len; /* of the input: used, and there */
	bool big;       /* the more significant octet first */
	uint8_t odd;    /* the first octet of a unit whose second has not come yet */
	bool has_odd;
	uint32_t high;              /* the first half of a pair; 0: none */
	uint8_t made[2 * UTF8_MAX]; /* what a unit gave and no block has had room for */
	size_t made_at, made_len;
};

static int utf16_open(struct unpack *u)
{
	struct utf16 *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->big = u->kind == &unpack_utf16_big;
	u->state = s;
	return 0;
}

static void utf16_close(struct unpack *u)
{
	free(u->state);
}

/* @return 1; 0: the end; -errno */
static int next_octet(struct unpack *u, struct utf16 *s, uint8_t *ret_octet)
{
	ssize_t n;
	if (s->at == s->len) {
		n = unpack_fill(u);
		if (n <= 0)
			return (int)n;
		s->at = 0;
		s->len = (size_t)n;
	}
	*ret_octet = u->input[s->at++];
	return 1;
}

static int next_unit(struct unpack *u, struct utf16 *s, uint32_t *ret_unit)
{
	uint8_t second = 0;
	int r = s->has_odd ? 1 : next_octet(u, s, &s->odd);
	if (r <= 0)
		return r;
	s->has_odd = true;
	r = next_octet(u, s, &second);
	u->cut |= r == 0;
	if (r <= 0)
		return r;
	s->has_odd = false;
	*ret_unit = s->big ? (uint32_t)s->odd << 8 | second : (uint32_t)second << 8 | s->odd;
	return 1;
}

static size_t put(uint8_t *out, uint32_t c)
{
	size_t more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const uint8_t heads[] = {0, 0xc0, 0xe0, 0xf0};
	for (size_t i = more; i > 0; i--, c >>= 6)
		out[i] = (uint8_t)(0x80 | (c & 0x3f));
	out[0] = (uint8_t)(heads[more] | c);
	return more + 1;
}

/* Half a pair becomes U+FFFD; the byte order mark is left out. @return octets written */
static size_t put_unit(struct utf16 *s, uint32_t unit, uint8_t *out)
{
	size_t n = 0;
	if (s->high && unit >= 0xdc00 && unit <= 0xdfff) {
		n = put(out, 0x10000 + ((s->high - 0xd800) << 10) + (unit - 0xdc00));
		s->high = 0;
		return n;
	}
	if (s->high)
		n = put(out, 0xfffd);
	s->high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
	if (s->high || unit == 0xfeff)
		return n;
	return n + put(out + n, unit >= 0xdc00 && unit <= 0xdfff ? 0xfffd : unit);
}

static ssize_t utf16_read(struct unpack *u, uint8_t *out, size_t size)
{
	struct utf16 *s = u->state;
	size_t len = 0;
	uint32_t unit;
	int r = 1;
	while (len < size) {
		if (s->made_at < s->made_len) {
			out[len++] = s->made[s->made_at++];
			continue;
		}
		r = next_unit(u, s, &unit);
		if (r <= 0)
			break;
		s->made_at = 0;
		s->made_len = put_unit(s, unit, s->made);
	}
	return len ? (ssize_t)len : r;
}

const struct unpack_kind unpack_utf16_little = {"UTF-16", {0xff, 0xfe}, 2, utf16_read, utf16_open, utf16_close};
const struct unpack_kind unpack_utf16_big = {"UTF-16", {0xfe, 0xff}, 2, utf16_read, utf16_open, utf16_close};
