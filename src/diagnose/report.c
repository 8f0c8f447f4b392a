/* SPDX-License-Identifier: BSD-2-Clause */
/* Candidates of all detectors, overlaps taken out, as rows. */
#include "diagnose/hash.h"
#include "diagnose/rows.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
	RECIPIENTS_MIN = 4,
	ODD_LIMITED_MIN = 3, /* times that a limit stopped it */
	ODD_RECIPIENTS_MIN = 50,
	DAY_HOURS = 24,
	HALF_DAY_HOURS = 12,
	LETTERS_AN_HOUR = 5,
	MAILING_AN_HOUR = 20,
	LETTERS_MIN = 3,
	PROGRAM_HOURS = 3,
	SAME_TIME_HOURS = 2,
	EACH_OF_LISTS = 3,
	LEG_MIN = 20, /* recipients that are told apart */
};

static const double suggested_weight = 0.7; /* the list says what kind of sender it lists */
/* Only what a stranger explains makes an account or a program out of a mailing that is its own. */
static const double strange_min = 0.7;
static const double also_odds = -1.4; /* from which it is worth a word (0.2) */
static const double tight_odds = 0.5; /* so much weaker may a shorter stretch be */

struct finding {
	struct reporting *w;
	struct found *at;
	size_t count;
	double least; /* what is weaker explains nothing: what is weak does not stand before what is strong */
};

int64_t report_listed_ms(const struct reporting *w)
{
	const struct tally *t = w->t;
	int64_t first = t->o->listed_at_ms;
	for (uint32_t i = 0; first == CASE_TIME_NONE && i < t->listed.zone_count; i++)
		if (t->listed.zones[i].count && (first == CASE_TIME_NONE || t->listed.zones[i].refused_ms < first))
			first = t->listed.zones[i].refused_ms;
	return first;
}

bool report_explains(const struct reporting *w, int64_t first_ms, int64_t last_ms)
{
	int64_t listed = report_listed_ms(w);
	return listed != CASE_TIME_NONE && first_ms <= listed + LISTING_SLACK_MS && last_ms >= listed - LISTING_LAG_MS;
}

bool report_policy_only(const struct reporting *w)
{
	const struct diagnose_options *o = w->t->o;
	for (size_t i = 0; i < o->listing_count; i++)
		if (o->listings[i].class != CLASS_POLICY && !o->listings[i].neighbour)
			return false;
	return o->listing_count > 0;
}

/* ---- one identity ---- */

static void listing_signals(const struct reporting *w, const struct detect *d, struct candidate *c)
{
	const struct diagnose_options *o = w->t->o;
	int64_t listed = report_listed_ms(w);
	signal_listed_then(w, d, c);
	for (size_t i = 0; i < o->listing_count; i++)
		if (o->listings[i].suggests >> c->kind & 1) {
			signal_add(d, c, "listing", suggested_weight, 1, "%s lists addresses that do this",
				   o->listings[i].name ? o->listings[i].name : o->listings[i].zone);
			break;
		}
	if (o->listed_at_ms != CASE_TIME_NONE && c->burst.first_ms > listed + LISTING_SLACK_MS) {
		signal_add(d, c, "after_listing", -1, 1, "it began after the listing");
		against_add(d, c, "it began after the listing, so it cannot be the cause");
	}
}

/* @return 0; -ENOMEM. */
static int find_relaying(struct reporting *w)
{
	for (uint32_t i = 0; i < w->t->ids.count; i++) {
		struct relaying *r = NULL;
		if (w->t->ids.at[i]->kind != IDENTITY_RELAY)
			continue;
		r = relaying_of(w->t, w->t->ids.at[i], w->arena);
		if (!r)
			return -ENOMEM;
		r->next = w->relaying;
		w->relaying = r;
	}
	return 0;
}

