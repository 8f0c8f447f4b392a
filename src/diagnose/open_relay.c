/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients outside, without a login, whose mail goes on to domains that have nothing to do with us. */
#include "diagnose/detect.h"

enum { DOMAINS_PROOF_MIN = 3, CLIENTS_OF_A_DOMAIN = 4, STEADY_HOURS = 24, MIXED_MIN = 5, SILENT_HOURS = 8 };

struct spread {                     /* of what clients outside sent on through us */
	uint64_t recipients, often; /* often: to domains that many networks write to */
	uint32_t domains, single;   /* single: domains with one or two recipients */
};

static struct spread spread_of(const struct places *p)
{
	struct spread s = {0};
	for (uint32_t i = 0; i < p->domain_size; i++) {
		const struct domain_seen *one = p->domains + i;
		if (!one->hash || one->outside == 0 || one->local > 0)
			continue;
		s.domains++;
		s.single += one->outside <= 2;
		s.recipients += one->outside;
		if (places_count_bits(one->nets) >= CLIENTS_OF_A_DOMAIN)
			s.often += one->outside;
	}
	return s;
}

/* Mail for a domain comes to its backup server by that domain's MX: one message, one domain. */
static bool is_mixed(const struct tally *t)
{
	return t->relayed_mixed >= MIXED_MIN && t->relayed_mixed * 10 >= t->relayed_several * 3;
}

/* The world does not begin to write to a domain in one hour. (When the first server fails it does; then mail waits.) */
static bool is_sudden(const struct detect *d, const struct burst *b)
{
	return b->first_hour >= hour_of(d->t->from_ms) + SILENT_HOURS && b->past_recipients * 20 < b->recipients &&
	       b->deferred * 10 < b->recipients * 3 && share_low(b->bad, b->recipients) > 0.08;
}

/* A backup mail server has a fixed set of domains, and the world writes to each; a relay has a long tail. */
static void backup(const struct detect *d, struct candidate *c)
{
	struct spread s = spread_of(&d->t->places);
	if (s.often * 10 < s.recipients * 8 || s.single * 10 > s.domains * 3 || is_mixed(d->t) ||
	    is_sudden(d, &c->burst))
		return;
	signal_add(d, c, "backup_server", -5, (double)s.often,
		   "%llu of %llu recipients are in domains that many networks write to: domains that are relayed for",
		   (unsigned long long)s.often, (unsigned long long)s.recipients);
	against_add(d, c, "the domains look like ones that this server is a backup for");
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	uint32_t domains = c->id->domains.count;
	if (domains < DOMAINS_PROOF_MIN)
		return false;
	signal_add(d, c, "prior", -3.5, 0, "most senders are honest");
	signal_add(d, c, "foreign_domains", ramp(domains, 2, 12, 4.5), domains,
		   "mail of clients outside went on to %u domains that are not served here", domains);
	signal_add(d, c, "recipients", ramp((double)b->recipients, 5, 60, 1.5), (double)b->recipients,
		   "%llu recipients", (unsigned long long)b->recipients);
	signal_failures(d, c);
	if (b->foreign_share < 0.1) {
		signal_add(d, c, "own_senders", -2, b->foreign_share, "all under sender domains that are served here");
		against_add(d, c,
			    "all of it is under sender domains that are served here: a network of your own that "
			    "mynetworks does not name?");
	}
	backup(d, c);
	if (b->hours >= STEADY_HOURS && b->bad * 33 < b->recipients) {
		signal_add(d, c, "steady", -2.5, b->hours, "in %u hours of the log, and hardly anything of it fails",
			   b->hours);
		against_add(d, c,
			    "it goes on in %u hours of the log and hardly anything of it fails: clients that may "
			    "relay, and that mynetworks does not name?",
			    b->hours);
	}
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
	"hold the queued mail of these clients before it leaves: {hold}",
	NULL,
};

const struct detector detect_open_relay = {CAUSE_OPEN_RELAY, IDENTITY_RELAY, weigh, fix, sentence};
