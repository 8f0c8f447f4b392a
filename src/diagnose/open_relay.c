/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients outside, without a login, whose mail goes on to domains that have nothing to do with us, and of which nothing
 * says that they may. How many domains they write to is no reason for or against: an honest server writes to many, and
 * spam may go to one. */
#include "diagnose/detect.h"

enum { STEADY_HOURS = 24, STEADY_PEAK = 6, FORGED_MIN = 10, PEOPLE_MIN = 25, EXPECTED_MIN = 3, NAMED_MIN = 3 };

static uint64_t tricks_of(const struct candidate *c)
{
	return c->id->tricks < c->burst.recipients ? c->id->tricks : c->burst.recipients;
}

/* Does what was sent look like forged: nearly each message under another sender, and none of them comes back? VERP is one
 * sender. */
static bool has_forged_look(const struct detect *d, const struct candidate *c)
{
	struct senders_new n = senders_new(d, c);
	uint32_t least = sender_domains(c->id) > 1 ? FORGED_MIN : PEOPLE_MIN; /* of one domain they may be its people */
	return n.count >= least && (uint64_t)n.count * 2 >= c->burst.messages;
}

void signal_forged(const struct detect *d, struct candidate *c, uint32_t domains)
{
	const struct burst *b = &c->burst;
	signal_weigh(d, c, SIGNAL_sender_domains, shape_log(domains, 1, 8), domains, "it has %u sender domains",
		     domains);
	signal_weigh(d, c, SIGNAL_forged_senders, shape_flag(has_forged_look(d, c)), b->senders,
		     "nearly every message has another envelope sender");
}

static void senders(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	signal_forged(d, c, sender_domains(c->id));
	if (b->foreign_share >= 0.1)
		return;
	signal_weigh(d, c, SIGNAL_own_senders, shape_flag(!has_forged_look(d, c)), b->foreign_share,
		     "all sender domains are served here");
	against_add(d, c,
		    "all its sender domains are served here: it may be another site of your own that mynetworks does "
		    "not name");
}

static void names(const struct detect *d, struct candidate *c)
{
	const struct identity *top = d->relaying->top;
	bool fails = share_low(c->burst.unknown + c->burst.spam, c->burst.recipients) > 0.1;
	if (!top)
		return;
	if (top->logins.count == 0)
		signal_weigh(d, c, SIGNAL_no_reverse_name, 1, 0, "the client has no reverse name");
	else if (!client_is_its_senders(top))
		signal_weigh(d, c, SIGNAL_other_name, 1, 0,
			     "its reverse name (%s) has nothing to do with its sender domains", top->logins.at[0].text);
	else if (!fails)
		signal_weigh(d, c, SIGNAL_own_name, 1, 0, "it sends as the domain of its reverse name, %s",
			     top->logins.at[0].text);
	if (c->burst.networks > 1)
		signal_weigh(d, c, SIGNAL_clients, shape_log(d->relaying->strange, 1, 8), d->relaying->strange,
			     "by their names, the clients belong to %u different owners", d->relaying->strange);
}

/* Before it was let through, one that sends in one go had been refused itself. */
static bool was_refused(const struct detect *d, const struct burst *b)
{
	const struct relaying *r = d->relaying;
	return r->top && r->refused && client_writes_once(r->top) &&
	       refusals_beside(d->t, r->refused, r->top, b->first_hour, b->last_hour).client_before;
}

/* Where others are refused, this one is let through on purpose, unless it goes round the rule: by an address of ours
 * that holds the real one, or under a sender domain that is ours. */
