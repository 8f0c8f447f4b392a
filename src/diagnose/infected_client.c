/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine inside that sends, without a login or with several people's, what no person writes. */
#include "diagnose/detect.h"

enum { LOGINS_MIN = 3 };

/* Logins whose own mail fails. One of many is that account's trouble (behind it stands a webmail, an office). */
static uint32_t bad_logins(const struct identity *id)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < id->logins.count; i++)
		n += id->logins.at[i].bad >= 3 && id->logins.at[i].bad * 10 >= id->logins.at[i].messages;
	return n;
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	const struct identity *id = c->id;
	bool with_login = id->with_login * 2 > id->messages;
	if (with_login && bad_logins(id) < LOGINS_MIN)
		return false; /* one login's mail is that account's */
	signal_add(d, c, "prior", -4, 0, "most senders are honest");
	signal_failures(d, c);
	signal_volume(d, c, 20);
	signal_new_recipients(d, c);
	signal_senders(d, c);
	if (with_login) {
		signal_add(d, c, "shared_address", -1.5, id->logins.count,
			   "%u logins were used from it: it may be an office behind one address", id->logins.count);
		against_add(d, c, "%u logins were used from it: it may be an office behind one address",
			    id->logins.count);
	}
	if (places_count_bits(id->helos) >= 3)
		signal_strange(d, c, "helo_names", 1, places_count_bits(id->helos),
			       "it gave about %u different HELO names", places_count_bits(id->helos));
	return b->messages > 0;
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
	"hold its queued mail before it leaves: {hold}",
	NULL,
};

const struct detector detect_infected_client = {CAUSE_INFECTED_CLIENT, IDENTITY_CLIENT, weigh, fix, sentence};
