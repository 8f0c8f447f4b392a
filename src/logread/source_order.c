/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of files: by their first stamps. Names help where stamps have no year and where a set has holes. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "logread/source_internal.h"

enum { DAY_MS = 86400 * 1000, TAIL_OCTETS = 64 << 10, PACKED_AFTER_MS = 946684800 }; /* 2000-01-01, in seconds */

/* When the text was last written at most: the file's time, or what its name or packing say where that is earlier. */
static int64_t written_ms(const struct input *in, const struct blocks_state *state)
{
	int64_t ms = in->written_ms, named_ms;
	if (state->packed_ms > PACKED_AFTER_MS * INT64_C(1000) && state->packed_ms < ms)
		ms = state->packed_ms;
	if (in->name.kind == LOG_NAME_DATE) {
		/* Exim's date is the day of the lines, logrotate's that of the rotation; zones reach 14 h */
		named_ms = in->name.date_s * 1000 + INT64_C(2) * DAY_MS;
		if (named_ms < ms)
			ms = named_ms;
	}
	return ms;
}

static int input_blocks(struct sources *s, struct input *in, bool thread, struct blocks **ret_blocks)
{
	uint64_t size = s->files[in - s->inputs].stored_octets;
	int fd;
	if (in->kind == INPUT_STDIN && !in->path)
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		fd = open(in->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	return blocks_open(fd, thread, in->kind == INPUT_FILE ? size + GROWTH_MAX : UINT64_MAX, ret_blocks);
}

static int open_journal(struct sources *s, uint32_t file, struct reader **ret_reader)
{
	struct journal *j = NULL;
	struct error err = {""};
	int r = journal_open(s->inputs[file].path, &j, &err);
	if (r < 0) {
		if (r != -ENOMEM)
			set_fault(s, file, err.text);
		return r;
	}
	if (s->from_ms != STAMP_NONE)
		journal_seek(j, s->from_ms);
	return reader_of_journal(j, stamps_of(s->zone, s->now_ms), file, ret_reader);
}

int input_open(struct sources *s, uint32_t file, bool thread, struct reader **ret_reader)
{
	struct input *in = &s->inputs[file];
	struct blocks *b = NULL;
	struct blocks_state state;
	struct stamps stamps;
	struct stat st = {.st_size = 0};
	int r;
	if (in->kind == INPUT_JOURNAL)
		return open_journal(s, file, ret_reader);
	r = input_blocks(s, in, thread && s->threads < THREADS_MAX, &b);
	if (r < 0) {
		if (r != -ENOMEM)
			set_fault(s, file,
				  r == -ELIBACC ? "it is packed, and libarchive is not installed"
						: strerrordesc_np(-r));
		return r;
	}
	state = blocks_state(b);
	if (in->kind == INPUT_FILE && fstat(blocks_fd(b), &st) == 0) { /* its name may have gone to another since */
		in->dev = st.st_dev;
		in->ino = st.st_ino;
	}
	in->packed = state.packed;
	in->threaded = state.packed && thread && s->threads < THREADS_MAX;
	s->threads += in->threaded;
	stamps = stamps_of(s->zone, written_ms(in, &state));
	if (in->kind == INPUT_FILE && !state.packed)
		stamps.first_year = source_first_year(blocks_fd(b), (uint64_t)st.st_size, &stamps);
	return reader_of_blocks(b, stamps, file, ret_reader);
}

/* The first stamp of a file. A pipe or the journal cannot be looked at beforehand: they are opened first. */
static int probe(struct sources *s, uint32_t file)
{
	struct reader *r;
	int got = input_open(s, file, false, &r);
	if (got < 0)
		return got == -ENOMEM ? got : 0;
	for (int n = 0; n < PROBE_LINES && (got = reader_next(r, true)) == 1 && r->last_ms == STAMP_NONE; n++)
		;
	s->files[file].first_ms = r->last_ms;
	reader_free(r);
	return got < 0 ? got : 0;
}

/* The last stamp of a plain file, from its end: only where it may save reading the file. */
static int64_t last_stamp(struct sources *s, uint32_t file)
{
	uint64_t size = s->files[file].stored_octets;
	struct reader *r;
	int64_t ms;
	if (s->inputs[file].packed || input_open(s, file, false, &r) < 0)
		return STAMP_NONE;
	r->stamps.first_year = 0;
	if (size > TAIL_OCTETS)
		blocks_seek(r->lines.blocks, size - TAIL_OCTETS);
	while (reader_next(r, true) == 1)
		;
	ms = r->last_ms;
	reader_free(r);
	return ms;
}

/* Members of one set, newest first by their names. */
static int by_name(const struct input *a, const struct input *b)
{
	int kind = (a->name.kind != LOG_NAME_BASE) - (b->name.kind != LOG_NAME_BASE);
	if (kind)
		return kind;
	if (a->name.kind == LOG_NAME_DATE && b->name.kind == LOG_NAME_DATE)
		return (a->name.date_s < b->name.date_s) - (a->name.date_s > b->name.date_s);
	return (a->name.number > b->name.number) - (a->name.number < b->name.number);
}

struct sorted {
	const struct sources *s;
	uint32_t file;
};

static int sets_newest_first(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	const struct input *in = &x->s->inputs[x->file], *other = &y->s->inputs[y->file];
	int r;
	if (in->set != other->set)
		return !in->set ? 1 : !other->set ? -1 : strcmp(in->set, other->set);
	r = in->set ? by_name(in, other) : 0;
	return r ? r : (x->file > y->file) - (x->file < y->file);
}

static int oldest_first(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	int64_t first = x->s->files[x->file].first_ms, other = y->s->files[y->file].first_ms;
	if (first != other)
		return first < other ? -1 : 1;
	return -sets_newest_first(a, b);
}

/*
 * Without a year the time of a copied file leads astray: "Nov 28" in the older file of a set becomes last year's while
 * "Dec 2" in the newer... What a name calls older was written before the newer one began.
 */
static int settle_year(struct sources *s, uint32_t older, uint32_t newer)
{
	int64_t first = s->files[older].first_ms, next = s->files[newer].first_ms;
	if (first == STAMP_NONE || next == STAMP_NONE || first - next < INT64_C(180) * DAY_MS)
		return 0;
	s->inputs[older].written_ms = next + DAY_MS;
	return probe(s, older);
}

static int settle_sets(struct sources *s, struct sorted *sorted, size_t n)
{
	int r = 0;
	qsort(sorted, n, sizeof(*sorted), sets_newest_first);
	for (size_t i = 0; i + 1 < n && r == 0; i++) {
		uint32_t newer = sorted[i].file, older = sorted[i + 1].file;
		struct input *in = &s->inputs[older];
		if (!in->set || in->set != s->inputs[newer].set)
			continue;
		if (in->name.kind == LOG_NAME_DATE)
			in->rotated = true;
		r = settle_year(s, older, newer);
	}
	return r;
}

/* When the next file of its set begins, the one at `at` in the order has ended. STAMP_NONE: there is no next one. */
static int64_t next_begins(const struct sources *s, size_t at)
{
	const struct input *in = &s->inputs[s->order[at]];
	int64_t begins = STAMP_NONE;
	for (size_t k = at + 1; in->set && k < s->order_count && begins == STAMP_NONE; k++)
		if (s->inputs[s->order[k]].set == in->set)
			begins = s->files[s->order[k]].first_ms;
	return begins;
}

/* Files that end before the window, as the next one of their set has begun by then, or that begin after it. */
static void leave_out(struct sources *s)
{
	for (size_t i = 0; i < s->order_count; i++) {
		uint32_t file = s->order[i];
		struct input *in = &s->inputs[file];
		if (in->kind != INPUT_FILE || s->files[file].first_ms == STAMP_NONE)
			continue;
		int64_t end = next_begins(s, i);
		if (s->from_ms != STAMP_NONE && end == STAMP_NONE)
			end = last_stamp(s, file);
		if (s->from_ms != STAMP_NONE && end != STAMP_NONE && end < s->from_ms - ORDER_GRACE_MS)
			in->skip = true;
		if (s->to_ms != STAMP_NONE && s->files[file].first_ms > s->to_ms + ORDER_GRACE_MS)
			in->skip = true;
		if (in->skip)
			s->files[file].last_ms = end;
	}
}

static void drop_skipped(struct sources *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->order_count; i++)
		if (!s->inputs[s->order[i]].skip && !s->files[s->order[i]].fault)
			s->order[n++] = s->order[i];
	s->order_count = n;
	s->next_first_ms = n ? s->files[s->order[0]].first_ms : INT64_MAX;
}

