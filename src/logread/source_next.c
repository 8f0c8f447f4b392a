/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lines of all files by time. Files wait in the order of their first stamps; one is opened when the others have come
 * to its first stamp. As long as one alone is open, its lines are given as they come: a comparison a line. Where
 * several are open they overlap in time, and a heap gives the earliest line.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "logread/source_internal.h"

enum {
	BEYOND_LINES = 10000, /* in a row later than the window: the rest of the file is later too */
	HOLES_MAX = 1000,     /* files of a journal that something is lost of */
};

static bool before(const struct sources *s, const struct reader *a, const struct reader *b)
{
	if (a->key_ms != b->key_ms)
		return a->key_ms < b->key_ms;
	return s->place[a->file] < s->place[b->file];
}

static void heap_down(struct sources *s, size_t at)
{
	for (;;) {
		size_t least = at, child = 2 * at + 1;
		struct reader *r;
		if (child < s->heap_count && before(s, s->heap[child], s->heap[least]))
			least = child;
		if (child + 1 < s->heap_count && before(s, s->heap[child + 1], s->heap[least]))
			least = child + 1;
		if (least == at)
			return;
		r = s->heap[at];
		s->heap[at] = s->heap[least];
		s->heap[least] = r;
		at = least;
	}
}

static void heap_push(struct sources *s, struct reader *r)
{
	size_t at = s->heap_count++;
	while (at > 0 && before(s, r, s->heap[(at - 1) / 2])) {
		s->heap[at] = s->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	s->heap[at] = r;
}

void reader_figures(struct sources *s, struct reader *r)
{
	struct source_file *f = &s->files[r->file];
	struct input *in = &s->inputs[r->file];
	f->lines = r->count;
	f->last_ms = r->last_ms;
	in->at = r->journal ? 0 : lines_offset(&r->lines);
	in->at_number = r->journal ? r->count : r->lines.ends;
	in->open_end = r->open_end;
	f->octets = r->octets_before + in->at - r->start_at;
	in->stamps = r->stamps;
}

static void note_end(struct sources *s, struct reader *r, const struct blocks_state *state)
{
	struct source_file *f = &s->files[r->file];
	struct input *in = &s->inputs[r->file];
	uint32_t newer = UINT32_MAX;
	f->cut = state->cut || (in->rotated && r->open_end && !in->skip);
	if (state->fault)
		set_fault(s, r->file, state->fault);
	if (!state->cut && !state->fault)
		return;
	for (size_t i = s->place[r->file] + 1; i < s->count && newer == UINT32_MAX; i++)
		for (uint32_t k = 0; k < s->count; k++)
			if (s->place[k] == i && in->set && s->inputs[k].set == in->set)
				newer = k;
	sources_hole(s,
		     (struct hole){.older = r->file,
				   .newer = newer,
				   .within = true,
				   .why = arena_printf(&s->arena, "%s: %s", f->name,
						       state->fault ? state->fault : "the file ends in the middle")});
}

static void note_journal(struct sources *s, const struct journal *j)
{
	struct journal_gap gap;
	for (size_t i = 0; i < HOLES_MAX && journal_gap(j, i, &gap); i++)
		sources_hole(s, (struct hole){.older = UINT32_MAX,
					      .newer = UINT32_MAX,
					      .why = arena_copy(&s->arena, span_str(gap.why)),
					      .timed = true,
					      .from_ms = gap.from_ms,
					      .to_ms = gap.to_ms});
}

void reader_finish(struct sources *s, struct reader *r)
{
	struct input *in = &s->inputs[r->file];
	struct blocks_state state = {0};
	char endless[96];
	reader_figures(s, r);
	if (r->lines.blocks)
		state = blocks_state(r->lines.blocks);
	if (r->lines.endless) {
		snprintf(endless, sizeof(endless), "line %" PRIu64 " has no end within %d MB; this is no log",
			 r->lines.ends + 1, LOG_LINE_END_MAX >> 20);
		state.fault = endless;
	}
	s->done_octets += state.stored;
	note_end(s, r, &state);
	in->ended = true;
	s->threads -= in->threaded;
	in->threaded = false;
	if (r->journal) { /* it is asked again by sources_follow() */
		note_journal(s, r->journal);
		in->follower = r;
		return;
	}
	reader_free(r);
}

int twice_begin(struct sources *s)
{
	uint64_t seed = 0;
	if (s->twice)
		return 0;
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) < 0)
		seed = (uint64_t)s->now_ms;
	s->twice = twice_new(seed);
	return s->twice ? 0 : -ENOMEM;
}

