/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of receivers over the records below them: a record of the same id is put over the lower one key by key. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "receivers/receiver_words.h"
#include "lists/record.h"

enum { SOURCE_OCTETS_MAX = 4096 };

const struct schema_word reply_words[] = {{"other", REPLY_OTHER},
					  {"listed_private", REPLY_LISTED_PRIVATE},
					  {"listed_public", REPLY_LISTED_PUBLIC},
					  {"rate", REPLY_RATE},
					  {"content", REPLY_CONTENT},
					  {"identity", REPLY_IDENTITY},
					  {"unknown_user", REPLY_UNKNOWN_USER},
					  {"receiver_refused", REPLY_RECEIVER_REFUSED},
					  {"unknown_block", REPLY_UNKNOWN_BLOCK},
					  {"own_provider", REPLY_OWN_PROVIDER},
					  {0}};

const struct schema_word reply_about_words[] = {{"address", ABOUT_ADDRESS},
						{"domain", ABOUT_DOMAIN},
						{"message", ABOUT_MESSAGE},
						{"recipient", ABOUT_RECIPIENT},
						{"sender", ABOUT_SENDER},
						{"range", ABOUT_RANGE},
						{0}};

const char *reply_about_text(enum reply_about a)
{
	return schema_word_text(reply_about_words, (int)a);
}

const char *reply_meaning_text(enum reply_meaning m)
{
	const char *text = schema_word_text(reply_words, (int)m);
	return text ? text : "other";
}

struct receiver_layer {
	struct receiver_record record;
	struct receiver_layer *next;
};

bool receiver_file_told(struct span text)
{
	for (size_t at = 0; at < text.len;) {
		struct span line = span_of(text.at + at, span_find(span_from(text, at), '\n'));
		if ((line.len >= 9 && memcmp(line.at, "receiver:", 9) == 0) ||
		    (line.len >= 8 && memcmp(line.at, "replies:", 8) == 0))
			return true;
		at += line.len + 1;
	}
	return false;
}

static const struct receiver_record *find(const struct receiver_records *records, const char *id)
{
	for (size_t i = 0; i < records->count; i++)
		if (strcmp(records->at[i]->v.id, id) == 0)
			return records->at[i];
	return NULL;
}

#define TAKE(row, member)                                                                                              \
	if (given(&r->seen, row))                                                                                      \
	to->member = r->member

static void record_over(struct receiver_record *to, const struct receiver_record *r)
{
	TAKE(REPLY_ROW_NAME, v.name);
	TAKE(REPLY_ROW_MX, mx);
	TAKE(REPLY_ROW_HOST, host);
	TAKE(REPLY_ROW_ONLY_MX, only_mx);
	TAKE(REPLY_ROW_PATTERNS, patterns);
	TAKE(REPLY_ROW_SAMPLES, samples);
	TAKE(REPLY_ROW_MEANS, v.means);
	TAKE(REPLY_ROW_MEANING, v.meaning);
	TAKE(REPLY_ROW_ABOUT, v.about);
	TAKE(REPLY_ROW_TEMPORARY, v.temporary);
	TAKE(REPLY_ROW_REMOVAL, v.removal_url);
	TAKE(REPLY_ROW_PROCEDURE, v.procedure);
	TAKE(REPLY_ROW_FEEDBACK, v.feedback);
	TAKE(REPLY_ROW_ZONE, zone);
	TAKE(REPLY_ROW_SOURCES, v.source);
}

static const char *sources_text(const struct receiver_loader *l, const struct receiver_record *r)
{
	struct buf out = buf_make(SOURCE_OCTETS_MAX);
	const char *text;
	for (size_t i = 0; i < r->source_count; i++) {
		const struct list_source *s = &r->sources[i];
		if (!s->name)
			continue;
		buf_printf(&out, "%s%s", out.len ? "; " : "", s->name);
		if (s->date)
			buf_printf(&out, " (%s)", s->date);
	}
	text = arena_copy(l->arena, span_str(buf_text(&out)));
	buf_release(&out);
	return text;
}

static void check_new(const struct receiver_loader *l, const struct receiver_record *r, const char *file)
{
	static const unsigned int rows[] = {REPLY_ROW_PATTERNS, REPLY_ROW_SAMPLES, REPLY_ROW_MEANS, REPLY_ROW_MEANING,
					    REPLY_ROW_SOURCES};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!present(&r->seen, rows[i]))
			schema_fault(l->faults, file, r->seen.start, receiver_reply_schema.rows[rows[i]].key,
				     "missing; a reply that the catalogue does not have needs it");
}

