/* SPDX-License-Identifier: BSD-2-Clause */
/* A list that names us for the first time right after a burst, which was nearly all that left this server by then. */
#include "diagnose/report.h"

enum {
	BEFORE_HOURS = 6,  /* lists answer to traps within minutes to hours */
	ALWAYS_HOURS = 20, /* a log that begins with refusals does not show when they began */
	SENT_MIN = 50,
	GROWN = 3, /* times its busiest hour before */
};

/* Lists of address ranges and of servers that bounce tell nothing of what was sent. */
static bool is_about_spam(const struct zone_seen *z)
{
	uint32_t other = 1U << CAUSE_POLICY_LISTING | 1U << CAUSE_BACKSCATTER | 1U << CAUSE_IDENTITY;
	return z->count > 0 && (z->suggests == 0 || z->suggests & ~other);
}

static int64_t first_named(const struct tally *t)
{
	int64_t first = CASE_TIME_NONE;
	for (uint32_t i = 0; i < t->listed.zone_count; i++) {
		const struct zone_seen *z = &t->listed.zones[i];
		if (is_about_spam(z) && (first == CASE_TIME_NONE || z->refused_ms < first))
			first = z->refused_ms;
	}
	return first;
}

static uint64_t sent_between(const struct identity *id, uint32_t from, uint32_t to)
{
	uint64_t n = 0;
	for (uint32_t i = 0; i < id->hour_count; i++)
		if (id->hours[i].hour >= from && id->hours[i].hour <= to)
			n += id->hours[i].recipients;
	return n;
}

void report_look_at_listing(struct reporting *w)
{
	const struct tally *t = w->t;
	int64_t first = first_named(t);
	if (first == CASE_TIME_NONE || hour_of(first) < hour_of(t->from_ms) + ALWAYS_HOURS)
		return;
	w->listed_hour = hour_of(first);
	for (uint32_t i = 0; i < t->ids.count; i++) {
		const struct identity *id = t->ids.at[i];
		bool counted = id->kind == IDENTITY_LOGIN || id->kind == IDENTITY_SCRIPT ||
			       id->kind == IDENTITY_RELAY || id->kind == IDENTITY_FORWARD ||
			       id->kind == IDENTITY_NOTICE || (id->kind == IDENTITY_CLIENT && id->with_login == 0);
		if (counted)
			w->sent_before_listing += sent_between(id, w->listed_hour - BEFORE_HOURS, w->listed_hour);
	}
}

/* More than ever before: what is sent every night does not list a server one night. */
static bool is_grown(const struct burst *b)
{
	return b->past ? b->peak >= GROWN * (uint64_t)b->past_most : b->silent;
}

void signal_listed_then(const struct reporting *w, const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	bool sender = c->kind == CAUSE_COMPROMISED_ACCOUNT || c->kind == CAUSE_SCRIPT ||
		      c->kind == CAUSE_INFECTED_CLIENT || c->kind == CAUSE_BULK_MAIL;
	if (!sender || w->listed_hour == 0 || b->first_hour > w->listed_hour ||
	    b->last_hour + BEFORE_HOURS < w->listed_hour || !is_grown(b))
		return;
	uint64_t own = sent_between(c->id, w->listed_hour - BEFORE_HOURS, w->listed_hour);
	double share = share_of(own, w->sent_before_listing);
	if (own < SENT_MIN || share <= 0.5)
		return;
	signal_weigh(d, c, SIGNAL_listed_then, (share - 0.5) / 0.4, share,
		     "%.0f %% of what was sent in the hours before a list was first named was its own",
		     share < 1 ? share * 100 : 100);
}
