/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks to lines. */
#include <errno.h>

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "logread/line.h"
#include "logread/source_lines.h"

enum { HOLE_MIN = 8 }; /* NULs in a row: a hole that a crash left, not a text */

void lines_init(struct lines *l, struct blocks *blocks)
{
	*l = (struct lines){.blocks = blocks, .carry = buf_make(LOG_LINE_MAX)};
#ifdef __SSE2__
	l->wide = __builtin_cpu_supports("avx2");
#endif
}

void lines_release(struct lines *l)
{
	blocks_free(l->blocks);
	buf_release(&l->carry);
	l->blocks = NULL;
}

static bool refill(struct lines *l)
{
	struct span next;
	if (l->endless || blocks_next(l->blocks, &next) <= 0)
		return false;
	l->base += l->block.len;
	l->block = next;
	l->pos = l->searched = 0;
	l->has_nul = false;
	return true;
}

static struct span without_cr(struct span s)
{
	if (s.len && s.at[s.len - 1] == '\r')
		s.len--;
	return s;
}

static size_t nuls_at(struct span s)
{
	size_t n = 0;
	while (n < s.len && s.at[n] == 0)
		n++;
	return n;
}

/* Where the line ends: at its LF, or where a hole begins. s.len: not in this block. */
static size_t end_of(struct span s)
{
	const uint8_t *lf = memchr(s.at, '\n', s.len), *nul;
	size_t end = lf ? (size_t)(lf - s.at) : s.len, from = 0, run;
	while (from < end && (nul = memchr(s.at + from, 0, end - from))) {
		from = (size_t)(nul - s.at);
		run = nuls_at(span_of(nul, end - from));
		if (run >= HOLE_MIN)
			return from;
		from += run;
	}
	return end;
}

/* No more than LOG_LINE_MAX is kept of a line; the rest is passed over. @return 0; -ENOMEM. */
static int carry_add(struct lines *l, struct span part)
{
	size_t room = LOG_LINE_MAX - l->carry.len;
	if (part.len > room)
		part.len = room;
	buf_add(&l->carry, part);
	return l->carry.error;
}

/* Pass over the rest of a line given before it was whole, and the NULs a line begins with. @return whether any was. */
static bool pass_over(struct lines *l, struct span rest)
{
	const uint8_t *lf;
	size_t n;
	if (l->passing) {
		lf = memchr(rest.at, '\n', rest.len);
		l->pos += lf ? (size_t)(lf - rest.at) + 1 : rest.len;
		l->ends += lf != NULL;
		l->passing = !lf;
		return true;
	}
	n = l->carry.len ? 0 : nuls_at(rest);
	l->pos += n;
	return n > 0;
}

static int give(struct lines *l, struct span text, struct raw_line *ret_line)
{
	if (text.len > LOG_LINE_MAX)
		text.len = LOG_LINE_MAX;
	while (text.len && text.at[text.len - 1] == 0)
		text.len--;
	*ret_line = (struct raw_line){.text = without_cr(text), .number = l->ends + 1, .offset = l->open_at};
	return 1;
}

/* The part of a line that this block has. @return 1: the line is whole; 0: it goes on; -ENOMEM. */
static int part(struct lines *l, struct span rest, struct raw_line *ret_line)
{
	size_t end = end_of(rest);
	bool whole = end < rest.len;
	struct span text = span_of(rest.at, end);
	int r = 0;
	if (!l->carry.len)
		l->open_at = l->base + l->pos;
	if (!whole || l->carry.len) {
		r = carry_add(l, text);
		text = buf_span(&l->carry);
		l->carried = whole;
	}
	l->pos += end;
	if (r < 0 || !whole)
		return r;
	r = give(l, text, ret_line);
	if (rest.at[end] == '\n') {
		l->pos++;
		l->ends++;
	}
	return r;
}

static int open_line(struct lines *l, struct raw_line *ret_line)
{
	l->passing = l->carried = true;
	give(l, buf_span(&l->carry), ret_line);
	ret_line->open = true;
	return 1;
}

static void give_up(struct lines *l)
{
	l->endless = true;
	l->pos = l->block.len;
	buf_clear(&l->carry);
}

static int next_slowly(struct lines *l, bool last, struct raw_line *ret_line)
{
	uint64_t from = l->base + l->pos;
	struct span rest;
	int r = 0;
	while (r == 0) {
		if (l->base + l->pos - from > LOG_LINE_END_MAX)
			give_up(l);
		if (l->pos == l->block.len && !refill(l))
			return last && l->carry.len ? open_line(l, ret_line) : 0;
		rest = span_of(l->block.at + l->pos, l->block.len - l->pos);
		if (!pass_over(l, rest))
			r = part(l, rest, ret_line);
		else if (blocks_end(l->blocks)) /* holes have whatever size the log once had */
			from = l->base + l->pos;
	}
	return r;
}

