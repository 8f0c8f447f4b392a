/* SPDX-License-Identifier: BSD-2-Clause */
/* Ids that belong together, and the lives and lines of their messages. */
#include "logquery/tracking.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "logparse/format.h"
#include "logquery/top.h"

enum {
	KEY_OCTETS_MAX = 512,
	ID_OCTETS_MAX = 64,
	NOT_FOUND = UINT32_MAX,
};

struct tracking {
	tracking_match_fn *match;
	void *arg;
	struct formats formats;
	struct top *ids;
	size_t ids_before;
	unsigned passes;
	struct top *current; /* key -> index + 1 of its latest life, in values[0] */
	struct top *by_host; /* host and id, whatever the instance: the same */
	struct tracking_life *lives;
	size_t life_count, life_size;
	struct tracking_line *lines;
	size_t line_count, line_size;
	struct arena arena;
	const char *cut;
};

struct tracking *tracking_new(tracking_match_fn *match, void *arg)
{
	struct tracking *t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	*t = (struct tracking){.match = match,
			       .arg = arg,
			       .ids = top_new(TRACE_IDS_MAX),
			       .current = top_new((size_t)2 * TRACE_IDS_MAX),
			       .by_host = top_new((size_t)2 * TRACE_IDS_MAX),
			       .arena = arena_make(TRACE_OCTETS_MAX)};
	if (t->ids && t->current && t->by_host)
		return t;
	tracking_free(t);
	return NULL;
}

void tracking_free(struct tracking *t)
{
	if (!t)
		return;
	top_free(t->ids);
	top_free(t->current);
	top_free(t->by_host);
	free(t->lives);
	free(t->lines);
	arena_release(&t->arena);
	free(t);
}

const char *tracking_cut(const struct tracking *t)
{
	return t->cut;
}

/* ---- first readings ---- */

static bool known(const struct tracking *t, struct span id)
{
	return id.len && top_find(t->ids, id);
}

static void learn(struct tracking *t, struct span id)
{
	if (id.len == 0 || id.len > ID_OCTETS_MAX || known(t, id))
		return;
	if (top_count(t->ids) >= TRACE_IDS_MAX)
		t->cut = "more messages belong to this than are kept; narrow it with --since and --until";
	else
		top_add(t->ids, id, 1);
}

/* Lines that say nothing that is kept still name their message first: "4F1A2B3C: ...", "1x9hqp-000000076Qy-1Ug8 ...". */
static struct span first_word(const struct log_line *l)
{
	size_t n = 0;
	while (n < l->text.len && n <= ID_OCTETS_MAX &&
	       (ascii_is_alpha(l->text.at[n]) || ascii_is_digit(l->text.at[n]) || l->text.at[n] == '-'))
		n++;
	return n < l->text.len && n <= ID_OCTETS_MAX && (l->text.at[n] == ':' || l->text.at[n] == ' ')
		       ? span_of(l->text.at, n)
		       : (struct span){NULL, 0};
}

void tracking_gather(struct tracking *t, const struct log_line *l)
{
	struct mail_event e;
	enum line_result r = format_parse(&t->formats, l, WANT_CONNECTIONS, &e);
	bool linked, matches;
	if (r == LINE_FOREIGN)
		return;
	if (r != LINE_EVENT) {
		/* a word that only looks like an id costs a look at the lines that begin with it */
		if (t->match(t->arg, l, NULL))
			learn(t, first_word(l));
		return;
	}
	linked = e.link != LINK_NONE && e.related.len;
	matches = t->match(t->arg, l, &e);
	if (!matches && !known(t, e.id) && !(linked && known(t, e.related)))
		return;
	learn(t, e.id);
	if (linked)
		learn(t, e.related);
}

bool tracking_more(struct tracking *t)
{
	bool grown = top_count(t->ids) > t->ids_before;
	t->ids_before = top_count(t->ids);
	return grown && ++t->passes < TRACE_PASSES_MAX && !t->cut;
}

/* ---- the last reading ---- */

