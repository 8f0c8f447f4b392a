/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine inside that sends without a login what no person writes. */
#include "diagnose/detect.h"

static bool weigh(const struct detect *d, struct candidate *c)
{
	static const struct step login_steps[] = {{3, 2}, {6, 3}};
	const struct burst *b = &c->burst;
	if (c->id->with_login * 2 > c->id->messages && c->id->logins.count < 3)
		return false; /* one login's mail is that account's */
	signal_prior(d, c, -4);
	signal_failures(d, c);
	signal_volume(d, c, 20);
	signal_senders(d, c);
	if (b->recipients >= 30 && b->fresh * 10 > b->recipients * 8)
		signal_add(d, c, "new_recipients", 0.8, (double)b->fresh,
			   "%llu of %llu recipients were never written to before", (unsigned long long)b->fresh,
			   (unsigned long long)b->recipients);
	if (c->id->with_login * 2 > c->id->messages) {
		signal_add(d, c, "several_logins", STEP_WEIGHT(c->id->logins.count, login_steps), c->id->logins.count,
			   "%u logins were used from it", c->id->logins.count);
		signal_add(d, c, "shared_address", -1.5, c->id->logins.count, "it may be an office behind one address");
	}
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], time[WORDS_TIME_SIZE];
	const struct burst *b = &c->burst;
	return words_printf(d->arena, "the machine at %s, inside your network, %s spam: %s recipients in %s",
			    c->subject, running ? "sends" : "sent", words_count(recipients, b->recipients),
			    words_span(time, b->last_ms - b->first_ms));
}

static const char *const fix[] = {
	"take the machine off the network and scan it",
	"let inside machines send only with a login, and block port 25 to the outside for all but the mail server",
	"hold its queued mail before it leaves: offlist fix plan",
	NULL,
};

const struct detector detect_infected_client = {CAUSE_INFECTED_CLIENT, IDENTITY_CLIENT, weigh, fix, sentence};
