/* SPDX-License-Identifier: BSD-2-Clause */
/* Which clients outside seem to be allowed to relay, and why. Nothing that a client writes itself is a reason: its
 * reverse name is its network's, refusals of others are our own server's, and its days are the log's. */
#include <errno.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "diagnose/hash.h"
#include "diagnose/relaying.h"

enum {
	DAY_HOURS = 24,
	CLIENTS_OF_A_DOMAIN = 4, /* that write to a domain which is relayed for */
	MIXED_MIN = 5,
	SUDDEN_HOURS = 8,
	FEW_DOMAINS = 8,
	TARGETS_MAX = 3, /* recipients of a device or a monitoring host */
	AGAIN_MIN = 4,   /* times that it writes to each of them, or it is a test */
	NAME_SIZE = 256,
	SCATTERED_MIN = 100,
	REFUSED_MIN = 2, /* others, in the same hours */
	STEADY_RECIPIENTS = 12,
	STEADY_HOURS = 5,
	CALM_HOURS = 10,
	CALM_PEAK = 6, /* of an hour, against the mean */
};

/* Is there any mail that no backup server gets: one message for several domains? It comes by each domain's own MX. */
static bool is_mixed(const struct tally *t)
{
	return t->relayed_mixed >= MIXED_MIN && t->relayed_mixed * 10 >= t->relayed_several * 3;
}

/* Readers of a domain get mail again and again; spam goes to each address once, and much of it fails. */
static bool is_scattered(const struct tally *t, const struct identity *relay)
{
	uint64_t bad = 0, fresh = 0;
	/* names that somebody guesses in one domain, which is served, are no spam to the world */
	bool closed = t->relay_refused > 0 || relay->domains.count <= FEW_DOMAINS;
	if (closed && t->relayed_bad_most * 10 >= t->relayed_bad * 8)
		return false;
	for (uint32_t i = 0; i < relay->hour_count; i++) {
		bad += relay->hours[i].bad;
		fresh += relay->hours[i].fresh;
	}
	return relay->recipients >= SCATTERED_MIN && fresh * 10 >= relay->recipients * 9 &&
	       share_low(bad, relay->recipients) > 0.08;
}

/* Who relays for a domain of which everybody can have a mailbox relays to strangers, whatever his settings say. */
static bool may_be_served(const struct tally *t, const struct domain_seen *d)
{
	return d->hash && d->outside > 0 && !places_has_mailboxes(d) &&
	       !mailbox_providers_have(&t->places.providers, d->hash);
}

/* The world does not begin to write to a domain in one hour, unless its own server fails: then mail waits here, or goes
 * to the same mailboxes again and again. Spam goes to each address once. */
static bool is_served(const struct tally *t, const struct domain_seen *d)
{
	uint32_t begin = hour_of(t->from_ms), end = hour_of(t->to_ms), span = d->last_hour - d->first_hour;
	bool sudden = d->first_hour >= begin + SUDDEN_HOURS && span * 3 < end - begin;
	return may_be_served(t, d) && places_count_bits(d->clients) >= CLIENTS_OF_A_DOMAIN &&
	       (!sudden || d->waited * 3 > d->outside || (uint64_t)places_count_bits(d->boxes) * 4 <= d->outside);
}

/* By a route to one host: an administrator wrote it, for a domain that is served. */
static bool has_route(const struct tally *t, const struct domain_seen *d)
{
	return may_be_served(t, d) && d->literal * 10 >= d->outside * 9;
}

