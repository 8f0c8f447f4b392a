/* SPDX-License-Identifier: BSD-2-Clause */
/* Holes: members of a rotated set that are missing, and files that could not be read. */
#include <errno.h>
#include <stdlib.h>

#include "logread/source_internal.h"

enum { SPACINGS_MIN = 3 }; /* dated members in equal steps before a missing one is told */

int sources_hole(struct sources *s, struct hole hole)
{
	size_t room = s->hole_room ? s->hole_room * 2 : 8;
	struct hole *holes;
	struct source_gap *gaps;
	if (s->hole_count == s->hole_room) {
		holes = reallocarray(s->holes, room, sizeof(*holes));
		if (holes)
			s->holes = holes;
		gaps = reallocarray(s->gaps, room, sizeof(*gaps));
		if (gaps)
			s->gaps = gaps;
		if (!holes || !gaps)
			return -ENOMEM;
		s->hole_room = room;
	}
	s->holes[s->hole_count++] = hole;
	return hole.why ? 0 : -ENOMEM;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The member beside `i` (step 1: newer, -1: older) of the same set, in the order of stamps, that could be read. */
static uint32_t beside(const struct sources *s, size_t i, int step)
{
	const char *set = s->inputs[s->order[i]].set;
	for (size_t k = i + (size_t)step; k < s->order_count; k += (size_t)step)
		if (set && s->inputs[s->order[k]].set == set && s->files[s->order[k]].first_ms != STAMP_NONE)
			return s->order[k];
	return UINT32_MAX;
}

static int number_missing(struct sources *s, uint32_t older, uint32_t newer)
{
	const struct input *o = &s->inputs[older], *n = &s->inputs[newer];
	uint64_t missing = o->name.number - n->name.number - 1;
	const char *why;
	if (missing == 1)
		why = arena_printf(&s->arena, "%s.%llu is missing between %s and %s", n->name.stem,
				   (unsigned long long)n->name.number + 1, base_of(n->path), base_of(o->path));
	else
		why = arena_printf(&s->arena, "%llu files are missing between %s and %s", (unsigned long long)missing,
				   base_of(n->path), base_of(o->path));
	return sources_hole(s, (struct hole){.older = older, .newer = newer, .why = why});
}

/* mail.log and mail.log.2: .1 is missing. Some begin with .0 (newsyslog): then .1 beside it is none. */
static bool first_missing(const struct input *older, const struct input *newer)
{
	return newer->name.kind == LOG_NAME_BASE && older->name.kind == LOG_NAME_NUMBER && older->name.number >= 2;
}

static int hole_between(struct sources *s, uint32_t older, uint32_t newer)
{
	const struct input *o = &s->inputs[older], *n = &s->inputs[newer];
	bool numbers = o->name.kind == LOG_NAME_NUMBER && n->name.kind == LOG_NAME_NUMBER;
	if ((numbers && o->name.number > n->name.number + 1) || first_missing(o, n))
		return number_missing(s, older, newer);
	return 0;
}

/* The step in which a set is dated, where all steps but holes are equal. 0: it has none. */
static int64_t step_of(const struct sources *s, const char *set, int64_t *ret_before)
{
	int64_t least = 0, last = 0, step;
	size_t equal = 0;
	for (size_t i = 0; i < s->order_count; i++) {
		const struct input *in = &s->inputs[s->order[i]];
		if (in->set != set || in->name.kind != LOG_NAME_DATE || !in->name.whole_day)
			continue;
		step = in->name.date_s - last;
		if (last && step > 0) {
			equal = !least || step < least ? 1 : equal + (step == least);
			least = !least || step < least ? step : least;
		}
		last = in->name.date_s;
	}
	*ret_before = last;
	return equal >= SPACINGS_MIN ? least : 0;
}

static int date_missing(struct sources *s, uint32_t older, uint32_t newer)
{
	const struct input *o = &s->inputs[older], *n = &s->inputs[newer];
	int64_t before, step, days = n->name.date_s - o->name.date_s;
	if (o->name.kind != LOG_NAME_DATE || n->name.kind != LOG_NAME_DATE)
		return 0;
	step = step_of(s, o->set, &before);
	if (!step || days < 2 * step || days % step != 0)
		return 0;
	return sources_hole(s, (struct hole){.older = older,
					     .newer = newer,
					     .why = arena_printf(&s->arena, "%lld files are missing between %s and %s",
								 (long long)(days / step - 1), base_of(o->path),
								 base_of(n->path))});
}

static int unreadable(struct sources *s, size_t i)
{
	uint32_t file = s->order[i];
	return sources_hole(
		s, (struct hole){.older = beside(s, i, -1),
				 .newer = beside(s, i, 1),
				 .why = arena_printf(&s->arena, "%s: %s", s->files[file].name, s->files[file].fault)});
}

int sources_find_holes(struct sources *s)
{
	int r = 0;
	for (size_t i = 0; i < s->order_count && r == 0; i++) {
		uint32_t newer = s->order[i], older;
		if (s->files[newer].fault) {
			r = unreadable(s, i);
			continue;
		}
		older = s->inputs[newer].set && s->files[newer].first_ms != STAMP_NONE ? beside(s, i, -1) : UINT32_MAX;
		if (older == UINT32_MAX)
			continue;
		r = hole_between(s, older, newer);
		if (r == 0)
			r = date_missing(s, older, newer);
	}
	return r;
}