/* The next file in order begins: its first line is read. */
static int open_next(struct sources *s)
{
	uint32_t file = s->order[s->order_at++];
	struct input *in = &s->inputs[file];
	struct reader *r;
	int got = input_open(s, file, true, &r);
	s->next_first_ms = s->order_at < s->order_count ? s->files[s->order[s->order_at]].first_ms : INT64_MAX;
	if (got < 0) {
		if (got == -ENOMEM)
			return got;
		return sources_hole(s, (struct hole){.older = UINT32_MAX,
						     .newer = UINT32_MAX,
						     .why = arena_printf(&s->arena, "%s: %s", s->files[file].name,
									 s->files[file].fault)});
	}
	r->key_ms = s->files[file].first_ms;
	in->begun = true;
	got = reader_next(r, true);
	if (got == 1 && r->lines.base == 0)
		in->head = head_of(r->lines.block);
	if (got == 1)
		heap_push(s, r);
	else
		reader_finish(s, r);
	return got < 0 ? got : 0;
}

/* All files that begin no later than the earliest line waiting. */
static int open_due(struct sources *s)
{
	int r = 0;
	while (r == 0 && s->order_at < s->order_count &&
	       (s->heap_count == 0 || s->next_first_ms <= s->heap[0]->key_ms)) {
		r = open_next(s);
		if (r == 0 && s->heap_count > 1)
			r = twice_begin(s);
	}
	return r;
}

static bool in_window(const struct sources *s, struct reader *r)
{
	if (s->to_ms != STAMP_NONE && r->key_ms > s->to_ms) {
		r->beyond += r->key_ms > s->to_ms + ORDER_GRACE_MS;
		return false;
	}
	r->beyond = 0;
	return s->from_ms == STAMP_NONE || r->key_ms == STAMP_NONE || r->key_ms >= s->from_ms;
}

bool line_wanted(struct sources *s, struct reader *r)
{
	bool merging = s->heap_count > 1 || s->following;
	if (s->files[r->file].first_ms == STAMP_NONE)
		s->files[r->file].first_ms = r->last_ms;
	if (s->twice && r->key_ms != STAMP_NONE && (merging || r->key_ms <= s->twice_until_ms)) {
		if (r->key_ms > s->twice_until_ms)
			s->twice_until_ms = r->key_ms;
		if (twice_seen(s->twice, r->line.raw, r->key_ms, r->file))
			return false;
	}
	return in_window(s, r);
}

/* The reader whose line was given goes on; at its end it leaves the heap. */
static int advance(struct sources *s)
{
	struct reader *r = s->given;
	int got = r->beyond > BEYOND_LINES ? 0 : reader_next(r, true);
	s->given = NULL;
	if (got == 1) {
		heap_down(s, 0);
		return 0;
	}
	s->heap[0] = s->heap[--s->heap_count];
	heap_down(s, 0);
	reader_finish(s, r);
	return got;
}

static int next_merged(struct sources *s)
{
	int r = 0;
	for (;;) {
		if (s->given)
			r = advance(s);
		if (r == 0)
			r = open_due(s);
		if (r < 0 || s->heap_count == 0)
			return r;
		s->given = s->heap[0];
		if (line_wanted(s, s->given))
			return 1;
	}
}

/* One file alone is open, and the next one's time has not come. @return 1; 0: that has changed, s->given is NULL; -errno */
static int next_alone(struct sources *s)
{
	struct reader *r = s->given;
	int got;
	while ((got = reader_next(r, true)) == 1) {
		if (r->key_ms >= s->next_first_ms || r->beyond > BEYOND_LINES) {
			s->given = NULL; /* its line waits in the heap */
			return 0;
		}
		if (in_window(s, r))
			return 1;
	}
	s->given = NULL;
	s->heap_count = 0;
	reader_finish(s, r);
	return got;
}

int sources_next(struct sources *s, const struct log_line **ret_line)
{
	int r = 0;
	if (!s->prepared) {
		r = sources_prepare(s);
		if (r < 0)
			return r;
	}
	if (s->given && s->heap_count == 1 && s->given->key_ms > s->twice_until_ms)
		r = next_alone(s);
	if (r == 0)
		r = next_merged(s);
	if (r == 1)
		*ret_line = &s->given->line;
	return r;
}
