/* SPDX-License-Identifier: BSD-2-Clause */
/* A login that strangers use: many networks, other people's sender addresses, recipients that do not exist. */
#include "diagnose/detect.h"

static void networks(const struct detect *d, struct candidate *c)
{
	static const struct step hour_steps[] = {{3, 1.5}, {5, 2.6}, {10, 3.6}};
	static const struct step new_steps[] = {{2, 0.7}, {4, 1.8}, {8, 2.6}};
	const struct burst *b = &c->burst;
	double hour = b->networks_peak > 2 * b->past_networks_peak ? b->networks_peak : 0;
	signal_add(d, c, "client_networks", STEP_WEIGHT(hour, hour_steps), hour,
		   "%u networks in one hour; at most %u before", b->networks_peak, b->past_networks_peak);
	if (b->past && b->networks_new)
		signal_add(d, c, "new_networks", STEP_WEIGHT(b->networks_new, new_steps), b->networks_new,
			   "%u networks that it had never sent from", b->networks_new);
	if (b->past && b->from_new * 2 > b->messages && b->peak > 3 * (uint64_t)b->past_strong)
		signal_add(d, c, "burst_from_new_network", 1.5, (double)b->from_new,
			   "most of it from networks that it had never sent from");
}

static void usual_place(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	bool known = b->past ? b->networks_new == 0 : b->networks <= 1;
	if (!known || b->foreign || b->other * 5 > b->messages)
		return;
	signal_add(d, c, "usual_place", -3, b->networks, "from its usual network and under its own address");
	against_add(d, c, "it was sent from %s network and under the login's own address",
		    b->past ? "a usual" : "a single");
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	signal_prior(d, c, -4);
	networks(d, c);
	signal_failures(d, c);
	signal_volume(d, c, 20);
	signal_senders(d, c);
	if (b->messages && b->other * 2 > b->messages && b->past_other < 0.2)
		signal_add(d, c, "sender_is_not_login", 1, (double)b->other,
			   "%llu of %llu messages under another address", (unsigned long long)b->other,
			   (unsigned long long)b->messages);
	if (c->id->fresh_logins.count && b->networks_new)
		signal_add(d, c, "login_from_new_network", 0.4, c->id->fresh_logins.count,
			   "it logged in from networks not seen before");
	usual_place(d, c);
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], time[WORDS_TIME_SIZE];
	const struct burst *b = &c->burst;
	return words_printf(d->arena, "%s's password %s used by strangers: %s recipients in %s from %s", c->subject,
			    running ? "is being" : "was", words_count(recipients, b->recipients),
			    words_span(time, b->last_ms - b->first_ms),
			    words_many(d->arena, b->networks ? b->networks : 1, "network", "networks"));
}

static const char *const fix[] = {
	"change this account's password and end its sessions",
	"hold its queued mail before it leaves: offlist fix plan",
	"find how the password was lost: the same password elsewhere, malware on the user's device, phishing",
	NULL,
};

const struct detector detect_compromised_account = {CAUSE_COMPROMISED_ACCOUNT, IDENTITY_LOGIN, weigh, fix, sentence};
