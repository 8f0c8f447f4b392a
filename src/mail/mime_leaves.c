/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/mime_leaves.h"

#include <errno.h>

#include "mail/mime.h"

struct collecting {
	struct arena *arena;
	struct mime_leaves *leaves;
	struct buf text;
	enum mime_kind kinds[MIME_DEPTH_MAX + 2]; /* what is open, the innermost last */
	bool has_parts[MIME_DEPTH_MAX + 2];
	struct span preambles[MIME_DEPTH_MAX + 2];
	unsigned int open;
	struct span type;
};

static int copy(struct collecting *c, struct span text, struct span *ret)
{
	char *owned = arena_copy(c->arena, text);
	*ret = span_of(owned, owned ? text.len : 0);
	return owned ? 0 : -ENOMEM;
}

static void add_leaf(struct collecting *c, struct span type, struct span text)
{
	if (c->leaves->count < MIME_LEAVES_MAX)
		c->leaves->at[c->leaves->count++] = (struct mime_leaf){type, text};
}

static int begin(void *context, const struct mime_part *part)
{
	struct collecting *c = context;
	if (c->open && part->kind != MIME_PREAMBLE)
		c->has_parts[c->open - 1] = true;
	c->kinds[c->open] = part->kind;
	c->has_parts[c->open] = false;
	c->preambles[c->open++] = (struct span){0};
	buf_clear(&c->text);
	return copy(c, part->type, &c->type);
}

static int octets(void *context, struct span decoded)
{
	struct collecting *c = context;
	size_t room = MIME_LEAF_OCTETS_MAX - c->text.len;
	if (c->leaves->count == MIME_LEAVES_MAX)
		return 0;
	buf_add(&c->text, span_of(decoded.at, decoded.len < room ? decoded.len : room));
	return c->text.error ? -ENOMEM : 0;
}

static int end(void *context)
{
	struct collecting *c = context;
	struct span text;
	unsigned int at = --c->open;
	if (c->kinds[at] == MIME_MULTIPART) {
		if (!c->has_parts[at])
			add_leaf(c, span_str("text/plain"), c->preambles[at]);
		return 0;
	}
	if (c->kinds[at] == MIME_EPILOGUE)
		return 0;
	if (copy(c, buf_span(&c->text), &text) < 0)
		return -ENOMEM;
	if (c->kinds[at] == MIME_PREAMBLE)
		c->preambles[at - 1] = text;
	else
		add_leaf(c, c->type, text);
	return 0;
}

int mime_leaves_find(struct span message, struct arena *arena, struct mime_leaves *ret)
{
	static const struct mime_events events = {begin, octets, end};
	struct collecting c = {.arena = arena, .leaves = ret, .text = buf_make(MIME_LEAF_OCTETS_MAX)};
	struct mime_reader m;
	int rc;
	ret->count = 0;
	mime_init(&m, &events, &c);
	mime_feed(&m, message);
	rc = mime_end(&m);
	mime_release(&m);
	buf_release(&c.text);
	return rc;
}
