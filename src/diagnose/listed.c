/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "diagnose/listed.h"

enum { SEARCH_MAX = 8 };

void listed_release(struct listed *l)
{
	free(l->receivers);
	l->receivers = NULL;
}

void listed_fetch(const struct listed *l, uint64_t relay)
{
	if (l->receivers)
		__builtin_prefetch(l->receivers + ((uint32_t)relay & (RECEIVERS_SEEN_MAX - 1)), 1);
}

static struct receiver_seen *receiver_of(struct listed *l, uint64_t hash)
{
	if (!l->receivers)
		l->receivers = calloc(RECEIVERS_SEEN_MAX, sizeof(*l->receivers));
	if (!l->receivers) {
		l->error = -ENOMEM;
		return NULL;
	}
	uint32_t tag = (uint32_t)(hash >> 32) | 1;
	for (uint32_t i = 0; i < SEARCH_MAX; i++) {
		struct receiver_seen *r = l->receivers + (((uint32_t)hash + i) & (RECEIVERS_SEEN_MAX - 1));
		if (r->tag == tag)
			return r;
		if (!r->tag) {
			*r = (struct receiver_seen){tag, 0, CASE_TIME_NONE};
			return r;
		}
	}
	return NULL;
}

static struct zone_seen *zone_get(struct listed *l, struct span zone)
{
	for (uint32_t i = 0; i < l->zone_count; i++)
		if (span_equal_nocase(span_str(l->zones[i].zone), zone))
			return l->zones + i;
	if (l->zone_count == ZONES_SEEN_MAX || zone.len >= ZONE_TEXT_SIZE || memchr(zone.at, 0, zone.len))
		return NULL;
	struct zone_seen *z = &l->zones[l->zone_count++];
	*z = (struct zone_seen){{0}, INT64_MAX, CASE_TIME_NONE, INT64_MIN, 0, 0};
	memcpy(z->zone, zone.at, zone.len);
	ascii_lower_all(z->zone);
	return z;
}

static void note_refused(struct listed *l, struct receiver_seen *r, int64_t at_ms, const struct reply_match *m)
{
	struct zone_seen *z = zone_get(l, m->zone);
	if (!z)
		return;
	z->suggests |= m->list ? m->list->suggests : 0;
	z->count++;
	if (at_ms > z->last_ms)
		z->last_ms = at_ms;
	if (at_ms < z->refused_ms)
		z->refused_ms = at_ms;
	if (r && !r->zone) {
		r->zone = (uint32_t)(z - l->zones) + 1;
		if (r->accepted_ms < z->refused_ms && r->accepted_ms > z->accepted_ms)
			z->accepted_ms = r->accepted_ms;
	}
}

static void note_accepted(struct listed *l, struct receiver_seen *r, int64_t at_ms)
{
	if (r->zone) { /* messages come as they end: an earlier acceptance may be told later */
		struct zone_seen *z = &l->zones[r->zone - 1];
		if (at_ms < z->refused_ms && at_ms > z->accepted_ms)
			z->accepted_ms = at_ms;
	} else if (at_ms > r->accepted_ms) {
		r->accepted_ms = at_ms;
	}
}

void listed_note(struct listed *l, const struct mail_delivery *d, const struct fate *f, uint64_t relay)
{
	/* since when a domain is listed is not since when we are */
	bool names = f->listed && f->match.means == REPLY_LISTED_PUBLIC && f->match.zone.len > 0;
	if ((!f->delivered && !names) || d->relay_name.len == 0)
		return;
	struct receiver_seen *r = receiver_of(l, relay);
	if (names)
		note_refused(l, r, d->at_ms, &f->match);
	else if (r)
		note_accepted(l, r, d->at_ms);
}
