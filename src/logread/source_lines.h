/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_LINES_H
#define OFFLIST_LOGREAD_SOURCE_LINES_H

#include "base/buf.h"
#include "logread/source_blocks.h"

/* Blocks to lines. A line lies in its block where it can; one that crosses blocks is put together aside. */

struct raw_line {
	struct span text; /* without its end (LF or CR LF), cut at LOG_LINE_MAX */
	uint64_t number;  /* from 1 */
	uint64_t offset;  /* of its first octet in the unpacked text */
	bool open;        /* the text ended without a line end */
};

enum { LINE_ENDS = 256 };

struct lines {
	struct blocks *blocks; /* owned */
	struct span block;
	size_t pos;              /* octets of the block that are used up */
	size_t searched;         /* octets of the block whose line ends were found */
	uint32_t end[LINE_ENDS]; /* the places of those found last; 0 <= end_at <= end_count */
	size_t end_at, end_count;
	bool wide;        /* the processor has AVX2 */
	bool has_nul;     /* the next line has: holes are looked for up to the block's end */
	bool passing;     /* what comes up to the next line end belongs to a line already given */
	bool carried;     /* the last line given lies in `carry` */
	bool endless;     /* no line end within LOG_LINE_END_MAX: no text, and perhaps no end */
	uint64_t base;    /* offset of the block */
	uint64_t ends;    /* line ends seen */
	uint64_t open_at; /* offset of what is in `carry` */
	struct buf carry;
};

void lines_init(struct lines *l, struct blocks *blocks);
void lines_release(struct lines *l);

/** As lines_next(), where no line's end is known. */
int lines_next_anew(struct lines *l, bool last, struct raw_line *ret_line);

/**
 * The next line, valid until the next call; empty ones too.
 * @param last  at the end of the text, an open line is given too; what is then added to it later is passed over.
 * @return 1; 0: the end for now; -ENOMEM.
 */
static inline int lines_next(struct lines *l, bool last, struct raw_line *ret_line)
{
	size_t pos = l->pos, end;
	if (l->end_at == l->end_count)
		return lines_next_anew(l, last, ret_line);
	end = l->end[l->end_at++];
	l->pos = end + 1;
	ret_line->text = span_of(l->block.at + pos, end - pos - (end > pos && l->block.at[end - 1] == '\r'));
	ret_line->number = ++l->ends;
	ret_line->offset = l->base + pos;
	ret_line->open = false;
	return 1;
}

/**
 * The next `count` octets whatever they are (the journal's binary fields); the first `keep_max` are added to `keep`
 * where that is not NULL. @return 1; 0: the text ended before.
 */
int lines_take(struct lines *l, uint64_t count, size_t keep_max, struct buf *keep);

/** Offset of the next octet that is read; what is put aside counts as unread. */
uint64_t lines_offset(const struct lines *l);

#endif