/* Of what clients outside relayed only what is not known to be permitted. NULL: nothing of it. */
static const struct identity *looked_at(const struct reporting *w, const struct identity *id)
{
	for (const struct relaying *r = w->relaying; r && id->kind == IDENTITY_RELAY; r = r->next)
		if (r->of == id)
			return r->rest.hour_count > 0 ? &r->rest : NULL;
	return id;
}

const struct relaying *relaying_for(const struct reporting *w, const struct identity *id)
{
	const struct relaying *r = id->kind == IDENTITY_RELAY ? w->relaying : NULL;
	while (r && &r->rest != id)
		r = r->next;
	return r;
}

/* A domain's bounces may all be one address's: a full mailbox. */
static const char *notice_subject(const struct identity *notice)
{
	uint64_t all = notice->senders.beyond;
	const struct name_seen *top = NULL;
	for (uint32_t i = 0; i < notice->senders.count; i++) {
		const struct name_seen *s = notice->senders.at + i;
		all += s->messages;
		top = !top || s->messages > top->messages ? s : top;
	}
	return top && top->text[0] && top->messages * 10 >= all * 9 && all >= RECIPIENTS_MIN ? top->text : notice->name;
}

/* Of a program that speaks SMTP to this host the log has no path and no user: the sender that most of it has, else the
 * address that it comes from stands for it. */
static const char *loopback_subject(const struct identity *id, const struct burst *b)
{
	const struct name_seen *top = NULL;
	for (uint32_t i = 0; i < id->senders.count; i++) {
		const struct name_seen *s = id->senders.at + i;
		bool then = s->first_hour <= b->last_hour && s->last_hour >= b->first_hour;
		if (then && (!top || s->messages > top->messages))
			top = s;
	}
	if (top && top->messages * 10 >= b->messages * 6)
		return top->text;
	return id->name;
}

/* The client with most recipients stands for the relaying. */
static const char *subject_of(const struct reporting *w, enum cause kind, const struct identity *id,
			      const struct burst *b)
{
	const struct relaying *r = relaying_for(w, id);
	if (id->kind == IDENTITY_NOTICE)
		return notice_subject(id);
	if (kind == CAUSE_SCRIPT && script_by_loopback(id))
		return loopback_subject(id, b);
	return r && r->top ? r->top->name : id->name;
}

static bool weigh_stretch(const struct reporting *w, const struct detector *by, const struct identity *id,
			  const struct burst *b, struct arena *arena, struct candidate *c)
{
	struct detect d = {w->t, arena, relaying_for(w, id)};
	*c = (struct candidate){.kind = by->kind, .id = id, .subject = subject_of(w, by->kind, id, b), .burst = *b};
	if (!by->weigh(&d, c))
		return false;
	listing_signals(w, &d, c);
	return true;
}

/* One sign at full strength is worth a word, whatever else speaks against it. A mailing from where its owner always is has
 * some of them by nature. */
static bool is_odd(const struct candidate *c)
{
	static const enum signal signs[] = {SIGNAL_growth,      SIGNAL_silent_before,   SIGNAL_one_text,
					    SIGNAL_restless,    SIGNAL_client_networks, SIGNAL_throttled,
					    SIGNAL_daily_growth};
	if (c->kind != CAUSE_COMPROMISED_ACCOUNT && c->kind != CAUSE_SCRIPT)
		return false;
	if (c->burst.limited >= ODD_LIMITED_MIN)
		return true;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (c->shape[signs[i]] >= 0.95 && c->burst.recipients >= ODD_RECIPIENTS_MIN &&
		    c->shape[SIGNAL_usual_network] < 0.5 && c->shape[SIGNAL_same_recipients] == 0)
			return true;
	return false;
}

