/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine inside that sends, without a login or with several people's, what no person writes. */
#include <math.h>

#include "diagnose/detect.h"

enum { LOGINS_MIN = 3, STEADY_HOURS = 24, STEADY_PEAK = 6 };

/* Logins whose own mail fails. One of many is that account's trouble (behind it stands a webmail, an office), and so are
 * some of very many. */
static bool has_bad_logins(const struct identity *id)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < id->logins.count; i++)
		n += id->logins.at[i].bad >= 3 && id->logins.at[i].bad * 10 >= id->logins.at[i].messages;
	return n >= LOGINS_MIN && n * 2 >= id->logins.count;
}

/* A shop, a ticket system, a mailing: always the same senders, or one, at the rhythm of all days. */
void signal_usual(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	struct senders_new n = senders_new(d, c);
	bool steady = b->hours >= STEADY_HOURS && (uint64_t)b->peak * b->hours <= STEADY_PEAK * b->recipients;
	double good = 1 - shape_log(share_low(b->spam, b->recipients), 0.012,
				    0.06); /* what is refused as spam is not usual */
	if (b->silent) /* the rhythm of all days begins on the first; an office's log may begin on a Sunday */
		good *= 1 - shape_log(share_low(burst_failed(b), b->recipients), 0.03, 0.08);
	bool one = b->messages >= 5 && (b->senders == 1 || n.most > 0.9);
	double text = b->messages > 1 ? (double)b->alike / (double)(b->messages - 1) : 0;
	/* a person's own address tells nothing once its machine sends far more than that person ever did */
	double calm = 1 - c->shape[SIGNAL_growth];
	signal_weigh(d, c, SIGNAL_one_sender, shape_flag(one) * good * fmax(calm, text), n.most,
		     "nearly all of it has one envelope sender");
	signal_weigh(d, c, SIGNAL_usual_senders, n.share < 0.5 ? (1 - n.share) * good * calm : 0, n.share,
		     "%.0f %% has envelope senders that it uses at other times, too", 100 - n.share * 100);
	signal_weigh(d, c, SIGNAL_steady, shape_flag(steady) * good, b->hours,
		     "much the same amount in each of %u hours of the log", b->hours);
	if (one)
		against_add(d, c,
			    "nearly all of it has one envelope sender: it may be a program or a mailing of your own");
}

/* Many senders, or ones that nobody here serves: strange only as far as they are new to this machine. */
static void strange_senders(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	struct senders_new n = senders_new(d, c);
	double sure = n.foreign_domains >= 3 ? 1 : b->past ? 0.6 : 0.2;
	signal_weigh(d, c, SIGNAL_senders, shape_log(n.count, 2, 20), n.count, "%u envelope senders that are new to it",
		     n.count);
	if (n.foreign_share * n.share >= 0.3)
		signal_weigh(d, c, SIGNAL_foreign_senders, sure * n.foreign_share * n.share, n.foreign_share * n.share,
			     "%.0f %% of the messages have new sender domains that are not served here",
			     n.foreign_share * n.share * 100);
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	const struct identity *id = c->id;
	bool with_login = id->with_login * 2 > id->messages;
	if (candidate_gateway(d, c) != GATEWAY_NO || (with_login && !has_bad_logins(id)))
		return false; /* what comes through a gateway is not its own; one login's mail is that account's */
	signal_prior(d, c);
	signal_failures(d, c);
	signal_volume(d, c, 20);
	signal_new_recipients(d, c);
	strange_senders(d, c);
	signal_text_of_many(d, c);
	signal_days(d, c);
	signal_usual(d, c);
	if (with_login) {
		signal_weigh(d, c, SIGNAL_shared_address, 1, id->logins.count,
			     "%u logins were used from it: it may be an office behind one address", id->logins.count);
		against_add(d, c, "%u logins were used from it: it may be an office behind one address",
			    id->logins.count);
	}
	return b->messages > 0;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], time[WORDS_TIME_SIZE];
	const struct burst *b = &c->burst;
	return words_printf(d->arena, "The machine at %s, in your own network, %s spam: %s recipients in %s",
			    c->subject, running ? "sends" : "sent", words_count(recipients, b->recipients),
			    words_span(time, b->last_ms - b->first_ms));
}

static const char *const fix[] = {
	"take the machine off the network and scan it",
	"let machines of your network send only with a login, and block outgoing port 25 for all of them but the mail "
	"server",
	"hold its queued mail before it leaves: {hold}",
	NULL,
};

const struct detector detect_infected_client = {CAUSE_INFECTED_CLIENT, IDENTITY_CLIENT, weigh, fix, sentence};