static struct span make_key(const struct mail_event *e, struct span id, bool instance, uint8_t text[KEY_OCTETS_MAX])
{
	const struct span parts[] = {e->host, instance ? e->instance : span_of(NULL, 0), id};
	size_t len = 0;
	for (size_t i = 0; i < 3; i++) {
		size_t n = parts[i].len < 160 ? parts[i].len : 160;
		if (n)
			memcpy(text + len, parts[i].at, n);
		len += n;
		text[len++] = '\0';
	}
	return span_of(text, len);
}

static bool room(struct tracking *t, void *array, size_t count, size_t *size, size_t item)
{
	size_t wanted = *size ? *size * 2 : 64;
	void *old, *new;
	if (count < *size)
		return true;
	memcpy(&old, array, sizeof(old));
	new = wanted *item <= TRACE_OCTETS_MAX ? reallocarray(old, wanted, item) : NULL;
	if (!new) {
		t->cut = "more lines match than are kept; narrow it with --since and --until";
		return false;
	}
	memcpy(array, &new, sizeof(new));
	*size = wanted;
	return true; // cppcheck-suppress memleak // the copy in *array owns it
}

static uint32_t add_life(struct tracking *t, struct span key, struct span id, int64_t at_ms)
{
	char *copy = arena_copy(&t->arena, key), *name = arena_copy(&t->arena, id);
	if (!copy || !name || !room(t, &t->lives, t->life_count, &t->life_size, sizeof(*t->lives)))
		return NOT_FOUND;
	t->lives[t->life_count] = (struct tracking_life){.key = span_of(copy, key.len),
							 .id = span_of(name, id.len),
							 .group = (uint32_t)t->life_count,
							 .first_ms = at_ms,
							 .last_ms = at_ms,
							 .first_line = SIZE_MAX};
	return (uint32_t)t->life_count++;
}

/* The life of this id that is going on; a message that arrives under the id of one that has left begins another. */
static uint32_t life_at(struct tracking *t, const struct mail_event *e, struct span id, bool arrives)
{
	uint8_t text[KEY_OCTETS_MAX];
	struct span key = make_key(e, id, true, text);
	struct top_entry *entry = top_add(t->current, key, 1);
	uint32_t before = entry ? (uint32_t)entry->values[0] : 0, life;
	if (before && !(arrives && t->lives[before - 1].ended))
		return before - 1;
	life = entry ? add_life(t, key, id, e->at_ms) : NOT_FOUND;
	if (life == NOT_FOUND)
		return life;
	t->lives[life].before = before;
	entry->values[0] = (uint64_t)life + 1;
	entry = top_add(t->by_host, make_key(e, id, false, text), 1);
	if (entry)
		entry->values[0] = (uint64_t)life + 1;
	return life;
}

/* Of a line that says nothing else: no parser told the instance. */
static uint32_t quiet_life(struct tracking *t, const struct mail_event *bare, struct span id)
{
	uint8_t text[KEY_OCTETS_MAX];
	const struct top_entry *any = top_find(t->by_host, make_key(bare, id, false, text));
	return any && any->values[0] ? (uint32_t)any->values[0] - 1 : life_at(t, bare, id, false);
}

/* Another message on the same host: its instance may be another. */
static uint32_t related_life(struct tracking *t, const struct mail_event *e)
{
	uint8_t text[KEY_OCTETS_MAX];
	const struct top_entry *same = top_find(t->current, make_key(e, e->related, true, text));
	const struct top_entry *any = same ? same : top_find(t->by_host, make_key(e, e->related, false, text));
	return any && any->values[0] ? (uint32_t)any->values[0] - 1 : life_at(t, e, e->related, false);
}

uint32_t tracking_group_of(const struct tracking *t, uint32_t life)
{
	while (t->lives[life].group != life)
		life = t->lives[life].group;
	return life;
}

static void together(struct tracking *t, uint32_t a, uint32_t b)
{
	a = tracking_group_of(t, a);
	b = tracking_group_of(t, b);
	if (a == b)
		return;
	if (b < a) {
		uint32_t swap = a;
		a = b;
		b = swap;
	}
	t->lives[b].group = a;
	t->lives[a].matched |= t->lives[b].matched;
}

