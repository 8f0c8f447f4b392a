/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_BASE_BUF_H
#define OFFLIST_BASE_BUF_H

#include "base/span.h"

/**
 * A growing buffer that never grows past `max`. Its error sticks (-E2BIG past max, -ENOMEM), appends after it do
 * nothing, so a writer checks `error` once at its end. `at` always ends with a NUL beyond `len` once anything was added.
 */
struct buf {
	char *at;
	size_t len;  /* octets used */
	size_t size; /* octets allocated */
	size_t max;  /* octets allowed */
	int error;   /* 0 or the first error */
};

static inline struct buf buf_make(size_t max)
{
	return (struct buf){.max = max};
}

void buf_release(struct buf *b);

/** Empty it, keep the memory, forget the error. */
void buf_clear(struct buf *b);

void buf_add(struct buf *b, struct span data);
void buf_add_str(struct buf *b, const char *text);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline struct span buf_span(const struct buf *b)
{
	return span_of(b->at, b->len);
}

/** The text as a C string, "" when nothing was added. Valid until the next change. */
static inline const char *buf_text(const struct buf *b)
{
	return b->at ? b->at : "";
}

#endif
