/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "diagnose/blocks.h"
#include "diagnose/hash.h"
#include "diagnose/words.h"

enum { BLOCKS_MIN = 16 };

void blocks_init(struct blocks *b)
{
	*b = (struct blocks){.scratch = buf_make(LOG_LINE_MAX)};
}

void blocks_release(struct blocks *b)
{
	for (uint32_t i = 0; i < b->count; i++) {
		struct block_seen *s = b->at + i;
		free(s->receiver);
		free(s->reply);
		free(s->zone);
		free(s->address);
		free(s->line);
	}
	free(b->at);
	buf_release(&b->scratch);
	*b = (struct blocks){0};
}

static char *keep(struct blocks *b, struct span text, size_t max)
{
	char *copy = words_keep(text, max);
	if (!copy)
		b->error = -ENOMEM;
	return copy;
}

static void note_quoted(struct blocks *b, struct span text)
{
	struct addr a;
	if (text.len == 0 || addr_parse(text, &a) != 0)
		return;
	for (uint32_t i = 0; i < b->quoted_count; i++)
		if (addr_equal(&b->quoted[i].addr, &a)) {
			b->quoted[i].count++;
			return;
		}
	if (b->quoted_count < QUOTED_MAX)
		b->quoted[b->quoted_count++] = (struct quoted){a, 1};
}

/* What makes two refusals the same block: who says it, and the record, the zone, or the words. */
static uint64_t key_of(struct blocks *b, const struct mail_delivery *d, const struct reply_match *m)
{
	uint64_t key = hash_name(span_str(m->receiver_name), (uint64_t)m->means + 1);
	if (m->zone.len > 0)
		return hash_name(m->zone, key);
	if (m->receiver && m->means != REPLY_UNKNOWN_BLOCK) /* those are told apart by their words */
		return hash_name(span_str(m->receiver->id), key);
	buf_clear(&b->scratch);
	reply_template(d->reply, &b->scratch);
	return hash_name(buf_span(&b->scratch), key);
}

static struct block_seen *make(struct blocks *b, const struct reply_match *m, uint64_t key, uint16_t *slot)
{
	if (b->count == BLOCKS_MAX) {
		b->beyond++;
		return NULL;
	}
	if (b->count == b->size) {
		uint32_t size = b->size ? b->size * 2 : BLOCKS_MIN;
		struct block_seen *at = reallocarray(b->at, size, sizeof(*at));
		if (!at) {
			b->error = -ENOMEM;
			return NULL;
		}
		b->at = at;
		b->size = size;
	}
	struct block_seen *s = &b->at[b->count++];
	*slot = (uint16_t)b->count;
	*s = (struct block_seen){
		.hash = key, .means = m->means, .record = m->receiver, .first_ms = INT64_MAX, .last_ms = INT64_MIN};
	s->receiver = keep(b, span_str(m->receiver_name), NAME_MAX_OCTETS);
	if (m->zone.len > 0)
		s->zone = keep(b, m->zone, NAME_MAX_OCTETS);
	return s;
}

static struct block_seen *find(struct blocks *b, const struct reply_match *m, uint64_t key)
{
	uint32_t slot = (uint32_t)(key >> 32) % BLOCK_SLOTS;
	for (; b->slots[slot]; slot = (slot + 1) % BLOCK_SLOTS)
		if (b->at[b->slots[slot] - 1].hash == key)
			return b->at + b->slots[slot] - 1;
	return make(b, m, key, b->slots + slot);
}

static bool is_block(enum reply_meaning m)
{
	return m == REPLY_LISTED_PRIVATE || m == REPLY_LISTED_PUBLIC || m == REPLY_RATE || m == REPLY_UNKNOWN_BLOCK ||
	       m == REPLY_RECEIVER_REFUSED;
}

/* What the first says, and the last one's line: in a storm of refusals nothing is allocated. */
static void show_line(struct blocks *b, struct block_seen *s, struct span line)
{
	if (!s->line)
		s->line = malloc(LINE_COPY_MAX + 1);
	if (s->line)
		words_put(s->line, line, LINE_COPY_MAX);
	else
		b->error = -ENOMEM;
}