static bool add_line(struct tracking *t, const struct log_line *l, uint32_t life)
{
	char *raw = arena_copy(&t->arena, l->raw);
	struct tracking_life *of = &t->lives[life];
	if (!raw || !room(t, &t->lines, t->line_count, &t->line_size, sizeof(*t->lines))) {
		t->cut = "more lines match than are kept; narrow it with --since and --until";
		return false;
	}
	if (of->first_line == SIZE_MAX)
		of->first_line = t->line_count;
	if (l->at_ms != STAMP_NONE && (of->last_ms == STAMP_NONE || l->at_ms > of->last_ms))
		of->last_ms = l->at_ms;
	t->lines[t->line_count++] =
		(struct tracking_line){l->at_ms, l->source, l->number, span_of(raw, l->raw.len), life};
	return true;
}

/* A line of no message that matches is a life of its own. */
static bool keep_single(struct tracking *t, const struct log_line *l)
{
	uint32_t life = add_life(t, span_of(NULL, 0), span_of(NULL, 0), l->at_ms);
	if (life == NOT_FOUND)
		return false;
	t->lives[life].matched = true;
	return add_line(t, l, life);
}

static bool keep_of_message(struct tracking *t, const struct log_line *l, const struct mail_event *e, struct span id,
			    bool matches)
{
	bool event = e->id.len != 0;
	uint32_t life = event ? life_at(t, e, id, e->kind == EVENT_ACCEPT) : quiet_life(t, e, id), other;
	if (life == NOT_FOUND)
		return false;
	if (matches)
		t->lives[tracking_group_of(t, life)].matched = true;
	if (event && e->link != LINK_NONE && e->related.len && known(t, e->related)) {
		other = related_life(t, e);
		if (other != NOT_FOUND)
			together(t, life, other);
	}
	if (event && (e->kind == EVENT_END || (e->kind == EVENT_CHANGE && e->outcome == OUTCOME_REMOVED)))
		t->lives[life].ended = true;
	return add_line(t, l, life);
}

bool tracking_keep(struct tracking *t, const struct log_line *l, const struct mail_event *e)
{
	struct mail_event bare = {.at_ms = l->at_ms, .host = l->host};
	struct span id = e ? e->id : first_word(l);
	bool matches = t->match(t->arg, l, e);
	if (known(t, id))
		return keep_of_message(t, l, e ? e : &bare, id, matches);
	return matches && keep_single(t, l);
}

void tracking_settle(struct tracking *t)
{
	for (uint32_t i = 0; i < t->life_count; i++) {
		uint32_t group = tracking_group_of(t, i);
		t->lives[i].group = group;
		t->lives[group].matched |= t->lives[i].matched;
		if (t->lives[i].first_line < t->lives[group].first_line)
			t->lives[group].first_line = t->lives[i].first_line;
	}
}

/* ---- what was found ---- */

bool tracking_group_matched(const struct tracking *t, uint32_t group)
{
	return t->lives[group].matched && t->lives[group].first_line != SIZE_MAX;
}

const struct tracking_life *tracking_lives(const struct tracking *t, size_t *ret_count)
{
	*ret_count = t->life_count;
	return t->lives;
}

const struct tracking_line *tracking_lines(const struct tracking *t, size_t *ret_count)
{
	*ret_count = t->line_count;
	return t->lines;
}

uint32_t tracking_life_of(const struct tracking *t, const struct mail_message *m)
{
	const struct mail_event e = {.host = m->host, .instance = m->instance};
	uint8_t text[KEY_OCTETS_MAX];
	const struct top_entry *entry = top_find(t->current, make_key(&e, m->id, true, text));
	uint32_t at = entry ? (uint32_t)entry->values[0] : 0;
	/* of several lives under one id, the latest that had begun */
	while (at && t->lives[at - 1].before && t->lives[at - 1].first_ms > m->first_ms)
		at = t->lives[at - 1].before;
	return at ? at - 1 : NOT_FOUND;
}

void tracking_summary(struct tracking *t, uint32_t life, const struct buf *text, const struct buf *json)
{
	t->lives[life].summary = arena_copy(&t->arena, buf_span(text));
	t->lives[life].summary_json = arena_copy(&t->arena, buf_span(json));
}
