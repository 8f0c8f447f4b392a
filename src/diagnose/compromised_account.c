/* SPDX-License-Identifier: BSD-2-Clause */
/* A login that strangers use: many networks, other people's sender addresses, recipients that do not exist. */
#include <math.h>

#include "diagnose/detect.h"
#include "diagnose/hash.h"

enum {
	FEW_MESSAGES = 3,
	EVER_DAYS = 3,
	PROBES_MAX = 4,
	ONCE_MIN = 12,       /* providers: a journey has fewer */
	BATCH_MIN = 3,       /* recipients: a mail merge writes to one, a letter to all at once */
	OWN_SENDERS_MAX = 2, /* the login's own address, and that of a mailing */
	RUN_MIN = 20,
};

static double days_of(const struct burst *b)
{
	return (double)(b->last_ms - b->first_ms) / 86400000.0;
}

/* A program in a cloud comes from many hosts, the same ones again and again since the log begins; of a thief's few come back,
 * and there is a time before him. */
static double strange_share(const struct burst *b)
{
	bool ever = !b->past && !b->silent && days_of(b) >= EVER_DAYS;
	return ever ? 1 - share_of(b->settled, b->networks) : 1;
}

/* People come back to where they were: to an office, a hotel, a telephone's provider. Of a network of robots each machine
 * sends a letter, and is not seen again. */
static double never_again(const struct burst *b)
{
	return b->providers_once >= ONCE_MIN ? shape_log(b->providers_once / (1 + days_of(b)), 2, 10) : 0;
}

/* People have two or three places in an hour (desk, telephone, home), and a handful of providers in a day, travellers
 * included; a stolen password has tens. Telephones change their network within one provider. */
static void networks(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double usual = b->past_networks_peak > 2 ? b->past_networks_peak / 2.0 : 1, strange = strange_share(b);
	double hour = shape_log(b->networks_peak / usual, 2, 12) * shape_log(b->providers, 1, 6);
	double day = shape_log(b->providers / (1 + days_of(b)) / usual, 4, 30);
	day = fmax(day, never_again(b));
	signal_weigh(d, c, SIGNAL_client_networks, (hour > day ? hour : day) * strange, b->networks,
		     "%u networks in one hour, %u of %u providers in all; never more than %u in an hour before",
		     b->networks_peak, b->networks, b->providers, b->past_networks_peak);
	signal_weigh(d, c, SIGNAL_switches, shape_log((double)b->switches, 4, 30), (double)b->switches,
		     "%llu messages followed one from another network within seconds", (unsigned long long)b->switches);
}

/* Had it a home by then: a network that it came from again and again, be it only to read mail? One that shows itself
 * only after the burst, as the log begins with it, is as good where it has nothing of the burst. */
static bool had_home(const struct identity *id, const struct burst *b)
{
	for (uint32_t i = 0; i < id->network_count; i++) {
		const struct network *w = id->networks + i;
		bool later = w->usual_hour != UINT32_MAX && w->known_hour > b->last_hour;
		if ((w->usual_hour < b->home_hour || later) && addr_kind(&w->addr) != ADDR_LOOPBACK)
			return true;
	}
	return false;
}

/* Where it was sent from, against where this login was seen before, and where others of this server are at home. */
static void places(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double rare = (b->rare_share - 0.5) / 0.4;
	double usual = (share_of(b->from_usual, b->messages) - 0.6) / 0.35;
	bool home = had_home(c->id, b);
	if (came_by_gateway(d, c)) {
		against_add(
			d, c,
			"all clients have a gateway's address here: the log does not show where the mail came from");
		return;
	}
	if (home)
		signal_weigh(d, c, SIGNAL_new_network, rare, (double)b->from_rare,
			     "%llu of %llu messages came from networks that this login had not used before",
			     (unsigned long long)b->from_rare, (unsigned long long)b->messages);
	else if (b->silent)
		signal_weigh(d, c, SIGNAL_strange_network, rare, (double)b->from_rare,
			     "%llu of %llu messages came from networks that nobody here uses",
			     (unsigned long long)b->from_rare, (unsigned long long)b->messages);
	if (b->networks_peak > 4 || b->providers > 4)
		return;
	signal_weigh(
		d, c, SIGNAL_usual_network, usual, (double)b->from_usual,
		"%llu of %llu messages came from networks that this login, or others of this server, have long used",
		(unsigned long long)b->from_usual, (unsigned long long)b->messages);
	if (usual > 0.5)
		against_add(d, c,
			    "it was sent from networks that this login, or others of this server, have long used");
}

/* One after the other at a program's pace, from where it never was: nobody carries his mailing about. Who does goes through
 * an address book, from A to Z; an account that nobody writes with has none. */
static void hurry(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double sorted = b->run >= RUN_MIN && had_home(c->id, b) ? (share_of(b->sorted, b->run) - 0.6) / 0.3 : 0;
	double strange = c->shape[SIGNAL_new_network] + 0.5 * c->shape[SIGNAL_strange_network];
	sorted = fmax(0, fmin(1, sorted));
	signal_weigh(d, c, SIGNAL_hurried, shape_log((double)b->rapid, 30, 300) * strange * (1 - sorted),
		     (double)b->rapid, "%llu messages one right after the other from where it never was",
		     (unsigned long long)b->rapid);
	signal_weigh(d, c, SIGNAL_sorted, sorted, (double)b->sorted,
		     "its recipients are in alphabetical order, as an address book is");
}