static void refusals(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	const struct identity *top = d->relaying->top;
	if (!top || !d->relaying->refused)
		return;
	struct refusals r = refusals_beside(d->t, d->relaying->refused, top, b->first_hour, b->last_hour);
	bool round = tricks_of(c) * 2 > b->recipients || (b->foreign_share < 0.1 && !client_is_its_senders(top));
	if (r.client_before && r.none_since)
		signal_weigh(d, c, SIGNAL_opened, 1, 1,
			     "this client was refused before; since it is not, hardly anybody is");
	else if (r.client_before && client_writes_once(top))
		signal_weigh(d, c, SIGNAL_opened, 1, 1, "this client was refused before");
	else if (r.during > 0 && !round)
		signal_weigh(d, c, SIGNAL_others_refused, r.during >= 3 ? 1 : 0.4, (double)r.during,
			     "%llu tries of other strangers to relay were refused in the same hours",
			     (unsigned long long)r.during);
	else if (r.during == 0)
		signal_weigh(
			d, c, SIGNAL_nobody_refused, shape_log(r.expected, EXPECTED_MIN, 4 * EXPECTED_MIN), r.expected,
			"no stranger was refused since then; going by the time before, about %.0f should have been",
			r.expected);
	if (r.during > 0)
		against_add(d, c, "%llu other tries to relay were refused in the same hours",
			    (unsigned long long)r.during);
}

/* Of all that these clients sent, in all the log, the share that failed. */
static double life_failed(const struct identity *id)
{
	uint64_t bad = 0;
	for (uint32_t i = 0; i < id->hour_count; i++)
		bad += id->hours[i].bad;
	return share_low(bad, id->recipients);
}

/* Day and night at one rhythm, or no more than always in a run of bad luck; as far as little of it fails. */
static void steady(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	bool calm = b->hours >= STEADY_HOURS && (uint64_t)b->peak * b->hours <= STEADY_PEAK * b->recipients;
	if (was_refused(d, b)) /* it is not as it always was */
		return;
	bool as_always = b->past && b->peak <= 2 * b->past_strong;
	double shape = calm || as_always ? 1 - shape_log(life_failed(c->id), 0.05, 0.2) : 0;
	signal_weigh(d, c, SIGNAL_steady, shape, b->hours,
		     "much the same amount in each of %u hours of the log, and little of it fails", b->hours);
	if (shape > 0.5)
		against_add(d, c,
			    "it goes on in %u hours of the log and little of it fails: these clients may be allowed to "
			    "relay without being in mynetworks",
			    b->hours);
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	if (!d->relaying || b->messages == 0)
		return false;
	signal_prior(d, c);
	signal_failures(d, c);
	signal_volume(d, c, 20);
	signal_new_recipients(d, c);
	senders(d, c);
	names(d, c);
	refusals(d, c);
	steady(d, c);
	signal_weigh(d, c, SIGNAL_few_messages, shape_flag(b->messages < NAMED_MIN), (double)b->messages,
		     "only %llu messages", (unsigned long long)b->messages);
	if (tricks_of(c) >= NAMED_MIN)
		signal_weigh(d, c, SIGNAL_address_trick, 1, (double)tricks_of(c),
			     "%llu recipient addresses were of this server, with the real address inside them",
			     (unsigned long long)tricks_of(c));
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], time[WORDS_TIME_SIZE];
	const struct burst *b = &c->burst;
	return words_printf(
		d->arena,
		"This server %s mail for strangers (most for %s): %s recipients in %s from %s, without a login%s",
		running ? "relays" : "relayed", c->subject, words_count(recipients, b->recipients),
		words_span(time, b->last_ms - b->first_ms),
		words_many(d->arena, b->networks ? b->networks : 1, "client", "clients"),
		tricks_of(c) * 2 > b->recipients
			? ", through addresses of this server with the real address inside them"
			: "");
}

static const char *const fix[] = {
	"refuse relaying for all but logins and your own networks (Postfix: smtpd_relay_restrictions, mynetworks) and "
	"to all domains but yours (relay_domains)",
	"hold the queued mail of these clients before it leaves: {hold}",
	NULL,
};

const struct detector detect_open_relay = {CAUSE_OPEN_RELAY, IDENTITY_RELAY, weigh, fix, sentence};
