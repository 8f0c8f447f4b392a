/* SPDX-License-Identifier: BSD-2-Clause */
/* Growing buffer with a mandatory maximum. */
#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_release(struct buf *b)
{
	free(b->at);
	*b = buf_make(b->max);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->error = 0;
	if (b->at)
		b->at[0] = '\0';
}

/* Room for n more octets and the NUL. */
static bool reserve(struct buf *b, size_t n)
{
	size_t want, size;
	char *at;
	if (b->error)
		return false;
	if (n > b->max - b->len) {
		b->error = -E2BIG;
		return false;
	}
	want = b->len + n + 1;
	if (want <= b->size)
		return true;
	size = b->size ? b->size * 2 : 128;
	if (size < want)
		size = want;
	if (size > b->max + 1)
		size = b->max + 1;
	at = realloc(b->at, size);
	if (!at) {
		b->error = -ENOMEM;
		return false;
	}
	b->at = at;
	b->size = size;
	return true;
}

void buf_add(struct buf *b, struct span data)
{
	if (!reserve(b, data.len))
		return;
	if (data.len)
		memcpy(b->at + b->len, data.at, data.len);
	b->len += data.len;
	b->at[b->len] = '\0';
}

void buf_add_str(struct buf *b, const char *text)
{
	buf_add(b, span_str(text));
}

void buf_add_char(struct buf *b, char c)
{
	buf_add(b, span_of(&c, 1));
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args, again;
	int n;
	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	if (n < 0)
		b->error = b->error ? b->error : -EINVAL;
	else if (reserve(b, (size_t)n)) {
		vsnprintf(b->at + b->len, (size_t)n + 1, format, again);
		b->len += (size_t)n;
	}
	va_end(again);
	va_end(args);
}
