/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "logjoin/php_lines.h"

enum { SCRIPT_LEN_MAX = 1024 };

void php_lines_release(struct php_lines *s)
{
	for (uint32_t i = 0; i < s->script_count; i++)
		free(s->scripts[i]);
	free(s->scripts);
	free(s->at);
	*s = (struct php_lines){0};
}

static bool make(struct php_lines *s)
{
	if (s->at)
		return true;
	s->at = calloc(PHP_LINES_KEPT, sizeof(*s->at));
	s->scripts = calloc(PHP_SCRIPTS_MAX, sizeof(*s->scripts));
	if (s->at && s->scripts)
		return true;
	free(s->at);
	free(s->scripts);
	*s = (struct php_lines){.error = -ENOMEM};
	return false;
}

/* @return PHP_SCRIPTS_MAX: no room. */
static uint32_t script_index(struct php_lines *s, struct span script)
{
	if (script.len > SCRIPT_LEN_MAX)
		script.len = SCRIPT_LEN_MAX;
	for (uint32_t i = s->script_count; i-- > 0;)
		if (span_equal(span_str(s->scripts[i]), script))
			return i;
	if (s->script_count == PHP_SCRIPTS_MAX || memchr(script.at, 0, script.len))
		return PHP_SCRIPTS_MAX;
	char *copy = strndup((const char *)script.at, script.len);
	if (!copy) {
		s->error = -ENOMEM;
		return PHP_SCRIPTS_MAX;
	}
	s->scripts[s->script_count] = copy;
	return s->script_count++;
}

static struct php_line *place(const struct php_lines *s, uint64_t recipient, int64_t at_s, uint32_t nth)
{
	return s->at + ((hash_mix(recipient, (uint64_t)at_s) + nth) & (PHP_LINES_KEPT - 1));
}

/* The place of this recipient and second, else a free one, else the oldest of those it may stand in. */
static struct php_line *place_for(const struct php_lines *s, uint64_t recipient, int64_t at_s)
{
	struct php_line *oldest = place(s, recipient, at_s, 0);
	for (uint32_t i = 0; i < PHP_LINE_PLACES; i++) {
		struct php_line *one = place(s, recipient, at_s, i);
		if (!one->recipient || (one->recipient == recipient && one->at_s == at_s))
			return one;
		if (one->at_s < oldest->at_s)
			oldest = one;
	}
	return oldest;
}

static const struct php_line *placed(const struct php_lines *s, uint64_t recipient, int64_t at_s)
{
	for (uint32_t i = 0; i < PHP_LINE_PLACES; i++) {
		const struct php_line *one = place(s, recipient, at_s, i);
		if (one->recipient == recipient && one->at_s == at_s)
			return one;
	}
	return NULL;
}

/* "To:" may be a list with names: "A <a@example.com>, b@example.net". Each address is noted. */
static void note_all(struct php_lines *s, struct span to, int64_t at_s, uint32_t script)
{
	while (to.len > 0) {
		size_t comma = span_find(to, ',');
		struct span one = span_trim(span_of(to.at, comma));
		size_t angle = span_find(one, '<');
		if (angle < one.len) {
			one = span_from(one, angle + 1);
			one.len = span_find(one, '>');
		}
		uint64_t hash = hash_name(one, 0) | 1;
		if (one.len > 0)
			*place_for(s, hash, at_s) = (struct php_line){hash, at_s, script};
		to = span_from(to, comma + 1);
	}
}

void php_lines_note(struct php_lines *s, const struct mail_event *e)
{
	if (e->script.len == 0 || e->recipient.len == 0 || !make(s))
		return;
	uint32_t script = script_index(s, e->script);
	if (script < PHP_SCRIPTS_MAX)
		note_all(s, e->recipient, e->at_ms / 1000, script);
}

struct span php_lines_find(const struct php_lines *s, struct span recipient, int64_t at_ms)
{
	uint64_t hash = hash_name(recipient, 0) | 1;
	for (int64_t d = 0; s->at && d <= 2 * PHP_NEAR_S; d++) {
		int64_t at_s = at_ms / 1000 + (d % 2 ? d / 2 + 1 : -(d / 2)); /* the nearest first */
		const struct php_line *one = placed(s, hash, at_s);
		if (one)
			return span_str(s->scripts[one->script]);
	}
	return (struct span){NULL, 0};
}