static int order_files(struct sources *s, struct sorted *sorted)
{
	int r = settle_sets(s, sorted, s->count);
	if (r < 0)
		return r;
	qsort(sorted, s->count, sizeof(*sorted), oldest_first);
	for (size_t i = 0; i < s->count; i++) {
		s->order[i] = sorted[i].file;
		s->place[sorted[i].file] = (uint32_t)i;
	}
	s->order_count = s->count;
	r = sources_find_holes(s);
	if (s->from_ms != STAMP_NONE || s->to_ms != STAMP_NONE)
		leave_out(s);
	drop_skipped(s);
	return r;
}

int sources_prepare(struct sources *s)
{
	struct sorted *sorted = calloc(s->count + 1, sizeof(*sorted));
	int r = sorted ? 0 : -ENOMEM;
	s->order = calloc(s->count + 1, sizeof(*s->order));
	s->place = calloc(s->count + 1, sizeof(*s->place));
	s->heap = calloc(s->count + 1, sizeof(struct reader *));
	if (!s->order || !s->place || !s->heap)
		r = -ENOMEM;
	for (uint32_t i = 0; i < s->count && r == 0; i++) {
		sorted[i] = (struct sorted){s, i};
		if (s->inputs[i].kind == INPUT_FILE && !s->inputs[i].skip && !s->files[i].fault)
			r = probe(s, i);
	}
	if (r == 0)
		r = order_files(s, sorted);
	free(sorted);
	s->prepared = r == 0;
	return r;
}