/* How strong each stretch of an identity is. @return the strongest one's place; *ret_count: none is worth a word. */
static size_t strongest(const struct reporting *w, const struct detector *by, const struct identity *id,
			struct burst bursts[BURSTS_MAX], double odds[BURSTS_MAX], size_t *ret_count)
{
	struct candidate c;
	size_t n = bursts_find(id, &w->ground, bursts), top = n;
	for (size_t i = 0; i < n; i++) {
		bool weighed = weigh_stretch(w, by, id, &bursts[i], NULL, &c);
		odds[i] = weighed ? c.odds : -HUGE_VAL;
		if (weighed && (top < n ? odds[i] > odds[top] : odds[i] > also_odds || is_odd(&c)))
			top = i;
	}
	*ret_count = n;
	return top;
}

/* Texts are made for the strongest stretch alone, and only where it is worth a word. */
static bool best_stretch(const struct reporting *w, const struct detector *by, const struct identity *id,
			 struct candidate *best)
{
	struct burst bursts[BURSTS_MAX];
	double odds[BURSTS_MAX];
	size_t n, top = strongest(w, by, id, bursts, odds, &n);
	return top < n && weigh_stretch(w, by, id, &bursts[top], w->arena, best);
}

/* From where a log begins every place is new, the owner's as well: then the number of places counts. */
static bool holds_places(const struct burst *b, const struct burst *all)
{
	return all->past ? b->from_rare * 10 >= all->from_rare * 6 : b->networks * 10 >= all->networks * 6;
}

/* Does this stretch hold most of what speaks in the other one? */
static bool holds_most(const struct burst *b, const struct burst *all)
{
	return b->bad * 10 >= all->bad * 6 && holds_places(b, all) && b->run * 10 >= all->run * 6 &&
	       b->switches * 10 >= all->switches * 6;
}

/* What is reported is not an identity's whole life: the shortest of the stretches that are about as strong and hold most
 * of what speaks, and what was sent like it at other times. What is said of it is what this stretch comes to. */
static void sharpen(const struct reporting *w, struct found *x)
{
	struct burst b[BURSTS_MAX], wider;
	struct candidate c;
	double odds[BURSTS_MAX], least = x->c.odds >= cause_odds ? cause_odds : -HUGE_VAL;
	size_t n, top = strongest(w, x->by, x->c.id, b, odds, &n), best = top;
	if (top == n)
		return;
	bool quiet = b[top].letters_most > 0; /* it holds a quiet time and its burst: the burst is what it is about */
	for (size_t i = 0; i < n; i++)
		if (odds[i] >= least && (quiet || odds[i] >= odds[top] - tight_odds) && holds_most(&b[i], &b[top]) &&
		    b[i].last_ms - b[i].first_ms < b[best].last_ms - b[best].first_ms)
			best = i;
	wider = b[best];
	burst_widen(x->c.id, &w->ground, &wider);
	if (!weigh_stretch(w, x->by, x->c.id, &wider, w->arena, &c) || c.odds < least ||
	    c.odds < odds[best] - tight_odds)
		weigh_stretch(w, x->by, x->c.id, &b[best], w->arena, &c);
	x->c = c;
}

/* Where there is no more room the weakest goes. */
static struct found *room_for(struct finding *f, double odds)
{
	size_t least = 0;
	if (f->count < CAUSES_MAX)
		return &f->at[f->count++];
	for (size_t i = 1; i < f->count; i++)
		if (f->at[i].c.odds < f->at[least].c.odds)
			least = i;
	return f->at[least].c.odds < odds ? &f->at[least] : NULL;
}

/* Stopped at the door it has sent nothing, and yet somebody tried. */
static bool was_limited(const struct identity *id)
{
	for (uint32_t i = 0; i < id->hour_count; i++)
		if (id->hours[i].limited)
			return true;
	return false;
}

static void look(struct finding *f, const struct identity *id)
{
	bool extract = holds_lack(&f->w->coverage->holds, f->w->coverage->mail_lines) != LACK_NOTHING;
	if (id && extract && sender_way_unknown(id))
		return;
	for (size_t i = 0; detectors[i]; i++) {
		struct candidate best;
		if (!id || detectors[i]->of != id->kind || (id->recipients < RECIPIENTS_MIN && !was_limited(id)) ||
		    !best_stretch(f->w, detectors[i], id, &best))
			continue;
		struct found *room = room_for(f, best.odds);
		if (room)
			*room = (struct found){best, detectors[i]};
	}
}

