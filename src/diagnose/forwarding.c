/* SPDX-License-Identifier: BSD-2-Clause */
/* A local address that sends on what it gets, spam too: the receiver sees it come from us. What the receiver refuses
 * everybody of us, as our address is listed or its reputation is gone, is no word about what is forwarded. */
#include <stdio.h>

#include "diagnose/detect.h"
#include "diagnose/hash.h"

enum {
	ROWS_AROUND = 8,
	CLIENTS_MIN = 8,
	AGAIN_MIN = 3,
	REFUSED_MIN = 3,
	OTHERS_MIN = 4,
	OTHERS_ENOUGH = 10,
	ORIGINALS_MIN = 4
};

struct slot { /* of the forward's own hours, as long as a row of trouble */
	uint64_t recipients, spam, listed;
	uint64_t domain_listed, untold; /* of `spam`: what the replies say instead */
};

struct refused {
	uint64_t own, everybody; /* refusals that speak of what it forwards, and such that all of us got */
	uint64_t listed, domain_listed, untold; /* of `own`: for a listing; the rest was called spam */
};

/* The same where messages end in another order than they came, as one of two mailboxes has others wait: in how many hours
 * did a receiver take some and refuse some? Whoever is blocked is so from one hour to another. */
static bool is_mixed_by_hours(const struct identity *id)
{
	uint32_t refused = 0, mixed = 0, targets = id->seen.count ? id->seen.count : 1;
	for (uint32_t i = 0; i < id->hour_count; i++) {
		const struct hour *h = id->hours + i;
		refused += h->listed > 0;
		mixed += h->listed > 0 && h->recipients > targets * h->listed;
	}
	return mixed > AGAIN_MIN && mixed * 3 >= refused;
}

/* Words of a listing that stand between acceptances by the same receiver are about the messages, not about us. */
static bool is_picked(const struct identity *id, const struct burst *b)
{
	bool again = id->accepted_again >= AGAIN_MIN && id->accepted_again * 5 >= b->listed;
	return id->seen.count <= AGAIN_MIN && (again || is_mixed_by_hours(id));
}

struct others { /* what became of mail to the same receiver that no forward sent on */
	uint64_t all, spam, listed;
};

static void add_hour(struct slot *s, const struct hour *h)
{
	s->recipients += h->recipients;
	s->spam += h->spam;
	s->listed += h->listed;
	s->domain_listed += h->domain_listed;
	s->untold += h->untold;
}

/* The forward's own part in a row of trouble. */
static struct slot slot_of(const struct identity *id, uint32_t row)
{
	struct slot s = {0};
	for (uint32_t i = 0; i < id->hour_count; i++) {
		const struct hour *h = id->hours + i;
		if (h->hour / TROUBLE_HOURS != row)
			continue;
		add_hour(&s, h);
	}
	return s;
}

static void add_others(const struct detect *d, const struct candidate *c, uint32_t row, struct others *o)
{
	const struct trouble *t = trouble_find(&d->t->troubles, c->id->receiver, row * TROUBLE_HOURS);
	if (!t)
		return;
	struct slot s = {0};
	if (c->id->is_target) /* mail to one address: nothing says that it was sent on, so it is counted there */
		s = slot_of(c->id, row);
	uint64_t all = (uint64_t)t->passed + t->spam + t->listed;
	o->all += all > s.recipients ? all - s.recipients : 0;
	o->spam += t->spam > s.spam ? t->spam - s.spam : 0;
	o->listed += t->listed > s.listed ? t->listed - s.listed : 0;
}

/* At night and on Sundays hardly anybody else writes: then those of two days around. */
static struct others others_of(const struct detect *d, const struct candidate *c, uint32_t hour)
{
	struct others o = {0};
	uint32_t row = hour / TROUBLE_HOURS;
	add_others(d, c, row, &o);
	for (uint32_t i = 1; i <= ROWS_AROUND && o.all < OTHERS_MIN; i++) {
		add_others(d, c, row - i, &o);
		add_others(d, c, row + i, &o);
	}
	return o;
}

/* Others at the same receiver and time are the measure; where there are none, a listing is nobody's. */
static void add_slot(const struct candidate *c, const struct slot *s, const struct others *o, struct refused *r)
{
	bool compare = o->all >= OTHERS_MIN;
	double refused = share_of(o->spam + o->listed, o->all);
	bool spam_counts = !compare || share_of(s->spam, s->recipients) > 2 * refused;
	bool listed_counts = compare ? share_of(s->listed, s->recipients) > 4 * refused : is_picked(c->id, &c->burst);
	r->own += (spam_counts ? s->spam : 0) + (listed_counts ? s->listed : 0);
	r->everybody += (spam_counts ? 0 : s->spam) + (listed_counts ? 0 : s->listed);
	r->listed += listed_counts ? s->listed : 0;
	r->domain_listed += spam_counts ? s->domain_listed : 0;
	r->untold += spam_counts ? s->untold : 0;
}

/* The next slot's hours from *at on, as far as they are the stretch's. @return false: there is none. */
static bool next_slot(const struct candidate *c, uint32_t *at, struct slot *s, uint32_t *ret_hour)
{
	const struct identity *id = c->id;
	*s = (struct slot){0};
	for (; *at < id->hour_count; (*at)++) {
		const struct hour *h = id->hours + *at;
		if (h->hour < c->burst.first_hour || h->hour > c->burst.last_hour)
			continue;
		if (s->recipients > 0 && h->hour / TROUBLE_HOURS != *ret_hour / TROUBLE_HOURS)
			return true;
		*ret_hour = h->hour;
		add_hour(s, h);
	}
	return s->recipients > 0;
}

