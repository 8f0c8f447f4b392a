/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_BASE_CURSOR_H
#define OFFLIST_BASE_CURSOR_H

#include "base/span.h"

/**
 * Reads outside bytes from front to back. After the first overrun `error` is -EBADMSG for good, every read yields
 * zeros and nothing moves: a parser is a straight line with one check at its end. Fields may be read by the caller,
 * and `pos` set within [0, data.len].
 */
struct cursor {
	struct span data;
	size_t pos; /* octets read */
	int error;  /* 0 or the first error */
};

static inline struct cursor cursor_of(struct span data)
{
	return (struct cursor){.data = data};
}

/** Octets left. */
static inline size_t cursor_left(const struct cursor *c)
{
	return c->error ? 0 : c->data.len - c->pos;
}

/** The next n octets (borrowed from data); empty on overrun. */
struct span cursor_take(struct cursor *c, size_t n);

uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16(struct cursor *c); /* network byte order */
uint32_t cursor_u32(struct cursor *c); /* network byte order */

#endif