int report_candidates(struct reporting *w, candidate_fn *fn, void *arg)
{
	struct burst bursts[BURSTS_MAX];
	struct candidate c;
	int rc = find_relaying(w);
	if (rc == 0)
		report_look_at_listing(w);
	for (uint32_t i = 0; rc == 0 && i < w->t->ids.count; i++) {
		const struct identity *id = looked_at(w, w->t->ids.at[i]);
		size_t n = !id || id->recipients < RECIPIENTS_MIN ? 0 : bursts_find(id, &w->ground, bursts);
		for (size_t k = 0; detectors[k]; k++)
			for (size_t b = 0; b < n && detectors[k]->of == id->kind; b++)
				if (weigh_stretch(w, detectors[k], id, &bursts[b], NULL, &c))
					fn(arg, &c, b);
	}
	return rc;
}

/* ---- overlaps: the smallest identity that explains a burst stands for it ---- */

/* The cause of another kind that this identity stands for. */
static const struct found *reported(const struct finding *f, uint64_t hash)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->at[i].c.id->hash == hash && f->at[i].c.kind != CAUSE_BULK_MAIL && f->at[i].c.odds >= f->least)
			return &f->at[i];
	return NULL;
}

/* List managers write under a name for each reader, or to some readers at a time. */
static bool is_list(const struct candidate *mailing)
{
	const struct identity *id = mailing->id;
	return id->with_tag * 2 > id->messages || mailing->burst.recipients >= EACH_OF_LISTS * mailing->burst.messages;
}

struct habit {
	uint64_t messages;
	uint32_t most; /* recipients in its strongest hour */
};

/* What it did until half a day before its strongest hour, whatever stretch is looked at. */
static struct habit habit_of(const struct identity *id)
{
	struct habit before = {0};
	uint32_t top = 0;
	for (uint32_t i = 1; i < id->hour_count; i++)
		top = id->hours[i].recipients > id->hours[top].recipients ? i : top;
	for (uint32_t i = 0; i < top; i++) {
		const struct hour *h = id->hours + i;
		if (h->hour + HALF_DAY_HOURS > id->hours[top].hour)
			break;
		before.messages += h->messages;
		before.most = h->recipients > before.most ? h->recipients : before.most;
	}
	return before;
}

/* Of a program that speaks SMTP to this host. Its past is that of all such programs; the sender's own tells: whoever wrote
 * single letters until then is no list. One that was never heard of is none at night, or without a rest. */
static bool is_mailer(const struct candidate *origin, const struct candidate *mailing)
{
	struct habit before = habit_of(mailing->id);
	if (is_list(mailing) || before.most >= MAILING_AN_HOUR)
		return true;
	return before.messages < LETTERS_MIN && mailing->shape[SIGNAL_off_hours] < 0.5 &&
	       origin->shape[SIGNAL_restless] == 0;
}

/* Does it come again after a day or more, at much the same time of day? */
static bool comes_again(const struct identity *id)
{
	uint32_t begin = id->hour_count ? id->hours[0].hour : 0, runs = 1;
	for (uint32_t i = 1; i < id->hour_count; i++) {
		uint32_t hour = id->hours[i].hour;
		if (hour - id->hours[i - 1].hour < HALF_DAY_HOURS)
			continue;
		uint32_t apart = (hour - begin) % DAY_HOURS;
		if (apart > SAME_TIME_HOURS && apart < DAY_HOURS - SAME_TIME_HOURS)
			return false;
		runs++;
	}
	return runs > 1;
}

