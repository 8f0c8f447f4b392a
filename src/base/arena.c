/* SPDX-License-Identifier: BSD-2-Clause */
/* Arena: many allocations, one release. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_OCTETS = 16384 };

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(max_align_t) unsigned char data[];
};

void arena_release(struct arena *a)
{
	struct arena_block *next;
	for (struct arena_block *b = a->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = arena_make(a->max);
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
	size_t want, octets;
	struct arena_block *b = a->blocks;
	void *out;
	if (__builtin_mul_overflow(count, size, &want) || want > a->max)
		return NULL;
	want = (want + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
	if (!b || want > b->size - b->used) {
		octets = want > BLOCK_OCTETS ? want : BLOCK_OCTETS;
		if (octets > a->max - a->used)
			octets = want;
		if (octets > a->max - a->used)
			return NULL;
		b = calloc(1, sizeof(*b) + octets);
		if (!b)
			return NULL;
		*b = (struct arena_block){.next = a->blocks, .size = octets};
		a->blocks = b;
		a->used += octets;
	}
	out = b->data + b->used;
	b->used += want;
	return out;
}

char *arena_copy(struct arena *a, struct span text)
{
	char *out = arena_alloc(a, text.len + 1, 1);
	if (out && text.len)
		memcpy(out, text.at, text.len);
	return out;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *out = NULL;
	int n;
	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		return NULL;
	out = arena_alloc(a, (size_t)n + 1, 1);
	if (out) {
		va_start(args, format);
		vsnprintf(out, (size_t)n + 1, format, args);
		va_end(args);
	}
	return out;
}
