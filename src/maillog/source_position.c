/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where reading stands, as text that is kept between runs:
 *   offlist-log 1
 *   file DEVICE INODE OFFSET LINES HEAD-LENGTH HEAD-HASH PATH
 *   journal CURSOR
 * Of a set only its newest file that was begun, and those that are still open, are named: what is older was read.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/ascii.h"
#include "maillog/source_internal.h"

#define POSITION_FIRST "offlist-log 1"

/* FNV-1a: the text is kept between runs, so its figure must not change with the program. */
struct input_head head_of(struct span text)
{
	struct input_head h = {.hash = 0xcbf29ce484222325U, .len = text.len < HEAD_OCTETS ? text.len : HEAD_OCTETS};
	for (size_t i = 0; i < h.len; i++)
		h.hash = (h.hash ^ text.at[i]) * 0x100000001b3U;
	return h;
}

int head_read(const char *path, size_t len, struct input_head *ret_head)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), r;
	struct blocks *b;
	struct span first = {NULL, 0};
	if (fd < 0)
		return -errno;
	r = blocks_open(fd, false, UINT64_MAX, &b);
	if (r < 0)
		return r;
	if (blocks_next(b, &first) == 0)
		first.len = 0;
	*ret_head = head_of(span_of(first.at, first.len < len ? first.len : len));
	blocks_free(b);
	return 0;
}

/* Behind the last line that was given: a line that waits in the heap is read again. */
static void standing(const struct sources *s, uint32_t file, uint64_t *ret_at, uint64_t *ret_number)
{
	const struct input *in = &s->inputs[file];
	const struct reader *r = in->follower;
	for (size_t i = 0; i < s->heap_count; i++)
		if (s->heap[i]->file == file)
			r = s->heap[i];
	if (!r) {
		*ret_at = in->at;
		*ret_number = in->at_number;
	} else if (r == s->given || r == in->follower) {
		*ret_at = lines_offset(&r->lines);
		*ret_number = r->lines.ends;
	} else {
		*ret_at = r->line_at;
		*ret_number = r->line.number - 1;
	}
}

static bool newest_begun(const struct sources *s, uint32_t file)
{
	const struct input *in = &s->inputs[file];
	for (size_t i = 0; i < s->count && in->set; i++)
		if (s->inputs[i].set == in->set && s->inputs[i].begun && input_newer(&s->inputs[i], in))
			return false;
	return true;
}

void sources_position(const struct sources *s, struct buf *out)
{
	uint64_t at, number;
	buf_add_str(out, POSITION_FIRST "\n");
	for (uint32_t i = 0; i < s->count; i++) {
		const struct input *in = &s->inputs[i];
		if (in->kind == INPUT_JOURNAL && in->follower) {
			size_t before = out->len;
			buf_add_str(out, "journal ");
			if (journal_position(in->follower->journal, out) < 0)
				out->len = before;
			else
				buf_add_char(out, '\n');
		}
		if (in->kind != INPUT_FILE || !in->begun || strchr(in->path, '\n') ||
		    (in->ended && !in->follower && !newest_begun(s, i)))
			continue;
		standing(s, i, &at, &number);
		buf_printf(out, "file %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %zu %016" PRIx64 " %s\n", in->dev,
			   in->ino, at, number, in->head.len, in->head.hash, in->path);
	}
}

struct standing {
	uint64_t dev, ino, at, number, len, hash;
	struct span path;
};

static struct span word_off(struct span *rest)
{
	size_t end = span_find(*rest, ' ');
	struct span word = {rest->at, end};
	*rest = span_from(*rest, end + 1);
	return word;
}