/* A machine that does nothing else: all of its mail has one sender, of a domain that is ours, comes again as a mailing
 * does, and none of it is single letters. What infects a machine writes under many names, or beside what its user writes. */
static bool is_mailers_machine(const struct candidate *origin, const struct candidate *mailing)
{
	const struct identity *id = origin->id;
	uint32_t letters = 0;
	for (uint32_t i = 0; i < id->hour_count; i++)
		letters += id->hours[i].messages < MAILING_AN_HOUR;
	return comes_again(id) && id->senders.beyond == 0 && origin->burst.foreign == 0 &&
	       letters * 4 <= id->hour_count && mailing->id->messages * 10 >= id->messages * 9 &&
	       origin->shape[SIGNAL_senders] == 0;
}

/* Does this login, program or machine send mailings? A form or a person's machine that wrote single letters until then
 * does not, nor does a program of a web site that nobody knew before; a login is a person's, who may send both. */
static bool mails_in_bulk(const struct candidate *origin, const struct candidate *mailing)
{
	const struct burst *o = &origin->burst, *m = &mailing->burst;
	bool web = origin->shape[SIGNAL_web] + origin->shape[SIGNAL_dropped_file] > 0;
	if (script_by_loopback(origin->id))
		return is_mailer(origin, mailing);
	if (origin->id->kind == IDENTITY_SCRIPT)
		return o->past ? o->past_most > LETTERS_AN_HOUR : !(web && o->silent);
	return origin->id->kind != IDENTITY_CLIENT || m->past_most >= MAILING_AN_HOUR ||
	       is_mailers_machine(origin, mailing);
}

/* Recipients of an identity from one hour to another. */
static uint64_t recipients_in(const struct identity *id, const struct burst *b)
{
	uint64_t n = 0;
	for (uint32_t i = 0; i < id->hour_count; i++)
		if (id->hours[i].hour >= b->first_hour && id->hours[i].hour <= b->last_hour)
			n += id->hours[i].recipients;
	return n;
}

/* Sent from where this login, or others here, always are; of a stretch that has no time before it, from places that it
 * comes back to. A webmail is nobody's place. */
static bool is_owners_place(const struct candidate *origin)
{
	const struct burst *b = &origin->burst;
	bool ever = !b->past && !b->silent && b->networks > 0 && b->settled == b->networks && b->from_here == 0;
	return origin->shape[SIGNAL_usual_network] > 0.5 || ever;
}

/* From where its owner always is, another address of this server is no stranger's, and copies to fifty at a time are a
 * mail program's way; not so from a webmail, whose address is everybody's. */
static bool is_strange(const struct candidate *origin, const struct candidate *mailing)
{
	bool own = mailing->shape[SIGNAL_usual_network] > 0.5 && mailing->burst.foreign == 0 &&
		   origin->shape[SIGNAL_foreign_senders] == 0;
	double others = own ? origin->shape[SIGNAL_sender_is_not_login] + origin->shape[SIGNAL_senders] : 0;
	if (own && is_owners_place(origin) && origin->shape[SIGNAL_off_hours] == 0)
		others += origin->shape[SIGNAL_batches];
	return origin->strange - others >= strange_min;
}

/* Was the network that it sent most from seen a day before its strongest hour? Who only came to send was not. */
static bool was_there_before(const struct identity *id)
{
	const struct network *most = NULL;
	uint32_t hour = 0, recipients = 0;
	for (uint32_t i = 0; i < id->network_count; i++)
		if (!most || id->networks[i].recipients > most->recipients)
			most = id->networks + i;
	for (uint32_t i = 0; i < id->hour_count; i++)
		if (id->hours[i].recipients > recipients) {
			recipients = id->hours[i].recipients;
			hour = id->hours[i].hour;
		}
	return most && most->known_hour + DAY_HOURS <= hour;
}

/* A login of a mailing program: it has one place and does nothing else, not even read mail; it goes on for hours of the
 * day, evenly and to one reader after the other, as nobody is in a hurry. Whoever stole an account is, or hides. */
