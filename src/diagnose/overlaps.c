/* SPDX-License-Identifier: BSD-2-Clause */
/* Who stands for whom: a mailing and the login, machine or program that it came from, a notice and the forward behind it, a
 * filter's next leg, the addresses of a catch-all. */
#include "diagnose/overlaps.h"

#include "diagnose/hash.h"

enum {
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

/* Only what a stranger explains makes an account or a program out of a mailing that is its own. */
static const double strange_min = 0.7;

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

/* Or one whose program mails for the first time: one text of one length under one name of ours, in working hours, and what
 * fails are addresses that do not exist. That name wrote no letters before: what infects a person's machine takes its
 * user's name or many, and makes a text for each. */
static bool is_machines_mailing(const struct candidate *origin, const struct candidate *mailing)
{
	return origin->shape[SIGNAL_alike] == 1 && origin->burst.senders == 1 && origin->burst.foreign == 0 &&
	       origin->shape[SIGNAL_refused_as_spam] < 0.5 && mailing->shape[SIGNAL_off_hours] == 0 &&
	       habit_of(mailing->id).messages == 0;
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
	       is_mailers_machine(origin, mailing) || is_machines_mailing(origin, mailing);
}

static const struct network *most_used(const struct identity *id)
{
	const struct network *most = NULL;
	for (uint32_t i = 0; i < id->network_count; i++)
		if (!most || id->networks[i].recipients > most->recipients)
			most = id->networks + i;
	return most;
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

/* The hours without a rest around the strongest one. False: it sent as much at another time, too. */
static bool run_of(const struct identity *id, uint32_t *ret_first, uint32_t *ret_last)
{
	uint32_t top = 0;
	for (uint32_t i = 1; i < id->hour_count; i++)
		top = id->hours[i].recipients > id->hours[top].recipients ? i : top;
	uint32_t first = top, last = top;
	while (first > 0 && id->hours[first - 1].recipients >= MAILING_AN_HOUR)
		first--;
	while (last + 1 < id->hour_count && id->hours[last + 1].recipients >= MAILING_AN_HOUR)
		last++;
	for (uint32_t i = 0; i < id->hour_count; i++)
		if ((i < first || i > last) && id->hours[i].recipients >= MAILING_AN_HOUR)
			return false;
	*ret_first = id->hour_count ? id->hours[first].hour : 0;
	*ret_last = id->hour_count ? id->hours[last].hour : 0;
	return id->hour_count > 0;
}

/* Were letters written, before it and on a day after it, from the network that the run came from? A thief tries a password
 * and uses it; he does not go on with the owner's letters. */
static bool is_lived_in(const struct identity *id)
{
	uint32_t first, last;
	const struct network *w = most_used(id);
	if (!w || !run_of(id, &first, &last))
		return false;
	return w->first_hour < first && w->last_hour >= last + HALF_DAY_HOURS &&
	       w->hours >= last - first + 1 + LETTERS_MIN;
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
	if (origin->id->kind == IDENTITY_LOGIN && mailing->burst.foreign == 0 && is_lived_in(origin->id))
		others += origin->shape[SIGNAL_new_network];
	return origin->strange - others >= strange_min;
}

/* Was the network that it sent most from seen a day before its strongest hour? Who only came to send was not. */
static bool was_there_before(const struct identity *id)
{
	const struct network *most = most_used(id);
	uint32_t hour = 0, recipients = 0;
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
	       !was_there_before(origin->id) && !is_lived_in(origin->id) && !is_programs_login(origin);
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

bool overlap_explains(const struct finding *f, const struct found *x)
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
