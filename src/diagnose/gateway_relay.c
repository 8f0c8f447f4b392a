/* SPDX-License-Identifier: BSD-2-Clause */
/* An open relay through an inside address that is not where the mail comes from: the world stands behind it, and it is
 * trusted as an inside machine. */
#include "diagnose/detect.h"

/* Does this host hand mail to a filter of its own? Then what comes from itself is what the filter gives back. */
static bool has_filter_here(const struct places *p)
{
	for (uint32_t i = 0; i < p->relay_count; i++)
		if (addr_kind(&p->relays[i].addr) == ADDR_LOOPBACK)
			return true;
	return false;
}

enum gateway_sign candidate_gateway(const struct detect *d, const struct candidate *c)
{
	const struct identity *id = c->id;
	if (!id->client.family)
		return GATEWAY_NO;
	enum gateway_sign sign =
		gateway_sign(gateway_find(&d->t->gateways, id->host, &id->client), &id->client, id->helos);
	bool here = addr_kind(&id->client) == ADDR_LOOPBACK;
	if (here && (sign != GATEWAY_HELOS || has_filter_here(&d->t->places)))
		return GATEWAY_NO; /* a webmail has everybody's wrong passwords, and fetchmail brings the world's mail */
	return sign;
}

bool came_by_gateway(const struct detect *d, const struct candidate *c)
{
	const struct identity *id = c->id;
	const struct burst *b = &c->burst;
	uint64_t all = 0, hidden = 0;
	for (uint32_t i = 0; i < id->network_count; i++) {
		const struct network *w = id->networks + i;
		if (w->messages == 0 || w->first_hour > b->last_hour || w->last_hour < b->first_hour)
			continue;
		all += w->messages;
		if (places_inside(&d->t->places, &w->addr) && addr_kind(&w->addr) != ADDR_LOOPBACK &&
		    gateway_sign(gateway_find(&d->t->gateways, id->host, &w->addr), &w->addr, 0) != GATEWAY_NO)
			hidden += w->messages;
	}
	return all > 0 && hidden * 10 >= all * 9;
}

static const char *why(enum gateway_sign sign)
{
	switch (sign) {
	case GATEWAY_WORLD:
		return "the world's mail for this server comes from that address, too";
	case GATEWAY_HELOS:
		return "it gives many HELO names";
	case GATEWAY_LOGINS:
		return "passwords of many logins are guessed from it";
	default:
		return "its address is one that a router or a container bridge has";
	}
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	enum gateway_sign sign = candidate_gateway(d, c);
	if (sign == GATEWAY_NO || b->messages == 0 || c->id->with_login * 2 > c->id->messages)
		return false; /* what has a login is that account's */
	signal_prior(d, c);
	signal_failures(d, c);
	signal_volume(d, c, 20);
	signal_new_recipients(d, c);
	signal_forged(d, c, b->foreign_domains);
	signal_usual(d, c);
	signal_weigh(d, c, SIGNAL_gateway, sign == GATEWAY_NUMBER ? 0.3 : 1, sign, "%s", why(sign));
	if (sign == GATEWAY_NUMBER)
		against_add(
			d, c,
			"only its address says that it is a gateway: if it is a machine, look for what sends there");
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], time[WORDS_TIME_SIZE];
	const struct burst *b = &c->burst;
	return words_printf(
		d->arena,
		"This server %s mail for strangers through the gateway %s (%s): %s recipients in %s, without a login",
		running ? "relays" : "relayed", c->subject, why(candidate_gateway(d, c)),
		words_count(recipients, b->recipients), words_span(time, b->last_ms - b->first_ms));
}

static const char *const fix[] = {
	"do not trust that address: take it out of what may relay (Postfix: mynetworks; docker-mailserver: "
	"PERMIT_DOCKER=none)",
	"let the clients' own addresses through (docker: \"userland-proxy\": false, and IPv6 with its own rules; a "
	"load "
	"balancer: the PROXY protocol, Postfix smtpd_upstream_proxy_protocol=haproxy, Exim hosts_proxy; a router: no "
	"rewriting of source addresses)",
	"hold its queued mail before it leaves: {hold}",
	NULL,
};

/* A proxy of this host itself: its clients seem to be programs here. */
const struct detector detect_proxy_relay = {CAUSE_OPEN_RELAY, IDENTITY_SCRIPT, weigh, fix, sentence};
const struct detector detect_gateway_relay = {CAUSE_OPEN_RELAY, IDENTITY_CLIENT, weigh, fix, sentence};