static bool is_programs_login(const struct candidate *origin)
{
	const struct identity *id = origin->id;
	const struct burst *b = &origin->burst;
	bool even = (uint64_t)b->peak * b->hours <= 2 * b->recipients, all = b->messages * 20 >= id->messages * 19;
	return id->network_count == 1 && all && even && b->hours >= PROGRAM_HOURS && b->recipients == b->messages &&
	       b->other == 0 && b->last_hour - b->first_hour < HALF_DAY_HOURS && origin->shape[SIGNAL_off_hours] == 0;
}

/* From a network where neither this login nor anybody else here was ever at home. */
static bool from_strangers(const struct candidate *origin, const struct candidate *mailing)
{
	return origin->id->kind == IDENTITY_LOGIN && mailing->shape[SIGNAL_new_network] > 0.9 &&
	       origin->shape[SIGNAL_new_network] + origin->shape[SIGNAL_strange_network] > 0.9 &&
	       !was_there_before(origin->id) && !is_programs_login(origin);
}

/* Is the burst of this login, program or client nothing else than the mailing of this one sender, its usual way? */
static bool is_mailing(const struct candidate *origin, const struct candidate *mailing)
{
	const struct burst *o = &origin->burst, *m = &mailing->burst;
	/* where a gateway or a webmail hides whence it came, the hours tell: a mailing's owner sleeps, unless a program sends its one text */
	bool hidden = mailing->shape[SIGNAL_usual_network] == 0 || o->from_here * 2 > o->messages;
	bool asleep = origin->shape[SIGNAL_off_hours] > 0.5 && hidden;
	bool letters = mailing->shape[SIGNAL_one_text] + mailing->shape[SIGNAL_alike] < 0.5;
	if ((asleep && (letters || origin->odds > mailing->odds)) || from_strangers(origin, mailing))
		return false;
	bool same_time = m->first_hour <= o->last_hour && o->first_hour <= m->last_hour;
	return same_time && recipients_in(mailing->id, o) * 10 >= o->recipients * 8 && !is_strange(origin, mailing) &&
	       mailing->odds >= cause_odds && mails_in_bulk(origin, mailing);
}

/* What carries this mailing: its own login, or the ways that the sender's messages came. */
static const struct found *carrier(const struct finding *f, const struct identity *id)
{
	if (id->kind != IDENTITY_SENDER)
		return reported(f, id->hash);
	for (int i = 0; i < VIA_MAX; i++) {
		const struct found *x = id->via[i].messages ? reported(f, id->via[i].hash) : NULL;
		if (x)
			return x;
	}
	return NULL;
}

/* What a login sends under its own address is counted for it alone; this came back from a filter. */
static bool is_of_own_login(const struct finding *f, const struct candidate *mailing)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct candidate *c = &f->at[i].c;
		if (c->kind == CAUSE_COMPROMISED_ACCOUNT && c->odds >= f->least && c->id->host == mailing->id->host &&
		    strcasecmp(c->id->name, mailing->id->name) == 0 && !is_mailing(c, mailing))
			return true;
	}
	return false;
}

/* A mailing may be counted twice, as its way leads through a filter: any of the ways explains it that is more than it. */
static bool is_of_carrier(const struct finding *f, const struct candidate *mailing)
{
	const struct identity *id = mailing->id;
	uint64_t all = 0;
	for (int i = 0; i < VIA_MAX; i++)
		all += id->via[i].messages;
	for (int i = 0; id->kind == IDENTITY_SENDER && i < VIA_MAX; i++) {
		const struct found *x = id->via[i].messages * 4 >= all ? reported(f, id->via[i].hash) : NULL;
		if (x && !is_mailing(&x->c, mailing))
			return true;
	}
	const struct found *origin = carrier(f, id);
	return (origin && !is_mailing(&origin->c, mailing)) || is_of_own_login(f, mailing);
}

