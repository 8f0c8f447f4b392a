/* SPDX-License-Identifier: BSD-2-Clause */
/* What a signature covers, and what is worth knowing of that. */
#include <errno.h>
#include <inttypes.h>

#include "auth/dkim_parts.h"

void dkim_notes_one(struct dkim_verdict *v, const char *text)
{
	if (v->note_count < DKIM_NOTES_MAX)
		v->notes[v->note_count++] = text;
}

static int add_covers(const struct dkim *d, const struct dkim_check *c, struct dkim_verdict *v)
{
	const struct dkim_signature *s = &c->signature;
	struct dkim_cover *covers = arena_alloc(d->arena, s->name_count + 1, sizeof(*covers));
	if (!covers)
		return -ENOMEM;
	for (size_t i = 0; i < s->name_count; i++) {
		size_t k = 0;
		while (k < v->cover_count && !span_equal_nocase(span_str(covers[k].name), s->names[i]))
			k++;
		if (k == v->cover_count) {
			covers[k].name = arena_copy(d->arena, s->names[i]);
			covers[k].present = dkim_head_count(&d->head, s->names[i], c->field);
			if (!covers[k].name)
				return -ENOMEM;
			v->cover_count++;
		}
		covers[k].listed++;
	}
	v->covers = covers;
	return 0;
}

static unsigned int listed(const struct dkim_verdict *v, const char *name)
{
	for (size_t i = 0; i < v->cover_count; i++)
		if (span_equal_nocase(span_str(v->covers[i].name), span_str(name)))
			return v->covers[i].listed;
	return 0;
}

/* Fields that a reader sees or a program acts on (5.4.1). */
static const char *const seen[] = {"From",
				   "Reply-To",
				   "Subject",
				   "Date",
				   "To",
				   "Cc",
				   "Message-ID",
				   "In-Reply-To",
				   "References",
				   "Content-Type",
				   "MIME-Version",
				   "Content-Transfer-Encoding",
				   "List-Unsubscribe",
				   "List-Unsubscribe-Post"};
enum { SEEN_COUNT = sizeof(seen) / sizeof(*seen), LIST_OCTETS_MAX = 512 };

static void list(struct buf *b, const char *name)
{
	buf_printf(b, "%s%s", b->len ? ", " : "", name);
}

static int add_fields_notes(const struct dkim *d, const struct dkim_check *c, struct dkim_verdict *v)
{
	struct buf bare = buf_make(LIST_OCTETS_MAX), above = buf_make(LIST_OCTETS_MAX),
		   open = buf_make(LIST_OCTETS_MAX);
	const char *texts[3] = {0};
	for (size_t i = 0; i < SEEN_COUNT; i++) {
		unsigned int present = dkim_head_count(&d->head, span_str(seen[i]), c->field);
		unsigned int signs = listed(v, seen[i]);
		if (present && !signs)
			list(&bare, seen[i]);
		else if (present > signs)
			list(&above, seen[i]);
		else if (i < 3 && present && signs == present) /* what a forger adds first */
			list(&open, seen[i]);
	}
	if (bare.len)
		texts[0] = arena_printf(d->arena, "not signed: %s", buf_text(&bare));
	if (above.len)
		texts[1] = arena_printf(d->arena,
					"there are more of these than are signed, and readers may see the others: %s",
					buf_text(&above));
	if (open.len)
		texts[2] = arena_printf(d->arena,
					"more of these can be put above those that are signed; to prevent it name each "
					"once more in h= (RFC 6376 8.15): %s",
					buf_text(&open));
	for (size_t i = 0; i < 3; i++)
		if (texts[i])
			dkim_notes_one(v, texts[i]);
	buf_release(&bare);
	buf_release(&above);
	buf_release(&open);
	return 0;
}

static int add_length_note(const struct dkim *d, const struct dkim_check *c, struct dkim_verdict *v)
{
	const struct dkim_signature *s = &c->signature;
	const char *text;
	if (!s->has_length || s->length > v->body_octets)
		return 0;
	text = arena_printf(
		d->arena,
		"l= covers %" PRIu64 " of the body's %" PRIu64
		" octets: anybody can add text behind them, and many receivers do not trust it; sign without l=",
		s->length, v->body_octets);
	if (!text)
		return -ENOMEM;
	dkim_notes_one(v, text);
	return 0;
}

int dkim_notes_add(const struct dkim *d, const struct dkim_check *c, struct dkim_verdict *v)
{
	int rc = add_covers(d, c, v);
	if (rc == 0)
		rc = add_length_note(d, c, v);
	if (rc == 0)
		rc = add_fields_notes(d, c, v);
	return rc;
}
