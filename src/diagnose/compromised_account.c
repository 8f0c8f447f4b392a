/* SPDX-License-Identifier: BSD-2-Clause */
/* A login that strangers use: many networks, other people's sender addresses, recipients that do not exist. */
#include "diagnose/detect.h"

/* People have two or three places in an hour (desk, telephone, home); a stolen password has tens. Telephones change
 * their network within one provider. */
static void networks(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double usual = b->past_networks_peak > 2 ? b->past_networks_peak / 2.0 : 1;
	double variety = b->providers <= 2 ? 0.4 : 1;
	double hour = shape_log(b->networks_peak / usual, 2, 12) * variety;
	double days = (double)(b->last_ms - b->first_ms) / 86400000.0;
	double all = shape_log(b->networks / (1 + days), 5, 25) * variety * 0.6;
	signal_weigh(d, c, SIGNAL_client_networks, hour > all ? hour : all, b->networks_peak,
		     "%u networks in one hour, %u in all; at most %u in an hour before", b->networks_peak, b->networks,
		     b->past_networks_peak);
}

/* Where it was sent from, against where this login was seen before, be it only to read mail. */
static void places(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	uint32_t known = c->id->network_count > b->networks_new ? c->id->network_count - b->networks_new : 0;
	bool compare = b->past || known > 0;
	if (!compare || b->messages < 5)
		return;
	if (b->from_new * 10 >= b->messages * 8 && b->networks_new > 0) {
		signal_weigh(d, c, SIGNAL_new_network, 1, (double)b->from_new,
			     "%llu of %llu messages from networks that this login had never used",
			     (unsigned long long)b->from_new, (unsigned long long)b->messages);
	} else if (b->from_new * 10 <= b->messages) {
		signal_weigh(d, c, SIGNAL_usual_network, shape_flag(b->networks_peak <= 4), (double)b->from_new,
			     "from the networks that it always used");
		against_add(d, c, "it was sent from networks that this login always used");
	}
}

static void senders(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double share = b->messages ? (double)b->other / (double)b->messages : 0;
	signal_senders(d, c);
	if (share > 0.2 && b->past_other < share / 2)
		signal_weigh(d, c, SIGNAL_sender_is_not_login, share, share,
			     "%llu of %llu messages under another address than its own", (unsigned long long)b->other,
			     (unsigned long long)b->messages);
	if (share < 0.05)
		against_add(d, c, "it was sent under the login's own address");
}

static void logins(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	if (c->id->fresh_logins.count && b->networks_new)
		signal_weigh(d, c, SIGNAL_login_from_new_network, 1, c->id->fresh_logins.count,
			     "it logged in from networks not seen before");
	if (c->id->failed_logins >= 5 && b->networks_new)
		signal_weigh(d, c, SIGNAL_guessed, 1, (double)c->id->failed_logins,
			     "%llu wrong passwords were tried for it", (unsigned long long)c->id->failed_logins);
}

/* People write one message after the other, to a few; programs do not. */
static void pace(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double minutes = (double)(b->last_ms - b->first_ms) / 60000.0;
	double rate = (double)b->messages / (minutes > 1 ? minutes : 1);
	double each = b->messages ? (double)b->recipients / (double)b->messages : 0;
	if (b->messages >= 20)
		signal_weigh(d, c, SIGNAL_pace, shape_log(rate, 2, 20), rate, "%.1f messages a minute", rate);
	signal_weigh(d, c, SIGNAL_recipients_each, shape_log(each, 8, 50), each, "%.0f recipients a message", each);
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	signal_prior(d, c);
	networks(d, c);
	places(d, c);
	signal_failures(d, c);
	signal_volume(d, c, 20);
	signal_new_recipients(d, c);
	pace(d, c);
	senders(d, c);
	logins(d, c);
	if (b->networks == 1 && !b->past)
		against_add(d, c, "all of it came from one network");
	return b->messages > 0;
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
	"change the password of this login and end its sessions (IMAP, webmail, application passwords)",
	"hold its queued mail before it leaves: {hold}",
	"ask its owner where the password was used; look for malware on their machines and for forwards or filters "
	"that "
	"were added",
	NULL,
};

const struct detector detect_compromised_account = {CAUSE_COMPROMISED_ACCOUNT, IDENTITY_LOGIN, weigh, fix, sentence};
