/* SPDX-License-Identifier: BSD-2-Clause */
/* What belongs to no message: logins, and who was refused at our door. */
#include "diagnose/count.h"
#include "diagnose/hash.h"
#include "diagnose/limits.h"
#include "logparse/format.h"

enum { LIMITS_LOOKED_UP_MAX = 1000, LIMITED_WITHIN_MS = 600000 };

static bool is_inside_client(const struct tally *t, const struct addr *a)
{
	return a->family && places_inside(&t->places, a);
}

static void note_guess(struct tally *t, const char *host, const struct mail_event *e)
{
	struct gateway_seen *g = gateway_get(&t->gateways, host, &e->client);
	if (g)
		gateway_note_guess(g, e->login);
}

/* Who is refused at the door through an inside address is not inside: strangers, with their own HELO names. */
static void note_refused_inside(struct tally *t, const struct mail_event *e)
{
	const char *host = tally_host(t, e->host);
	struct gateway_seen *g = gateway_get(&t->gateways, host, &e->client);
	if (!g)
		return;
	gateway_note_helo(g, e->helo);
	struct span domain = address_domain(e->sender);
	if (domain.len > 0 && !places_own(&t->places, domain) && !places_of_host(host, domain))
		gateway_note_in(g, domain, address_domain(e->recipient));
}

/* Who has the right password of it mistypes it at times. */
static bool is_at_home(const struct identity *login, const struct addr *client)
{
	uint64_t network = hash_network(client, false);
	for (uint32_t i = 0; login && i < login->network_count; i++)
		if (hash_network(&login->networks[i].addr, false) == network)
			return true;
	return false;
}

static void note_login(struct tally *t, const struct mail_event *e, const struct line_copy *line)
{
	const char *host = tally_host(t, e->host);
	struct identity *id = e->login.len ? identity_get(&t->ids, IDENTITY_LOGIN, host, e->login, e->good) : NULL;
	if (!e->good && is_inside_client(t, &e->client) && !is_at_home(id, &e->client))
		note_guess(t, host, e);
	if (!id || !e->good) {
		if (id)
			id->failed_logins++;
		return;
	}
	uint32_t before = id->network_count, hour = hour_of(e->at_ms);
	struct network *n =
		e->client.family ? identity_network(&t->ids, id, hour, NULL, &e->client, network_owner(e->client_name))
				 : NULL;
	if (n && id->network_count > before && before > 0)
		proof_keep(&t->ids, &id->fresh_logins, LOGINS_MAX, hour, hour, line,
			   "login from a network not seen before", n->hash);
}

static bool says_relaying_denied(struct span reply)
{
	if (!part_find(reply, "elay"))
		return false;
	static const char *const words[] = {"elay access denied",    "elay not permitted", "elaying denied",
					    "elaying not permitted", "elay denied",        "not permitted to relay",
					    "nable to relay",        "elay prohibited"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (part_find(reply, words[i]))
			return true;
	return false;
}

static void note_relay_refused(struct tally *t, const struct mail_event *e)
{
	struct identity *id =
		identity_get(&t->ids, IDENTITY_REFUSED, tally_host(t, e->host), (struct span){NULL, 0}, true);
	struct hour *h = id ? identity_hour(&t->ids, id, e->at_ms) : NULL;
	struct network *n = h ? identity_network(&t->ids, id, h->hour, h, &e->client, 0) : NULL;
	t->relay_refused++;
	if (!h)
		return;
	id->messages++;
	h->messages++;
	if (n)
		n->messages++;
}

/* Only who serves a domain knows its users. */
static void note_served(struct tally *t, const struct mail_event *e)
{
	struct span domain = address_domain(e->recipient);
	uint64_t hash = domain.len > 0 ? hash_name(domain, 0) : 0;
	if (domain.len == 0 || places_own_hash(&t->places, hash) || !says_unknown_user(e->reply))
		return;
	struct domain_seen *own = places_domain(&t->places, hash, true);
	if (own)
		places_serve(&t->places, own);
}

static void note_refusal(struct tally *t, const struct mail_event *e)
{
	if (is_inside_client(t, &e->client))
		note_refused_inside(t, e);
	else if (says_relaying_denied(e->reply))
		note_relay_refused(t, e);
	else
		note_served(t, e);
}

static void keep_limit(struct tally *t, struct identity *id, struct hour *h, const struct line_copy *line)
{
	h->limited++;
	proof_keep(&t->ids, &id->failures, FAILURES_MAX, h->hour, h->bad, line, "stopped by this server's own limit",
		   1);
}

/* A sender that logged in is refused for going over a limit. */
static void note_limited(struct tally *t, const struct mail_event *e, const struct line_copy *line)
{
	struct identity *id = identity_get(&t->ids, IDENTITY_LOGIN, tally_host(t, e->host), e->login, true);
	struct hour *h = id ? identity_hour(&t->ids, id, e->at_ms) : NULL;
	if (!h)
		return;
	keep_limit(t, id, h, line);
	if (e->client.family)
		identity_network(&t->ids, id, h->hour, NULL, &e->client, network_owner(e->client_name));
}

/* anvil counts by client and knows no login: whoever sent from there just before. */
static void note_limited_client(struct tally *t, const struct mail_event *e, const struct line_copy *line)
{
	uint64_t network = hash_network(&e->client, false);
	if (t->limits_looked_up++ >= LIMITS_LOOKED_UP_MAX)
		return;
	for (uint32_t i = 0; i < t->ids.count; i++) {
		struct identity *id = t->ids.at[i];
		const struct previous_message *q = &id->previous;
		bool just = q->at_ms && e->at_ms - q->at_ms < LIMITED_WITHIN_MS && q->network == network;
		struct hour *h = id->kind == IDENTITY_LOGIN && just ? identity_hour(&t->ids, id, e->at_ms) : NULL;
		if (h)
			keep_limit(t, id, h, line);
	}
}

void tally_event(struct tally *t, const struct mail_event *e, const struct line_copy *line)
{
	switch (e->kind) {
	case EVENT_LOGIN:
		note_login(t, e, line);
		break;
	case EVENT_REFUSAL:
		if (e->login.len == 0 && e->client.family)
			note_refusal(t, e);
		if (e->login.len > 0 && limits_exceeded(e->reply, e->status))
			note_limited(t, e, line);
		break;
	case EVENT_WARNING:
		if (e->client.family && limits_exceeded(e->reply, e->status))
			note_limited_client(t, e, line);
		break;
	default:
		break;
	}
	identities_shed(&t->ids);
}
