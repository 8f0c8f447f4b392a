/* SPDX-License-Identifier: BSD-2-Clause */
/* What was found, message by message. */
#include "logquery/tracking_order.h"

#include <errno.h>
#include <stdlib.h>

void tracking_order_release(struct tracking_order *o)
{
	free(o->groups);
	free(o->lives);
	free(o->lines);
	free(o->next_life);
	free(o->next_line);
}

static int by_first_line(const void *pa, const void *pb, void *arg)
{
	const struct tracking_life *lives = arg;
	size_t a = lives[*(const uint32_t *)pa].first_line, b = lives[*(const uint32_t *)pb].first_line;
	return (a > b) - (a < b);
}

int tracking_order_make(const struct tracking *t, struct tracking_order *o)
{
	size_t life_count, line_count;
	const struct tracking_life *lives = tracking_lives(t, &life_count);
	const struct tracking_line *lines = tracking_lines(t, &line_count);
	*o = (struct tracking_order){0};
	o->groups = calloc(life_count + 1, sizeof(*o->groups));
	o->lives = calloc(life_count + 1, sizeof(*o->lives));
	o->lines = calloc(life_count + 1, sizeof(*o->lines));
	o->next_life = calloc(life_count + 1, sizeof(*o->next_life));
	o->next_line = calloc(line_count + 1, sizeof(*o->next_line));
	if (!o->groups || !o->lives || !o->lines || !o->next_life || !o->next_line)
		return -ENOMEM;
	for (size_t i = life_count; i-- > 0;) { /* backwards: a chain begins with what came first */
		uint32_t g = lives[i].group;
		o->next_life[i] = o->lives[g];
		o->lives[g] = (uint32_t)i + 1;
		if (g == i && tracking_group_matched(t, g))
			o->groups[o->group_count++] = g;
	}
	for (size_t i = line_count; i-- > 0;) {
		uint32_t g = lives[lines[i].life].group;
		o->next_line[i] = o->lines[g];
		o->lines[g] = (uint32_t)i + 1;
	}
	if (o->group_count)
		qsort_r(o->groups, o->group_count, sizeof(*o->groups), by_first_line, (void *)(uintptr_t)lives);
	return 0;
}