#ifdef __SSE2__
/* A bit for each LF among 64 octets. @return false: there is a NUL among them. */
static bool ends_among(const uint8_t *at, uint64_t *ret_bits)
{
	const __m128i *w = (const __m128i *)(const void *)at;
	const __m128i lf = _mm_set1_epi8('\n');
	__m128i least = _mm_set1_epi8(-1);
	uint64_t bits = 0;
	for (int i = 0; i < 4; i++) {
		__m128i octets = _mm_loadu_si128(w + i);
		least = _mm_min_epu8(least, octets);
		bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(octets, lf)) << 16 * i;
	}
	*ret_bits = bits;
	return _mm_movemask_epi8(_mm_cmpeq_epi8(least, _mm_setzero_si128())) == 0;
}

/* Mostly there is one line end in 64 octets, or none: which of both is not worth a branch. */
static size_t note_ends(uint64_t bits, size_t from, uint32_t *end)
{
	size_t count = 0;
	do {
		end[count] = (uint32_t)(from + (size_t)__builtin_ctzll(bits | UINT64_C(1) << 63));
		count += bits != 0;
		bits &= bits - 1;
	} while (bits);
	return count;
}

/* @return where the search ended: at a NUL or before the last octets of the block */
static size_t find_many_narrow(struct lines *l, size_t at)
{
	uint64_t bits;
	for (; at + 64 <= l->block.len && l->end_count + 64 <= LINE_ENDS; at += 64) {
		if (!ends_among(l->block.at + at, &bits))
			return at;
		l->end_count += note_ends(bits, at, l->end + l->end_count);
	}
	return at;
}

/* As find_many_narrow(), for processors that have AVX2: half the instructions. */
__attribute__((target("avx2"))) static size_t find_many_wide(struct lines *l, size_t at)
{
	const __m256i lf = _mm256_set1_epi8('\n');
	size_t count = l->end_count;
	for (; at + 64 <= l->block.len && count + 64 <= LINE_ENDS; at += 64) {
		const __m256i *w = (const __m256i *)(const void *)(l->block.at + at);
		__m256i a = _mm256_loadu_si256(w), b = _mm256_loadu_si256(w + 1);
		__m256i nul = _mm256_cmpeq_epi8(_mm256_min_epu8(a, b), _mm256_setzero_si256());
		uint64_t bits = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, lf)) |
				(uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, lf)) << 32;
		if (_mm256_movemask_epi8(nul))
			break;
		count += note_ends(bits, at, l->end + count);
	}
	l->end_count = count;
	return at;
}

static size_t find_many(struct lines *l, size_t at)
{
	return l->wide ? find_many_wide(l, at) : find_many_narrow(l, at);
}
#else
static size_t find_many(struct lines *l, size_t at)
{
	return at;
}
#endif

/* Find the next line ends of the block, up to a line that has a NUL. */
static void find_ends(struct lines *l)
{
	size_t at = find_many(l, l->searched > l->pos ? l->searched : l->pos);
	while (at < l->block.len && l->end_count <= LINE_ENDS - 64) {
		struct span rest = span_of(l->block.at + at, l->block.len - at);
		size_t n = span_find(rest, '\n');
		l->has_nul = n && memchr(rest.at, 0, n);
		if (l->has_nul)
			break;
		at += n;
		if (at < l->block.len)
			l->end[l->end_count++] = (uint32_t)at++;
	}
	l->searched = at;
}

/* Of a block that is no longer than a line may be: none has to be cut. */
static bool is_plain(const struct lines *l)
{
	return l->pos < l->block.len && l->block.len <= LOG_LINE_MAX && !l->has_nul && !l->passing && !l->carry.len;
}

int lines_next_anew(struct lines *l, bool last, struct raw_line *ret_line)
{
	if (l->carried)
		buf_clear(&l->carry);
	l->carried = false;
	l->end_at = l->end_count = 0;
	if (is_plain(l))
		find_ends(l);
	return l->end_count ? lines_next(l, last, ret_line) : next_slowly(l, last, ret_line);
}

static uint64_t ends_in(struct span s)
{
	uint64_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += s.at[i] == '\n';
	return n;
}

int lines_take(struct lines *l, uint64_t count, size_t keep_max, struct buf *keep)
{
	struct span piece;
	l->end_at = l->end_count = 0;
	l->searched = l->pos;
	while (count > 0) {
		if (l->pos == l->block.len && !refill(l))
			return 0;
		piece = span_of(l->block.at + l->pos, l->block.len - l->pos);
		if (piece.len > count)
			piece.len = (size_t)count;
		l->pos += piece.len;
		count -= piece.len;
		l->ends += ends_in(piece);
		if (piece.len > keep_max)
			piece.len = keep_max;
		if (keep)
			buf_add(keep, piece);
		keep_max -= piece.len;
	}
	return 1;
}

uint64_t lines_offset(const struct lines *l)
{
	return l->carry.len && !l->carried ? l->open_at : l->base + l->pos;
}
