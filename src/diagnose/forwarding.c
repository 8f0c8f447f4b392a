/* SPDX-License-Identifier: BSD-2-Clause */
/* A local address that sends on what it gets, spam too: the receiver sees it come from us. What the receiver refuses
 * everybody of us, as our address is listed or its reputation is gone, is no word about what is forwarded. */
#include "diagnose/detect.h"

enum { AGAIN_MIN = 3, REFUSED_MIN = 3, OTHERS_MIN = 4, ORIGINALS_MIN = 4 };

struct slot { /* of the forward's own hours, as long as a row of trouble */
	uint64_t recipients, spam, listed;
};

struct refused {
	uint64_t own, everybody; /* refusals that speak of what it forwards, and such that all of us got */
};

/* Words of a listing that stand between acceptances by the same receiver are about the messages, not about us. */
static bool is_picked(const struct identity *id, const struct burst *b)
{
	return id->seen.count <= AGAIN_MIN && id->accepted_again >= AGAIN_MIN && id->accepted_again * 5 >= b->listed;
}

static double share_of(uint64_t n, uint64_t of)
{
	return of > 0 ? (double)n / (double)of : 0;
}

/* Others at the same receiver and time are the measure; where there are none, a listing is nobody's. */
static void add_slot(const struct detect *d, const struct candidate *c, uint32_t hour, const struct slot *s,
		     struct refused *r)
{
	const struct trouble *t = trouble_find(&d->t->troubles, c->id->receiver, hour);
	uint64_t all = t ? (uint64_t)t->passed + t->spam + t->listed : 0;
	uint64_t others = all > s->recipients ? all - s->recipients : 0;
	uint64_t spam = t && t->spam > s->spam ? t->spam - s->spam : 0;
	uint64_t listed = t && t->listed > s->listed ? t->listed - s->listed : 0;
	bool compare = others >= OTHERS_MIN;
	bool spam_counts = !compare || share_of(s->spam, s->recipients) > 2 * share_of(spam + listed, others);
	bool listed_counts = compare ? share_of(s->listed, s->recipients) > 4 * share_of(spam + listed, others)
				     : is_picked(c->id, &c->burst);
	r->own += (spam_counts ? s->spam : 0) + (listed_counts ? s->listed : 0);
	r->everybody += (spam_counts ? 0 : s->spam) + (listed_counts ? 0 : s->listed);
}

static struct refused refused_of(const struct detect *d, const struct candidate *c)
{
	struct refused r = {0};
	struct slot s = {0};
	uint32_t at = 0;
	for (uint32_t i = 0; i < c->id->hour_count; i++) {
		const struct hour *h = c->id->hours + i;
		if (h->hour < c->burst.first_hour || h->hour > c->burst.last_hour)
			continue;
		if (s.recipients > 0 && h->hour / TROUBLE_HOURS != at / TROUBLE_HOURS) {
			add_slot(d, c, at, &s, &r);
			s = (struct slot){0};
		}
		at = h->hour;
		s.recipients += h->recipients;
		s.spam += h->spam;
		s.listed += h->listed;
	}
	if (s.recipients > 0)
		add_slot(d, c, at, &s, &r);
	return r;
}

/* All of a domain that goes to one mailbox elsewhere: several addresses, none of which has most of it. */
static bool is_catch_all(const struct identity *id)
{
	uint64_t most = 0;
	for (uint32_t i = 0; i < id->logins.count; i++)
		most = id->logins.at[i].messages > most ? id->logins.at[i].messages : most;
	return id->logins.count >= ORIGINALS_MIN && most * 10 < id->messages * 6;
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	struct refused r = refused_of(d, c);
	double share = share_low(r.own, b->recipients);
	if (r.own < REFUSED_MIN || (c->id->name[0] == '@' && !is_catch_all(c->id)))
		return false;
	signal_prior(d, c);
	signal_weigh(d, c, SIGNAL_refused, shape_log((double)r.own, 3, 30), (double)r.own,
		     "%llu forwarded messages were refused as spam", (unsigned long long)r.own);
	signal_weigh(d, c, SIGNAL_refused_share, shape_log(share, 0.05, 0.25), share,
		     "out of %llu messages that it forwarded", (unsigned long long)b->recipients);
	signal_weigh(d, c, SIGNAL_few_refused, shape_flag(share < 0.05), share, "a small part of what it forwarded");
	if (r.own * 2 < b->recipients)
		against_add(d, c, "%llu of %llu forwarded messages were not refused as spam",
			    (unsigned long long)(b->recipients - r.own), (unsigned long long)b->recipients);
	if (r.everybody > 0)
		against_add(d, c, "%llu more were refused because that receiver refused all mail of this server",
			    (unsigned long long)r.everybody);
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], refused[WORDS_COUNT_SIZE];
	const struct burst *b = &c->burst;
	const char *target = c->id->name[0] == '@' && c->id->senders.count ? c->id->senders.at[0].text : NULL;
	return words_printf(d->arena,
			    "%s%s %s the spam that it gets%s%s: the receiver refused %s of %s messages as spam",
			    target ? "The catch-all of " : "", target ? c->subject + 1 : c->subject,
			    running ? "forwards" : "forwarded", target ? " to " : "", target ? target : "",
			    words_count(refused, refused_of(d, c).own), words_count(recipients, b->recipients));
}

static const char *const fix[] = {
	"do not forward what the spam filter marks as spam; better, let the user fetch mail from this mailbox",
	"rewrite the envelope sender (SRS) of what is forwarded, and sign it (ARC)",
	NULL,
};

const struct detector detect_forwarding = {CAUSE_FORWARDING, IDENTITY_FORWARD, weigh, fix, sentence};