/* Nearly all whom the login wrote to got mail from the other as well. */
static bool same_recipients(const struct identity *login, const struct identity *other)
{
	const struct seen_set *s = &login->seen;
	uint64_t both = 0;
	if (s->count < LEG_MIN || s->count > other->seen.count + s->count / 10)
		return false;
	for (uint32_t i = 0; i < s->size; i++)
		both += s->at[i] && identity_seen(&other->seen, s->at[i]);
	return both * 10 >= (uint64_t)s->count * 9;
}

/* A filter that hands messages back under a new Message-ID: the log shows each twice, and the first time tells who sent it. */
static bool is_next_leg(const struct finding *f, const struct candidate *c)
{
	bool may_be = c->kind == CAUSE_SCRIPT || c->kind == CAUSE_INFECTED_CLIENT || c->kind == CAUSE_OPEN_RELAY;
	if (!may_be || c->id->with_login * 2 > c->id->messages)
		return false;
	for (size_t i = 0; i < f->count; i++) {
		const struct candidate *login = &f->at[i].c;
		if (login->id->kind != IDENTITY_LOGIN || login->id->host != c->id->host || login->odds < f->least)
			continue;
		if (recipients_in(login->id, &c->burst) * 10 >= c->burst.recipients * 6 &&
		    same_recipients(login->id, c->id))
			return true;
	}
	return false;
}

static bool has_mailing(const struct finding *f, const struct found *origin)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->at[i].c.kind == CAUSE_BULK_MAIL && carrier(f, f->at[i].c.id) == origin &&
		    is_mailing(&origin->c, &f->at[i].c))
			return true;
	return false;
}

static bool same_logins(const struct finding *f, const struct identity *login)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct identity *client = f->at[i].c.id;
		if (client->kind != IDENTITY_CLIENT || client->with_login * 2 <= client->messages ||
		    f->at[i].c.odds < f->least)
			continue;
		for (uint32_t k = 0; k < client->logins.count; k++)
			if (span_equal_nocase(span_str(client->logins.at[k].text), span_str(login->name)))
				return true;
	}
	return false;
}

/* What a forward's receiver refuses comes back as a notice to a sender that is often forged: that forward's harm. */
static bool is_of_forward(const struct finding *f, const struct candidate *notice)
{
	const struct identity *id = notice->id;
	struct span domain = address_domain(span_str(id->name));
	if (domain.len == 0)
		domain = span_str(id->name);
	for (size_t i = 0; i < f->count; i++) {
		const struct candidate *c = &f->at[i].c;
		if (c->kind == CAUSE_FORWARDING && c->odds >= f->least && c->id->host == id->host &&
		    span_equal_nocase(address_domain(span_str(c->id->name)), domain) &&
		    notice->burst.messages * 2 <= c->burst.rejected * 3)
			return true;
	}
	return false;
}

/* An open relay's spam comes back to senders that are forged, for domains that nobody here serves. */
static bool is_of_relay(const struct finding *f, const struct candidate *notice)
{
	struct span name = span_str(notice->id->name), domain = address_domain(name);
	if (places_own(&f->w->t->places, domain.len ? domain : name))
		return false;
	for (size_t i = 0; i < f->count; i++) {
		const struct candidate *c = &f->at[i].c;
		if (c->kind == CAUSE_OPEN_RELAY && c->id->host == notice->id->host && c->odds >= cause_odds &&
		    c->burst.first_hour <= notice->burst.last_hour &&
		    notice->burst.first_hour <= c->burst.last_hour + 1)
			return true;
	}
	return false;
}

/* Of a domain with more addresses than names are kept, those that found no room are told by the domain. */
static bool is_among(const struct identity *all, const struct identity *forward)
{
	for (uint32_t k = 0; k < all->logins.count; k++)
		if (strcasecmp(all->logins.at[k].text, forward->name) == 0)
			return true;
	struct span domain = address_domain(span_str(forward->name));
	return all->logins.beyond >= forward->messages && span_equal_nocase(domain, span_str(all->name + 1));
}