static struct refused refused_of(const struct detect *d, const struct candidate *c)
{
	struct refused r = {0};
	struct slot s, own = {0};
	struct others all = {0};
	for (uint32_t at = 0, hour = 0; next_slot(c, &at, &s, &hour);) {
		struct others o = others_of(d, c, hour);
		add_slot(c, &s, &o, &r);
		if (s.spam == 0)
			continue;
		own.recipients += s.recipients;
		own.spam += s.spam;
		all.all += o.all;
		all.spam += o.spam;
	}
	if (all.all >= OTHERS_ENOUGH && 2 * share_of(all.spam, all.all) >= share_of(own.spam, own.recipients)) {
		/* of few letters at a time chance decides how many are refused: all of them together tell */
		r.everybody += r.own - r.listed;
		r.own = r.listed;
		r.domain_listed = r.untold = 0;
	}
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

/* Is it still the only mailbox of its domain that clients outside write to, and many do? */
static bool is_only_box(const struct detect *d, const struct identity *id)
{
	const struct domain_seen *s = places_find(&d->t->places, hash_name(address_domain(span_str(id->name)), 0));
	return s && __builtin_popcountll(s->boxes) == 1 && places_count_bits(s->clients) >= CLIENTS_MIN;
}

/* Of those refusals, the ones whose replies speak of the message itself. */
static uint64_t as_spam(const struct refused *r)
{
	return r->own - r->listed - r->domain_listed - r->untold;
}

enum { REASONS_SIZE = 160 };

/* " as spam"; ": 5 as spam, 3 for a listed domain, 2 without a reason": no more than the replies say. */
static const char *reasons(const struct refused *r, char text[REASONS_SIZE])
{
	const struct {
		uint64_t count;
		const char *why;
	} parts[] = {{as_spam(r), "as spam"},
		     {r->domain_listed, "for a listed domain"},
		     {r->listed, "for a listing"},
		     {r->untold, "without a reason"}};
	int n = 0;
	text[0] = '\0';
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].count == r->own)
			n = snprintf(text, REASONS_SIZE, " %s", parts[i].why);
		else if (parts[i].count)
			n += snprintf(text + n, REASONS_SIZE - (size_t)n, "%s%llu %s", n ? ", " : ": ",
				      (unsigned long long)parts[i].count, parts[i].why);
	}
	return text;
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	struct refused r = refused_of(d, c);
	char text[REASONS_SIZE];
	double share = share_low(r.own, b->recipients);
	if (c->id->is_target && !is_only_box(d, c->id))
		return false;
	if (r.own < REFUSED_MIN || (c->id->name[0] == '@' && !is_catch_all(c->id)))
		return false;
	signal_prior(d, c);
	signal_weigh(d, c, SIGNAL_refused, shape_log((double)r.own, 3, 30), (double)r.own,
		     "%llu forwarded messages were refused%s", (unsigned long long)r.own, reasons(&r, text));
	signal_weigh(d, c, SIGNAL_refused_share, shape_log(share, 0.05, 0.25), share,
		     "out of %llu messages that it forwarded", (unsigned long long)b->recipients);
	signal_weigh(d, c, SIGNAL_few_refused, shape_flag(share < 0.05), share, "a small part of what it forwarded");
	if (r.own * 2 < b->recipients)
		against_add(d, c, "%llu of %llu forwarded messages were not refused",
			    (unsigned long long)(b->recipients - r.own), (unsigned long long)b->recipients);
	if (r.everybody > 0)
		against_add(d, c, "%llu more were refused because that receiver refused all mail of this server",
			    (unsigned long long)r.everybody);
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], refused[WORDS_COUNT_SIZE], text[REASONS_SIZE];
	struct refused r = refused_of(d, c);
	const char *forwards = running ? "forwards" : "forwarded";
	const char *what = as_spam(&r) > 0 ? "the spam that it gets" : "mail that is refused there";
	words_count(refused, r.own);
	words_count(recipients, c->burst.recipients);
	reasons(&r, text);
	if (c->id->is_target)
		return words_printf(d->arena,
				    "An address here that the log does not name %s %s to %s: the receiver refused %s "
				    "of %s messages%s",
				    forwards, what, c->subject, refused, recipients, text);
	const char *target = c->id->name[0] == '@' && c->id->senders.count ? c->id->senders.at[0].text : NULL;
	return words_printf(d->arena, "%s%s %s %s%s%s: the receiver refused %s of %s messages%s",
			    target ? "The catch-all of " : "", target ? c->subject + 1 : c->subject, forwards, what,
			    target ? " to " : "", target ? target : "", refused, recipients, text);
}

static const char *const fix[] = {
	"do not forward what the spam filter marks as spam; better, let the user fetch mail from this mailbox",
	"rewrite the envelope sender (SRS) of what is forwarded, and sign it (ARC)",
	NULL,
};

const struct detector detect_forwarding = {CAUSE_FORWARDING, IDENTITY_FORWARD, weigh, fix, sentence};
