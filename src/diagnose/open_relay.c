/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients outside, without a login, whose mail goes on to domains that have nothing to do with us. */
#include "diagnose/detect.h"

static bool weigh(const struct detect *d, struct candidate *c)
{
	static const struct step domain_steps[] = {{2, 0.5}, {4, 2.5}, {10, 4}, {30, 5}};
	static const struct step recipient_steps[] = {{5, 0.5}, {15, 1.5}, {60, 2}};
	const struct burst *b = &c->burst;
	signal_prior(d, c, -3.5);
	signal_add(d, c, "foreign_domains", STEP_WEIGHT(c->id->domains.count, domain_steps), c->id->domains.count,
		   "mail of clients outside went on to %u domains that are not served here", c->id->domains.count);
	signal_add(d, c, "recipients", STEP_WEIGHT((double)b->recipients, recipient_steps), (double)b->recipients,
		   "%llu recipients", (unsigned long long)b->recipients);
	signal_failures(d, c);
	if (d->t->relay_refused > b->recipients)
		against_add(d, c, "%llu other tries to relay were refused", (unsigned long long)d->t->relay_refused);
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], time[WORDS_TIME_SIZE];
	const struct burst *b = &c->burst;
	return words_printf(d->arena,
			    "this server %s mail for strangers (%s most): %s recipients in %s from %s, without a login",
			    running ? "relays" : "relayed", c->subject, words_count(recipients, b->recipients),
			    words_span(time, b->last_ms - b->first_ms),
			    words_many(d->arena, b->networks ? b->networks : 1, "client", "clients"));
}

static const char *const fix[] = {
	"refuse relaying for all but logins and your own networks (Postfix: smtpd_relay_restrictions, mynetworks)",
	"hold the queued mail of these clients before it leaves: offlist fix plan",
	NULL,
};

const struct detector detect_open_relay = {CAUSE_OPEN_RELAY, IDENTITY_RELAY, weigh, fix, sentence};
