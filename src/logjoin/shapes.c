/* SPDX-License-Identifier: BSD-2-Clause */
#include "logjoin/shapes.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/hash.h"

/* uthash's own functions fall through cases without saying so */
#define HASH_FUNCTION(key, len, hash) ((hash) = (unsigned)hash_octets(span_of(key, len), 0))
#include <uthash.h>

enum { SHAPE_OCTETS = 160, SHAPES_ARENA_MAX = 4 << 20 };

struct shape {
	struct unparsed_shape row;
	UT_hash_handle hh;
};

struct shapes {
	struct arena arena;
	struct shape *by_text;
	struct unparsed_shape sorted[UNPARSED_SHAPES_MAX];
	size_t count;
};

struct shapes *shapes_new(void)
{
	struct shapes *s = calloc(1, sizeof(*s));
	if (s)
		s->arena = arena_make(SHAPES_ARENA_MAX);
	return s;
}

void shapes_free(struct shapes *s)
{
	if (!s)
		return;
	HASH_CLEAR(hh, s->by_text);
	arena_release(&s->arena);
	free(s);
}

/* A word is folded that holds a digit, '@' or an octet outside ASCII; a run of folded words becomes one '#'. */
static bool is_variable(struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if (ascii_is_digit(word.at[i]) || word.at[i] == '@' || word.at[i] >= 0x80 || word.at[i] < ' ')
			return true;
	return false;
}

static size_t fold(struct span text, char *out, size_t size)
{
	size_t len = 0, i = 0;
	bool folded = false;
	while (i < text.len && len + 2 < size) {
		size_t end = i;
		struct span word;
		while (end < text.len && text.at[end] != ' ')
			end++;
		word = span_of(text.at + i, end - i);
		if (is_variable(word)) {
			if (!folded && len + 2 < size) {
				out[len++] = '#';
				out[len++] = ' ';
			}
			folded = true;
		} else {
			size_t n = word.len < size - len - 2 ? word.len : size - len - 2;
			memcpy(out + len, word.at, n);
			len += n;
			out[len++] = ' ';
			folded = false;
		}
		i = end + 1;
	}
	return len && out[len - 1] == ' ' ? len - 1 : len;
}

static void shape_new(struct shapes *s, const struct log_line *l, const char *key, size_t key_len, size_t program_len)
{
	struct shape *new = arena_alloc(&s->arena, 1, sizeof(*new));
	const char *text = new ? arena_copy(&s->arena, span_of(key, key_len)) : NULL;
	if (!text)
		return;
	*new = (struct shape){
		.row = {.program = arena_copy(&s->arena, span_of(key, program_len)),
			.shape = text + program_len + 1,
			.count = 1,
			.example = arena_copy(
				&s->arena, span_of(l->raw.at, l->raw.len < LINE_COPY_MAX ? l->raw.len : LINE_COPY_MAX)),
			.source = l->source,
			.number = l->number}};
	if (!new->row.program || !new->row.example)
		return;
	HASH_ADD_KEYPTR(hh, s->by_text, text, key_len, new);
}

void shapes_add(struct shapes *s, const struct log_line *l)
{
	char key[2 * SHAPE_OCTETS];
	size_t program_len = l->program.len < 64 ? l->program.len : 64, len;
	struct shape *found;
	if (program_len)
		memcpy(key, l->program.at, program_len);
	key[program_len] = ' ';
	len = program_len + 1 + fold(l->text, key + program_len + 1, SHAPE_OCTETS);
	HASH_FIND(hh, s->by_text, key, len, found);
	if (found)
		found->row.count++;
	else if (HASH_COUNT(s->by_text) < UNPARSED_SHAPES_MAX)
		shape_new(s, l, key, len, program_len);
}

static int by_count(const void *a, const void *b)
{
	const struct unparsed_shape *x = a, *y = b;
	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->shape, y->shape);
}

const struct unparsed_shape *shapes_sorted(struct shapes *s, size_t *ret_count)
{
	size_t n = 0;
	for (const struct shape *i = s->by_text; i && n < UNPARSED_SHAPES_MAX; i = i->hh.next)
		s->sorted[n++] = i->row;
	qsort(s->sorted, n, sizeof(s->sorted[0]), by_count);
	*ret_count = n;
	return s->sorted;
}
