/* SPDX-License-Identifier: BSD-2-Clause */
/* What the store holds of the lists: read before the first question, written when nothing is asked, so that no question
 * waits for a disk or for another process. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "check/run.h"

enum { KEY_SIZE = sizeof(((struct run *)NULL)->system_text) + sizeof("hidden ") };

static const char *hidden_key(const struct run *r, char key[KEY_SIZE])
{
	snprintf(key, KEY_SIZE, "hidden %s", r->system_text);
	return key;
}

static void load(const struct run *r, const char *key, const struct list *l, struct store_belief *ret_belief)
{
	struct error ignored;
	if (store_belief_get(r->config->store, key, l->zone, ret_belief, &ignored) < 0)
		*ret_belief = (struct store_belief){.expires_at_ms = 0};
}

struct memory *memory_load(struct run *r, const struct list *l)
{
	struct memory *m = r->memory_count ? &r->memories[r->memory_count - 1] : NULL;
	char key[KEY_SIZE];
	if (m && m->list == l)
		return m;
	if (r->memory_count == LANES_MAX)
		return NULL;
	m = &r->memories[r->memory_count++];
	*m = (struct memory){.list = l};
	if (r->config->mode == CHECK_DIRECT)
		return m;
	load(r, hidden_key(r, key), l, &m->hidden);
	if (!r->config->fleet)
		load(r, r->system_text, l, &m->system);
	return m;
}

bool memory_holds(const struct run *r, const struct store_belief *b)
{
	return b->judged_at_ms <= r->wall_ms && b->expires_at_ms > r->wall_ms;
}

void memory_note(struct lane *l, const struct note *note)
{
	struct run *r = l->run;
	if (note->kind == NOTE_HIDDEN)
		l->memory->hidden = note->belief;
	else if (note->kind == NOTE_BELIEF && note->stage == STAGE_FIRST && !r->config->fleet)
		l->memory->system = note->belief;
	if (r->note_count == r->note_size) {
		size_t size = r->note_size ? r->note_size * 2 : 64;
		struct note *more = realloc(r->notes, size * sizeof(*more));
		if (!more) {
			r->error = -ENOMEM;
			return;
		}
		r->notes = more;
		r->note_size = size;
	}
	r->notes[r->note_count++] = *note;
}

static void save(const struct run *r, const struct note *n)
{
	struct store *s = r->config->store;
	struct error ignored;
	char key[KEY_SIZE];
	switch (n->kind) {
	case NOTE_BELIEF:
		store_belief_put(s, n->stage == STAGE_DIRECT ? "direct" : r->system_text, n->list->zone, &n->belief,
				 &ignored);
		break;
	case NOTE_HIDDEN:
		store_belief_put(s, hidden_key(r, key), n->list->zone, &n->belief, &ignored);
		break;
	case NOTE_REFUSAL:
		store_refusal_put(s, n->list->zone, n->belief.why, n->belief.expires_at_ms, &ignored);
		break;
	}
}

void memory_save(struct run *r)
{
	for (size_t i = 0; i < r->note_count; i++)
		save(r, &r->notes[i]);
	r->note_count = 0;
}
