/* SPDX-License-Identifier: BSD-2-Clause */
/* The sources as a whole. */
#include <stdlib.h>

#include "logread/source_internal.h"

struct sources *sources_new(const struct zone *zone, int64_t now_ms)
{
	struct sources *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->zone = zone;
	s->now_ms = now_ms;
	s->from_ms = s->to_ms = STAMP_NONE;
	s->twice_until_ms = INT64_MIN;
	s->arena = arena_make(SOURCES_ARENA_MAX);
	return s;
}

void sources_trace(struct sources *s, const struct trace *trace)
{
	s->trace = trace;
}

void sources_free(struct sources *s)
{
	if (!s)
		return;
	sources_follow_end(s);
	for (size_t i = 0; i < s->heap_count; i++)
		reader_free(s->heap[i]);
	twice_free(s->twice);
	free(s->heap);
	free(s->place);
	free(s->order);
	free(s->inputs);
	free(s->files);
	free(s->holes);
	free(s->gaps);
	arena_release(&s->arena);
	free(s);
}

void sources_window(struct sources *s, int64_t from_ms, int64_t to_ms)
{
	s->from_ms = from_ms;
	s->to_ms = to_ms;
}

const struct source_file *sources_files(const struct sources *s, size_t *ret_count)
{
	*ret_count = s->count;
	return s->files;
}

const struct source_gap *sources_gaps(const struct sources *s, size_t *ret_count)
{
	for (size_t i = 0; i < s->hole_count; i++) {
		const struct hole *h = &s->holes[i];
		const struct source_file *older = h->older == UINT32_MAX ? NULL : &s->files[h->older];
		const struct source_file *newer = h->newer == UINT32_MAX ? NULL : &s->files[h->newer];
		s->gaps[i].from_ms = h->timed ? h->from_ms : older ? older->last_ms : STAMP_NONE;
		s->gaps[i].to_ms = h->timed ? h->to_ms : newer ? newer->first_ms : STAMP_NONE;
		s->gaps[i].why = h->why;
	}
	*ret_count = s->hole_count;
	return s->gaps;
}

void sources_progress(const struct sources *s, uint64_t *ret_done, uint64_t *ret_total)
{
	uint64_t done = s->done_octets, total = 0;
	for (size_t i = 0; i < s->heap_count; i++)
		if (s->heap[i]->lines.blocks)
			done += blocks_state(s->heap[i]->lines.blocks).stored;
	for (size_t i = 0; i < s->count; i++) {
		if (s->inputs[i].kind != INPUT_FILE) {
			total = 0;
			break;
		}
		total += s->inputs[i].skip ? 0 : s->files[i].stored_octets;
	}
	*ret_done = done;
	*ret_total = total;
}