static void check_values(const struct receiver_loader *l, const struct receiver_record *r, const char *file)
{
	static const unsigned int rows[] = {REPLY_ROW_PATTERNS, REPLY_ROW_SAMPLES, REPLY_ROW_SOURCES};
	const size_t counts[] = {r->patterns.count, r->samples.count, r->source_count};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (given(&r->seen, rows[i]) && counts[i] == 0)
			schema_fault(l->faults, file, r->seen.at[rows[i]], receiver_reply_schema.rows[rows[i]].key,
				     "is empty, expected at least one");
}

/* A mailbox as a link, so that a reader has one form. */
static const char *removal_link(const struct receiver_loader *l, const char *removal)
{
	if (!removal || strstr(removal, "://"))
		return removal;
	return arena_printf(l->arena, "mailto:%s", removal);
}

static void from_owner(struct receiver_record *to, const struct receiver_owner *owner)
{
	to->v.name = owner->name ? owner->name : "";
	to->v.meaning = to->v.source = "";
	to->v.feedback = owner->feedback;
	to->mx = owner->mx;
	to->host = owner->host;
	to->common = owner->common;
}

static int add_record(struct receiver_loader *l, const struct receiver_owner *owner, const struct receiver_record *r,
		      const char *file)
{
	struct receiver_record given_one = *r, *to;
	struct receiver_layer *layer = arena_alloc(l->arena, 1, sizeof(*layer));
	const struct receiver_record *base;
	if (!layer)
		return -ENOMEM;
	to = &layer->record;
	if (!owner->id || !r->reply_id)
		return 0;
	to->v.id = arena_printf(l->arena, "%s.%s", owner->id, r->reply_id);
	given_one.v.source = sources_text(l, r);
	given_one.v.removal_url = removal_link(l, r->v.removal_url);
	if (!to->v.id || !given_one.v.source)
		return -ENOMEM;
	base = find(&l->base, to->v.id);
	if (base)
		*to = *base;
	else
		from_owner(to, owner);
	record_over(to, &given_one);
	if (!base)
		check_new(l, r, file);
	check_values(l, r, file);
	to->seen = r->seen;
	to->patterns_at = r->patterns_at;
	to->samples_at = r->samples_at;
	to->file = file;
	to->line = r->seen.start.line;
	if (l->last)
		l->last->next = layer;
	else
		l->first = layer;
	l->last = layer;
	l->count++;
	return 0;
}

int receiver_loader_add(struct receiver_loader *l, struct span text, const char *file)
{
	struct receiver_file content = {0};
	const char *name = arena_copy(l->arena, span_str(file));
	int rc = name ? schema_read(&receiver_file_schema, text, name, l->arena, l->faults, &content) : -ENOMEM;
	if (rc == -ENOMEM)
		return rc;
	for (size_t i = 0; i < content.reply_count; i++) {
		rc = add_record(l, &content.owner, &content.replies[i], name);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void check_twice(const struct receiver_loader *l, const struct receiver_records *records)
{
	for (size_t i = 0; i < l->count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(records->at[i]->v.id, records->at[j]->v.id) == 0) {
				const struct receiver_record *r = records->at[i];
				schema_fault(l->faults, r->file, r->seen.at[REPLY_ROW_ID], "id",
					     "\"%s\" stands twice, also at %s:%d", r->v.id, records->at[j]->file,
					     records->at[j]->line);
				break;
			}
}

int receiver_loader_finish(struct receiver_loader *l, struct receiver_records *ret_records)
{
	const struct receiver_record **all =
		arena_alloc(l->arena, l->count + l->base.count, sizeof(struct receiver_record *));
	struct receiver_records records = {.at = all};
	if (!all)
		return -ENOMEM;
	for (const struct receiver_layer *at = l->first; at; at = at->next)
		all[records.count++] = &at->record;
	check_twice(l, &records);
	for (size_t i = 0; i < l->base.count; i++)
		if (!find(&records, l->base.at[i]->v.id))
			all[records.count++] = l->base.at[i];
	*ret_records = records;
	return 0;
}
