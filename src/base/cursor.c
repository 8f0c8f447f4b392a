/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading outside bytes with an error that sticks. */
#include "base/cursor.h"

#include <errno.h>

struct span cursor_take(struct cursor *c, size_t n)
{
	struct span out;
	if (c->error || n > c->data.len - c->pos) {
		if (!c->error)
			c->error = -EBADMSG;
		return (struct span){NULL, 0};
	}
	out = span_of(c->data.at + c->pos, n);
	c->pos += n;
	return out;
}

uint8_t cursor_u8(struct cursor *c)
{
	struct span s = cursor_take(c, 1);
	return s.len ? s.at[0] : 0;
}

uint16_t cursor_u16(struct cursor *c)
{
	struct span s = cursor_take(c, 2);
	return s.len ? (uint16_t)(s.at[0] << 8 | s.at[1]) : 0;
}

uint32_t cursor_u32(struct cursor *c)
{
	struct span s = cursor_take(c, 4);
	return s.len ? (uint32_t)s.at[0] << 24 | (uint32_t)s.at[1] << 16 | (uint32_t)s.at[2] << 8 | s.at[3] : 0;
}