/* One address of a domain whose mail goes to one place as a whole. */
static bool is_of_catch_all(const struct finding *f, const struct identity *forward)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct identity *all = f->at[i].c.id;
		if (f->at[i].c.odds < f->least)
			continue;
		if (all->kind == IDENTITY_FORWARD && all != forward && all->name[0] == '@' &&
		    all->host == forward->host && is_among(all, forward))
			return true;
	}
	return false;
}

static bool is_explained(const struct finding *f, const struct found *x)
{
	const struct identity *id = x->c.id;
	if (id->kind == IDENTITY_FORWARD)
		return is_of_catch_all(f, id);
	if (is_next_leg(f, &x->c))
		return true;
	if (x->c.kind == CAUSE_BULK_MAIL)
		return is_of_carrier(f, &x->c);
	if (id->kind == IDENTITY_NOTICE && (is_of_forward(f, &x->c) || is_of_relay(f, &x->c)))
		return true;
	if (id->kind == IDENTITY_LOGIN && same_logins(f, id))
		return true;
	return has_mailing(f, x);
}

static void settle(struct finding *f)
{
	bool explained[CAUSES_MAX];
	size_t kept = 0;
	for (size_t i = 0; i < f->count; i++) {
		f->least = f->at[i].c.odds >= cause_odds ? cause_odds : -HUGE_VAL;
		explained[i] = is_explained(f, &f->at[i]);
	}
	for (size_t i = 0; i < f->count; i++)
		if (!explained[i])
			f->at[kept++] = f->at[i];
	f->count = kept;
	for (size_t i = 0; i < f->count; i++)
		sharpen(f->w, &f->at[i]);
}

/* ---- the report ---- */

static int add_rows(struct reporting *w, const struct finding *f, struct cause_row *causes, struct cause_row *also)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < f->count; i++) {
		bool cause = f->at[i].c.odds >= cause_odds;
		size_t *n = cause ? &w->report->cause_count : &w->report->also_count;
		rc = row_of(w, &f->at[i], cause, &(cause ? causes : also)[(*n)++]);
	}
	return rc;
}

/* What no sender explains. */
static int add_whole(struct reporting *w, struct cause_row *rows)
{
	struct diagnose_report *r = w->report;
	int rc;
	if (r->cause_count)
		return 0;
	if (report_policy_only(w))
		return policy_row(w, &rows[r->cause_count++]);
	rc = whole_cause(w, &rows[0]);
	r->cause_count = rc > 0;
	return rc < 0 ? rc : 0;
}

int report_causes(struct reporting *w)
{
	struct finding f = {.w = w, .at = calloc(CAUSES_MAX, sizeof(*f.at))};
	struct cause_row *rows = arena_alloc(w->arena, CAUSES_MAX + 1, sizeof(*rows));
	struct cause_row *also = arena_alloc(w->arena, CAUSES_MAX, sizeof(*also));
	struct diagnose_report *r = w->report;
	int rc = f.at && rows && also ? 0 : -ENOMEM;
	if (rc == 0)
		rc = find_relaying(w);
	if (rc == 0)
		report_look_at_listing(w);
	for (uint32_t i = 0; rc == 0 && i < w->t->ids.count; i++)
		look(&f, looked_at(w, w->t->ids.at[i]));
	if (rc == 0) {
		settle(&f);
		rc = add_rows(w, &f, rows, also);
	}
	if (rc == 0) {
		rows_sort(rows, r->cause_count);
		rows_sort(also, r->also_count);
		r->also_count = r->also_count < ALSO_MAX ? r->also_count : ALSO_MAX;
	}
	if (rc == 0)
		rc = add_whole(w, rows);
	free(f.at);
	r->causes = rows;
	r->also_seen = also;
	return rc;
}