static void show(struct blocks *b, struct block_seen *s, const struct mail_delivery *d, const struct reply_match *m)
{
	if (!s->reply)
		s->reply = keep(b, d->reply, REPLY_KEPT_MAX);
	if (m->address.len > 0 && !s->address)
		s->address = keep(b, m->address, NAME_MAX_OCTETS);
	if (d->at_ms >= s->last_ms) {
		s->last_ms = d->at_ms;
		s->source = d->line.source;
		s->number = d->line.number;
		show_line(b, s, d->line.text);
	}
}

void blocks_note(struct blocks *b, const struct mail_delivery *d, const struct fate *f)
{
	if (!f->matched)
		return;
	note_quoted(b, f->match.address);
	if (!is_block(f->match.means))
		return;
	struct block_seen *s = find(b, &f->match, key_of(b, d, &f->match));
	if (!s)
		return;
	s->count++;
	if (d->at_ms < s->first_ms)
		s->first_ms = d->at_ms;
	show(b, s, d, &f->match);
}

static int by_count(const void *a, const void *b)
{
	const struct private_block *x = a, *y = b;
	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	if (x->first_at_ms != y->first_at_ms)
		return x->first_at_ms < y->first_at_ms ? -1 : 1;
	return strcmp(x->receiver, y->receiver);
}

static const char *meaning_of(const struct block_seen *s)
{
	if (s->record)
		return s->record->meaning;
	switch (s->means) {
	case REPLY_LISTED_PUBLIC:
		return "refused because the address is on a public list";
	case REPLY_RATE:
		return "throttled";
	case REPLY_UNKNOWN_BLOCK:
		return "a block in words that no record has";
	case REPLY_RECEIVER_REFUSED:
		return "the list refuses the receiver's resolver; it says nothing about this server";
	default:
		return "refused";
	}
}

static void fill(const struct block_seen *s, const struct log_coverage *coverage, struct arena *arena,
		 struct private_block *p)
{
	const struct reply_match match = {.means = s->means, .receiver = s->record, .address = span_str(s->address)};
	*p = (struct private_block){
		.receiver = words_copy(arena, s->receiver),
		.reply = words_copy(arena, s->reply),
		.meaning = words_copy(arena, meaning_of(s)),
		.first_at_ms = s->first_ms,
		.last_at_ms = s->last_ms,
		.count = s->count,
		.temporary = s->record ? s->record->temporary : s->means == REPLY_RATE,
		.unknown_text = s->means == REPLY_UNKNOWN_BLOCK,
		.removal_url = receivers_removal(arena, &match),
		.procedure = s->record ? s->record->procedure : NULL,
		.address = s->address ? words_copy(arena, s->address) : NULL,
		.zone = s->zone ? words_copy(arena, s->zone) : NULL,
		.source = s->number ? words_source(arena, coverage, s->source, s->number) : NULL,
		.line = words_copy(arena, s->line),
	};
}

static const char *most_quoted(const struct blocks *b, struct arena *arena)
{
	const struct quoted *top = NULL;
	for (uint32_t i = 0; i < b->quoted_count; i++)
		if (!top || b->quoted[i].count > top->count)
			top = b->quoted + i;
	char text[ADDR_TEXT_SIZE];
	if (!top)
		return NULL;
	addr_text(&top->addr, text);
	return words_copy(arena, text);
}

int blocks_report(const struct blocks *b, const struct log_coverage *coverage, struct arena *arena,
		  struct diagnose_report *r)
{
	struct private_block *ours = arena_alloc(arena, b->count + 1, sizeof(*ours));
	struct private_block *others = arena_alloc(arena, b->count + 1, sizeof(*others));
	size_t n = 0, other = 0;
	if (!ours || !others)
		return -ENOMEM;
	for (uint32_t i = 0; i < b->count; i++) {
		const struct block_seen *s = b->at + i;
		if (s->means == REPLY_RECEIVER_REFUSED)
			fill(s, coverage, arena, &others[other++]);
		else if (s->means != REPLY_UNKNOWN_BLOCK || s->count >= UNKNOWN_BLOCK_MIN)
			fill(s, coverage, arena, &ours[n++]);
	}
	qsort(ours, n, sizeof(*ours), by_count);
	qsort(others, other, sizeof(*others), by_count);
	r->blocks = ours;
	r->block_count = n;
	r->not_ours = others;
	r->not_ours_count = other;
	r->quoted_address = most_quoted(b, arena);
	return 0;
}
