/* SPDX-License-Identifier: BSD-2-Clause */
/* The head of a message as DKIM sees it: whole fields, none of them changed, not even in what is malformed. */
#include <errno.h>

#include "auth/dkim_parts.h"

/* Take the next line off, its end included. */
static struct span line_next(struct span *rest)
{
	size_t end = span_find(*rest, '\n');
	struct span line = span_of(rest->at, end < rest->len ? end + 1 : end);
	*rest = span_from(*rest, line.len);
	return line;
}

static struct span without_end(struct span line)
{
	if (line.len && line.at[line.len - 1] == '\n')
		line.len--;
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

void dkim_split(struct span message, struct span *ret_head, struct span *ret_body)
{
	struct span rest = message, start;
	if (span_starts(rest, "From "))
		line_next(&rest);
	start = rest;
	*ret_body = (struct span){0};
	*ret_head = start;
	while (rest.len) {
		const uint8_t *at = rest.at;
		if (without_end(line_next(&rest)).len)
			continue;
		*ret_head = span_of(start.at, (size_t)(at - start.at));
		*ret_body = rest;
		return;
	}
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* What has no colon is no field, and nobody can have signed it. */
static void add_field(struct dkim_head *h, struct span whole)
{
	struct dkim_field f = {.whole = without_end(whole)};
	size_t colon = span_find(f.whole, ':');
	if (colon == f.whole.len)
		return;
	f.name = span_of(f.whole.at, colon);
	while (f.name.len && is_blank(f.name.at[f.name.len - 1]))
		f.name.len--;
	h->fields[h->count++] = f;
}

int dkim_head_read(struct span head, struct arena *arena, struct dkim_head *ret_head)
{
	struct dkim_head h = {0};
	struct span rest = head;
	if (head.len > DKIM_HEAD_OCTETS_MAX)
		return -E2BIG;
	h.fields = arena_alloc(arena, DKIM_FIELDS_MAX, sizeof(*h.fields));
	if (!h.fields)
		return -ENOMEM;
	while (rest.len) {
		struct span whole = line_next(&rest);
		while (rest.len && is_blank(rest.at[0]))
			whole.len += line_next(&rest).len;
		if (h.count == DKIM_FIELDS_MAX)
			return -E2BIG;
		add_field(&h, whole);
	}
	*ret_head = h;
	return 0;
}

unsigned int dkim_head_count(const struct dkim_head *head, struct span name, size_t except)
{
	unsigned int count = 0;
	for (size_t i = 0; i < head->count; i++)
		count += i != except && span_equal_nocase(head->fields[i].name, name);
	return count;
}

/* The last one of that name that is not taken yet; what is named and not there counts as nothing (5.4). */
static const struct dkim_field *take(const struct dkim_head *head, bool *taken, struct span name)
{
	for (size_t i = head->count; i > 0; i--) {
		if (taken[i - 1] || !span_equal_nocase(head->fields[i - 1].name, name))
			continue;
		taken[i - 1] = true;
		return &head->fields[i - 1];
	}
	return NULL;
}

static void add_own(const struct dkim_field *f, const struct dkim_signature *s, struct buf *out)
{
	struct buf text = buf_make(DKIM_SIGNED_OCTETS_MAX);
	size_t before = (size_t)(s->room.at - f->whole.at);
	buf_add(&text, span_of(f->whole.at, before));
	buf_add(&text, span_from(f->whole, before + s->room.len));
	dkim_canon_field(buf_span(&text), s->header_relaxed, out);
	if (text.error && !out->error)
		out->error = text.error;
	if (!out->error)
		out->len -= 2; /* its line end is not signed */
	buf_release(&text);
}

int dkim_head_signed(const struct dkim_head *head, const struct dkim_check *c, struct buf *out)
{
	bool taken[DKIM_FIELDS_MAX] = {false};
	taken[c->field] = true; /* not the one that is being verified (3.5, h=) */
	for (size_t i = 0; i < c->signature.name_count; i++) {
		const struct dkim_field *f = take(head, taken, c->signature.names[i]);
		if (f)
			dkim_canon_field(f->whole, c->signature.header_relaxed, out);
	}
	add_own(&head->fields[c->field], &c->signature, out);
	return out->error;
}