static bool hash_read(struct span word, uint64_t *ret_hash)
{
	uint64_t v = 0;
	for (size_t i = 0; i < word.len; i++) {
		uint8_t c = ascii_lower(word.at[i]);
		if (!ascii_is_digit(c) && (c < 'a' || c > 'f'))
			return false;
		v = v << 4 | (uint64_t)(ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	*ret_hash = v;
	return word.len == 16;
}

static bool standing_read(struct span line, struct standing *p)
{
	uint64_t *const numbers[] = {&p->dev, &p->ino, &p->at, &p->number, &p->len};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (ascii_parse_u64(word_off(&line), UINT64_MAX, numbers[i]) < 0)
			return false;
	if (!hash_read(word_off(&line), &p->hash))
		return false;
	p->path = line;
	return line.len > 0 && p->len <= HEAD_OCTETS && p->at <= INT64_MAX;
}

/* Was this input written down there? 2: the same file by inode and begin; 1: by its begin (copied, packed); 0: no. */
static int likeness(const struct sources *s, const struct input *in, const struct standing *p)
{
	struct input_head head = {0, 0};
	bool same = in->dev == p->dev && in->ino == p->ino;
	struct log_name name;
	size_t folder = p->path.len;
	while (folder > 0 && p->path.at[folder - 1] != '/')
		folder--;
	name = log_name_read(span_from(p->path, folder));
	if (in->kind != INPUT_FILE || s->files[in - s->inputs].fault)
		return 0;
	if (!span_equal(span_str(in->path), p->path) && strcmp(in->name.stem, name.stem) != 0)
		return 0;
	if (p->len == 0)
		return same ? 2 : 0;
	if (head_read(in->path, (size_t)p->len, &head) < 0 || head.len != p->len || head.hash != p->hash)
		return 0;
	return same ? 2 : 1;
}

static int resume_file(struct sources *s, const struct standing *p)
{
	struct input *best = NULL;
	int likest = 0, like;
	for (size_t i = 0; i < s->count && likest < 2; i++) {
		like = likeness(s, &s->inputs[i], p);
		if (like > likest) {
			likest = like;
			best = &s->inputs[i];
		}
	}
	if (!best)
		return -ESTALE;
	best->resumed = true;
	best->head = (struct input_head){p->hash, (size_t)p->len};
	/* cut short and begun anew with the same words: from its beginning */
	if (likest == 2 && s->files[best - s->inputs].stored_octets < p->at && best->name.kind == LOG_NAME_BASE)
		return 0;
	best->from = p->at;
	best->from_number = p->number;
	return 0;
}

static int resume_journal(struct sources *s, struct span cursor)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->inputs[i].kind == INPUT_JOURNAL) {
			s->inputs[i].resume = arena_copy(&s->arena, cursor);
			return s->inputs[i].resume ? 0 : -ENOMEM;
		}
	return -ESTALE;
}

/* What a set has from before its resumed file was read then. */
static void leave_read_out(struct sources *s)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t k = 0; k < s->count && s->inputs[i].set && !s->inputs[i].resumed; k++)
			if (s->inputs[k].resumed && s->inputs[k].set == s->inputs[i].set &&
			    input_newer(&s->inputs[k], &s->inputs[i]))
				s->inputs[i].skip = true;
}

static int resume_line(struct sources *s, struct span line)
{
	struct span kind = word_off(&line);
	struct standing p;
	if (span_equal(kind, span_str("journal")))
		return resume_journal(s, line);
	if (!span_equal(kind, span_str("file")) || !standing_read(line, &p))
		return -EINVAL;
	return resume_file(s, &p);
}

int sources_resume(struct sources *s, struct span position)
{
	size_t end = span_find(position, '\n');
	int r = 0, one;
	if (!span_equal(span_of(position.at, end), span_str(POSITION_FIRST)))
		return -EINVAL;
	for (position = span_from(position, end + 1); position.len; position = span_from(position, end + 1)) {
		end = span_find(position, '\n');
		one = resume_line(s, span_of(position.at, end));
		if (one == -ENOMEM || one == -EINVAL)
			return one;
		if (one < 0)
			r = one;
	}
	leave_read_out(s);
	return r;
}