/* A stolen password is tried with a message or two before it is sold or used. */
static void probe(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	bool tried = b->silent && b->past_messages > 0 && b->past_messages <= PROBES_MAX && b->networks_new == 0;
	signal_weigh(d, c, SIGNAL_probe, shape_flag(tried && b->from_rare * 10 >= b->messages * 9),
		     (double)b->past_messages,
		     "%llu messages came from the same place at least an hour earlier, as a trial",
		     (unsigned long long)b->past_messages);
}

/* "test@mail.example.com" on the host mail: nobody writes under the server's own name but who made the address up. */
static double host_senders(const struct identity *id, const struct burst *b)
{
	struct span host = span_str(id->host);
	uint64_t made_up = 0, all = 0;
	host.len = span_find(host, '.');
	for (uint32_t i = 0; i < id->senders.count; i++) {
		const struct name_seen *s = id->senders.at + i;
		struct span domain = address_domain(span_str(s->text)), label = span_of(domain.at, 0);
		if (s->first_hour > b->last_hour || s->last_hour < b->first_hour)
			continue;
		label.len = span_find(domain, '.');
		bool below = span_find(span_from(domain, label.len + 1), '.') < domain.len - label.len - 1;
		made_up += host.len && below && span_equal_nocase(label, host) ? s->messages : 0;
		all += s->messages;
	}
	return share_of(made_up, all);
}

/* Does this login write as itself at all? At some hosters a login is a number, and all senders are other addresses. */
static bool writes_as_itself(const struct identity *id)
{
	uint64_t other = 0;
	for (uint32_t i = 0; i < id->hour_count; i++)
		other += id->hours[i].other;
	return strchr(id->name, '@') || other < id->messages;
}

/* Only its owner knows which other addresses of this server there are; a thief writes as the login, or as whom he likes. */
static bool is_owners_other(const struct candidate *c)
{
	return c->burst.senders <= OWN_SENDERS_MAX && c->burst.foreign == 0 && writes_as_itself(c->id);
}

static void senders(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double share = share_of(b->other, b->messages);
	double made_up = host_senders(c->id, b);
	signal_senders(d, c);
	signal_weigh(d, c, SIGNAL_host_sender, (made_up - 0.5) / 0.4, made_up,
		     "sent under an address of this server's own host name");
	if (share > 0.2 && is_owners_other(c)) {
		signal_weigh(d, c, SIGNAL_other_own_sender, share, share,
			     "%llu of %llu messages were sent under one other address of this server",
			     (unsigned long long)b->other, (unsigned long long)b->messages);
		against_add(d, c, "it was sent under another address of this server, as its owner may do");
	} else if (share > 0.2 && b->past_other < share / 2)
		signal_weigh(d, c, SIGNAL_sender_is_not_login, share, share,
			     "%llu of %llu messages were sent under another address than the login's own",
			     (unsigned long long)b->other, (unsigned long long)b->messages);
	if (share < 0.05)
		against_add(d, c, "it was sent under the login's own address");
}

/* A mail program gives the password by the same method each time, and people keep their programs. */
static void method(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double now = share_of(b->by_login, b->messages), apart = fabs(now - b->past_by_login);
	if (b->past)
		signal_weigh(d, c, SIGNAL_other_method, (apart - 0.5) / 0.4, apart,
			     "%.0f %% of messages after AUTH LOGIN; %.0f %% of those before it", now * 100,
			     b->past_by_login * 100);
}

static void logins(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	method(d, c);
	if (c->id->fresh_logins.count && b->networks_new)
		signal_weigh(d, c, SIGNAL_login_from_new_network, 1, c->id->fresh_logins.count,
			     "it logged in from networks not seen before");
	if (c->id->failed_logins >= 5 && b->networks_new)
		signal_weigh(d, c, SIGNAL_guessed, 1, (double)c->id->failed_logins,
			     "%llu wrong passwords were tried for it", (unsigned long long)c->id->failed_logins);
}

/* People write one message after the other, to a few, and sleep; programs do not. */
static void pace(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double each = share_of(b->recipients, b->messages);
	signal_pace(d, c);
	signal_weigh(d, c, SIGNAL_recipients_each, shape_log(each, 8, 50), each, "%.0f recipients per message", each);
	if (each >= BATCH_MIN)
		signal_weigh(d, c, SIGNAL_batches, shape_log((double)b->messages, 15, 80), (double)b->messages,
			     "%llu messages to %.0f recipients each", (unsigned long long)b->messages, each);
	signal_weigh(d, c, SIGNAL_few_messages, shape_flag(b->messages <= FEW_MESSAGES), (double)b->messages,
		     "only %llu messages", (unsigned long long)b->messages);
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	signal_prior(d, c);
	networks(d, c);
	places(d, c);
	hurry(d, c);
	probe(d, c);
	signal_failures(d, c);
	signal_volume(d, c, 20);
	signal_new_recipients(d, c);
	signal_crowd(d, c);
	pace(d, c);
	signal_days(d, c);
	signal_off_hours(d, c);
	senders(d, c);
	logins(d, c);
	signal_limited(d, c);
	if (b->networks == 1 && !b->past)
		against_add(d, c, "all of it came from one network");
	return b->messages > 0 || b->limited > 0;
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