bool domain_served(const struct tally *t, const char *host, uint64_t hash)
{
	const struct identity *relay =
		identity_find(&t->ids, identity_hash(IDENTITY_RELAY, host, (struct span){NULL, 0}));
	const struct domain_seen *d = places_find(&t->places, hash);
	return d && (has_route(t, d) || (is_served(t, d) && !is_mixed(t) && (!relay || !is_scattered(t, relay))));
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

int domains_served_find(const struct tally *t, const struct identity *relay, struct domains_served *ret_served)
{
	const struct places *p = &t->places;
	struct domains_served s = {malloc((p->domain_count + 1) * sizeof(*s.at)), 0};
	if (!s.at)
		return -ENOMEM;
	bool may = !is_mixed(t) && !is_scattered(t, relay);
	for (uint32_t i = 0; i < p->domain_size; i++)
		if (has_route(t, p->domains + i) || (may && is_served(t, p->domains + i)))
			s.at[s.count++] = seen_value(p->domains[i].hash);
	qsort(s.at, s.count, sizeof(*s.at), by_value);
	*ret_served = s;
	return 0;
}

bool client_serves(const struct domains_served *served, const struct identity *client)
{
	if (served->count == 0)
		return false;
	for (uint32_t i = 0; i < client->domains.size; i++)
		if (client->domains.at[i] &&
		    !bsearch(&client->domains.at[i], served->at, served->count, sizeof(*served->at), by_value))
			return false;
	return client->domains.count > 0;
}

/* ---- refusals of others ---- */

static const struct network *refusals_of(const struct identity *refused, const struct addr *client)
{
	uint64_t hash = hash_network(client, true);
	for (uint32_t i = 0; i < refused->network_count; i++)
		if (refused->networks[i].hash == hash)
			return refused->networks + i;
	return NULL;
}

/* When the hour of the first acceptance began with refusals, they were before it. */
static bool ends_before(const struct identity *refused, const struct identity *client, const struct hour *h)
{
	return client->hour_count > 0 && h->hour == client->hours[0].hour && h->last_ms < client->hours[0].first_ms &&
	       refused->hour_count > 0;
}

static double hours_of(uint32_t first, uint32_t last)
{
	return last >= first ? (double)(last - first) + 1 : 0;
}

struct sums { /* of refusals on a host */
	uint64_t all, during, since;
};

static struct sums sums_of(const struct identity *refused, const struct identity *client, uint32_t first_hour,
			   uint32_t last_hour)
{
	struct sums s = {0};
	for (uint32_t i = 0; i < refused->hour_count; i++) {
		const struct hour *h = refused->hours + i;
		bool before = ends_before(refused, client, h);
		s.all += h->messages;
		s.during += !before && h->hour >= first_hour && h->hour <= last_hour ? h->messages : 0;
		s.since += !before && h->hour >= client->hours[0].hour ? h->messages : 0;
	}
	return s;
}

/* The client's own refusals while it was let through at other times. */
static uint64_t own_during(const struct network *n, const struct identity *client, uint32_t first_hour,
			   uint32_t last_hour)
{
	bool during = n->last_hour >= first_hour && n->first_hour <= last_hour && n->last_hour > client->hours[0].hour;
	return during ? n->messages : 0;
}

struct refusals refusals_beside(const struct tally *t, const struct identity *refused, const struct identity *client,
				uint32_t first_hour, uint32_t last_hour)
{
	struct refusals r = {0};
	if (!refused || client->hour_count == 0)
		return r;
	struct sums s = sums_of(refused, client, first_hour, last_hour);
	const struct network *n = refusals_of(refused, &client->client);
	uint64_t own = n ? own_during(n, client, first_hour, last_hour) : 0;
	r.client_before = n && n->first_hour <= client->hours[0].hour;
	r.during = s.during > own ? s.during - own : 0;
	r.none_since = s.since * 10 <= s.all;
	double log = hours_of(hour_of(t->from_ms), hour_of(t->to_ms)), during = hours_of(first_hour, last_hour);
	double after = hours_of(first_hour, hour_of(t->to_ms));
	if (s.since == 0 && log > after)
		r.expected = (double)s.all / (log - after) * after;
	else if (r.during == 0 && log > during)
		r.expected = (double)s.all / (log - during) * during;
	return r;
}

/* ---- names ---- */

static struct span registrable_of(struct span name, char text[NAME_SIZE])
{
	if (name.len == 0 || name.len >= NAME_SIZE || memchr(name.at, 0, name.len))
		return (struct span){NULL, 0};
	memcpy(text, name.at, name.len);
	text[name.len] = '\0';
	ascii_lower_all(text);
	return receivers_registrable(text);
}

static bool shares_domain(const struct identity *client, struct span sender_domain)
{
	char a[NAME_SIZE], b[NAME_SIZE];
	struct span domain = registrable_of(sender_domain, a);
	for (uint32_t i = 0; domain.len > 0 && i < client->logins.count; i++) {
		struct span name = registrable_of(span_str(client->logins.at[i].text), b);
		if (span_equal(name, domain))
			return true;
	}
	return false;
}

void client_owner(const struct identity *client, char text[OWNER_SIZE])
{
	char name[NAME_SIZE];
	struct span owner = {NULL, 0};
	if (client->logins.count > 0)
		owner = registrable_of(span_str(client->logins.at[0].text), name);
	if (owner.len >= OWNER_SIZE)
		owner.len = 0;
	if (owner.len > 0)
		memcpy(text, owner.at, owner.len);
	text[owner.len] = '\0';
}

bool client_is_its_senders(const struct identity *client)
{
	uint64_t messages = client->senders.beyond, own = 0;
	for (uint32_t i = 0; client->logins.count > 0 && i < client->senders.count; i++) {
		const struct name_seen *s = client->senders.at + i;
		messages += s->messages;
		own += shares_domain(client, address_domain(span_str(s->text))) ? s->messages : 0;
	}
	return own > 0 && own * 10 >= messages * 9;
}

uint32_t sender_domains(const struct identity *id)
{
	uint64_t seen[NAMES_MAX];
	uint32_t n = 0;
	for (uint32_t i = 0; i < id->senders.count; i++) {
		bool known = id->senders.at[i].domain == 0;
		for (uint32_t k = 0; k < n && !known; k++)
			known = seen[k] == id->senders.at[i].domain;
		if (!known)
			seen[n++] = id->senders.at[i].domain;
	}
	return n;
}

/* ---- one client ---- */

struct life { /* of a client, over all the log */
	uint64_t bad, unknown, spam;
	uint32_t days, peak;
	bool early; /* there since the first day or so */
	bool fails; /* more than kept lists do */
};

static struct life life_of(const struct tally *t, const struct identity *client)
{
	struct life l = {0};
	uint32_t day = UINT32_MAX, begin = hour_of(t->from_ms), end = hour_of(t->to_ms);
	for (uint32_t i = 0; i < client->hour_count; i++) {
		const struct hour *h = client->hours + i;
		l.unknown += h->unknown;
		l.spam += h->spam;
		l.days += h->hour / DAY_HOURS != day;
		day = h->hour / DAY_HOURS;
		l.peak = h->recipients > l.peak ? h->recipients : l.peak;
	}
	l.bad = l.unknown + l.spam;
	uint32_t slack = (end - begin) / 4 > DAY_HOURS ? (end - begin) / 4 : DAY_HOURS;
	l.early = client->hour_count > 0 && client->hours[0].hour <= begin + slack;
	l.fails = share_low(l.bad, client->recipients) > 0.08 || share_low(l.spam, client->recipients) > 0.03;
	return l;
}

/* At the rhythm of all days, office days with holidays; in a short log, from its begin on and in no rush. */
static bool is_steady(const struct tally *t, const struct identity *client, const struct life *l)
{
	uint32_t log = hour_of(t->to_ms) - hour_of(t->from_ms) + 1, log_days = (log - 1) / DAY_HOURS + 1;
	uint32_t span = client->hours[client->hour_count - 1].hour - client->hours[0].hour + 1;
	if (!l->early || client->recipients < STEADY_RECIPIENTS || client->hour_count < STEADY_HOURS)
		return false;
	bool calm = client->hour_count >= CALM_HOURS && span * 5 >= log * 3 &&
		    (uint64_t)l->peak * client->hour_count <= CALM_PEAK * client->recipients;
	return calm || (l->days >= 3 && l->days * 5 >= log_days * 2);
}

/* Alarms, scans: one sender, again and again to the same few. */
static bool is_device(const struct identity *client)
{
	return client->seen.count <= TARGETS_MAX && client->recipients >= (uint64_t)AGAIN_MIN * client->seen.count;
}

bool client_writes_once(const struct identity *client)
{
	uint64_t fresh = 0;
	for (uint32_t i = 0; i < client->hour_count; i++)
		fresh += client->hours[i].fresh;
	return client->recipients >= SCATTERED_MIN && fresh * 10 >= client->recipients * 9;
}

/* It was refused before: let in when everybody was, or for what no customer would be. */
static bool is_let_in(const struct refusals *r, const struct identity *client)
{
	return r->client_before && (r->none_since || (!client_is_its_senders(client) && client_writes_once(client)));
}

const char *client_permitted(const struct tally *t, const struct identity *refused, const struct identity *client)
{
	struct life l = life_of(t, client);
	if (client->hour_count == 0 || l.fails || client->tricks > 0)
		return NULL;
	struct refusals r =
		refusals_beside(t, refused, client, client->hours[0].hour, client->hours[client->hour_count - 1].hour);
	if (is_let_in(&r, client))
		return NULL;
	bool of_its_own = client_is_its_senders(client), few_names = sender_domains(client) <= 2;
	bool steady = is_steady(t, client, &l);
	if (few_names && is_device(client))
		return "it writes to the same few addresses";
	if (!few_names && !steady)
		return NULL;
	if (r.during >= REFUSED_MIN)
		return "other strangers are refused in the same hours";
	if (steady)
		return "it does so nearly every day, and hardly anything fails";
	return of_its_own && l.early ? "its sender domains fit its own name, and hardly anything fails" : NULL;
}
