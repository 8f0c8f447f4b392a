/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "diagnose/hash.h"
#include "diagnose/trouble.h"
#include "diagnose/whole.h"
#include "diagnose/words.h"

void whole_release(struct whole *w)
{
	for (uint32_t i = 0; i < w->count; i++)
		for (int k = 0; k < WHOLE_LINES; k++)
			free(w->row[i].line[k].text);
	*w = (struct whole){0};
}

static struct whole_row *row_of(struct whole *w, enum whole_kind kind, struct span name)
{
	for (uint32_t i = 0; i < w->count; i++)
		if (w->row[i].kind == kind && span_equal_nocase(span_str(w->row[i].name), name))
			return &w->row[i];
	if (w->count == WHOLE_ROWS_MAX || name.len >= WHOLE_NAME_SIZE || span_find(name, '\0') < name.len)
		return NULL;
	struct whole_row *row = &w->row[w->count++];
	*row = (struct whole_row){.kind = kind, .first_ms = INT64_MAX, .last_ms = INT64_MIN};
	if (name.len)
		memcpy(row->name, name.at, name.len);
	ascii_lower_all(row->name);
	w->domains += kind == WHOLE_DOMAIN;
	return row;
}

static void keep_line(struct whole *w, struct whole_row *row, const struct mail_delivery *d, uint64_t receiver)
{
	for (int i = 0; i < WHOLE_LINES && d->line.number; i++) {
		struct whole_line *l = &row->line[i];
		if (l->text && l->receiver == receiver)
			return;
		if (l->text)
			continue;
		*l = (struct whole_line){words_keep(d->line.text, LINE_COPY_MAX), d->line.source, d->line.number,
					 d->line.at_ms, receiver};
		if (!l->text)
			w->error = -ENOMEM;
		return;
	}
}

/* zen.spamhaus.org holds policy and other entries: its name alone tells neither. */
static bool holds_policy(const struct list *l)
{
	for (size_t i = 0; i < l->answer_count; i++)
		if (l->answers[i].class == CLASS_POLICY)
			return true;
	return false;
}

static enum whole_kind kind_of(const struct fate *f)
{
	const struct reply_match *m = &f->match;
	if (m->about == ABOUT_RANGE || (m->list && m->list->class == CLASS_POLICY))
		return WHOLE_RANGE;
	if (f->identity)
		return m->about == ABOUT_DOMAIN ? WHOLE_DOMAIN : WHOLE_HOST;
	return m->list && holds_policy(m->list) ? WHOLE_LISTED : WHOLE_OTHER;
}

/* Once a domain was refused, all that it sends is counted. */
static void count_sent(struct whole *w, struct span domain)
{
	for (uint32_t i = 0; i < w->count; i++)
		if (w->row[i].kind == WHOLE_DOMAIN && span_equal_nocase(span_str(w->row[i].name), domain))
			w->row[i].since++;
}

/* Whose mail server it is, or, where the log names none, the recipient's domain. */
static uint64_t receiver_of(const struct mail_delivery *d)
{
	uint32_t receiver = d->relay_name.len ? trouble_receiver(d->relay_name)
					      : (uint32_t)hash_name(address_domain(d->recipient), 0);
	return 1ULL << (hash_mix(receiver, 0) >> 58);
}

static void count_refused(struct whole_row *row, int64_t at_ms, uint64_t receiver, bool deferred)
{
	row->recipients++;
	row->deferred += deferred;
	row->total += row->since;
	row->since = 0;
	row->receivers |= receiver;
	row->first_ms = at_ms < row->first_ms ? at_ms : row->first_ms;
	row->last_ms = at_ms > row->last_ms ? at_ms : row->last_ms;
}

void whole_note(struct whole *w, struct span sender, const struct mail_delivery *d, const struct fate *f)
{
	struct span name = {0};
	uint64_t receiver;
	enum whole_kind kind;
	if (w->domains)
		count_sent(w, address_domain(sender));
	if (!f->identity && !f->listed)
		return;
	kind = kind_of(f);
	if (kind == WHOLE_DOMAIN)
		name = address_domain(sender);
	else if (kind == WHOLE_RANGE || kind == WHOLE_LISTED)
		name = f->match.list ? span_str(f->match.list->zone) : (struct span){0};
	struct whole_row *row = kind == WHOLE_DOMAIN && !name.len ? NULL : row_of(w, kind, name);
	if (!row)
		return;
	receiver = receiver_of(d);
	count_refused(row, d->at_ms, receiver, f->deferred);
	keep_line(w, row, d, receiver);
}
