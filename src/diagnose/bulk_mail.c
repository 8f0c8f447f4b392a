/* SPDX-License-Identifier: BSD-2-Clause */
/* A newsletter to a list that nobody keeps: one sender, its usual way, far too many failures. */
#include <math.h>

#include "diagnose/detect.h"
#include "diagnose/hash.h"

enum {
	WAYS_MANY = 3,
	TEXTS_MIN = 5,
	STEADY_FROM_HOURS = 8, /* at its strongest hour's pace; a mailing is over in a few */
	STEADY_HOURS = 24,
	EACH_MANY = 8, /* recipients a message */
};

static const double kept_bad = 0.035; /* as in signal_failures() */

/* Logins, programs and clients that carried it, as far as they are kept. */
static uint32_t ways(const struct identity *id)
{
	uint32_t n = 0;
	for (int i = 0; i < VIA_MAX; i++)
		n += id->via[i].messages > 0 && id->via[i].hash != 0;
	return n;
}

bool sender_way_unknown(const struct identity *id)
{
	uint64_t unknown = 0, known = 0;
	for (int i = 0; i < VIA_MAX; i++)
		*(id->via[i].hash ? &known : &unknown) += id->via[i].messages;
	return id->kind == IDENTITY_SENDER && unknown > known;
}

/* Under a domain that is served here; what has other names may be anybody's who sends through this server. */
static bool is_ours(const struct detect *d, const struct identity *id)
{
	struct span domain = address_domain(span_str(id->name));
	return id->kind == IDENTITY_LOGIN || places_own(&d->t->places, domain) || places_of_host(id->host, domain);
}

/* A mailing is one text; letters of as many lengths as there are messages are none. But people know whom they write
 * letters to: where many addresses do not exist, the lengths only tell that each got a text made for it. */
static void text(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double alike = b->messages > 1 ? (double)b->alike / (double)(b->messages - 1) : 0;
	double failed = share_low(burst_failed(b), b->recipients);
	double known = is_ours(d, c->id) ? 1 - shape_log(failed, 0.05, 0.12) : 1;
	if (b->messages < TEXTS_MIN)
		return;
	signal_weigh(d, c, SIGNAL_alike, (alike - 0.6) / 0.3, alike, "%llu of %llu messages have the same length",
		     (unsigned long long)b->alike + 1, (unsigned long long)b->messages);
	if (b->recipients < EACH_MANY * b->messages) /* each to many may be a post of its own to one list */
		signal_weigh(d, c, SIGNAL_varied, fmin(1, (0.5 - alike) / 0.35) * known, alike,
			     "hardly any two of its messages have the same length");
	if (c->id->kind == IDENTITY_SENDER)
		signal_weigh(d, c, SIGNAL_other_own_sender, (double)b->other / (double)b->messages, (double)b->other,
			     "sent under an address of its own, not the login's");
}

/* List managers hand over some readers at a time; who mails by a login in batches is rather a thief. */
static bool by_program(const struct detect *d, const struct identity *id)
{
	uint64_t program = 0, all = 0;
	for (int i = 0; id->kind == IDENTITY_SENDER && i < VIA_MAX; i++) {
		const struct identity *way = id->via[i].messages ? identity_find(&d->t->ids, id->via[i].hash) : NULL;
		all += id->via[i].messages;
		program += way && way->kind == IDENTITY_SCRIPT ? id->via[i].messages : 0;
	}
	return program * 10 > all * 9;
}

/* Sent from where others are at home, too, or this login is: who copies a letter to fifty at a time there is its owner. */
static double owners_place(const struct burst *b)
{
	return b->from_here ? 0 : fmax(0, fmin(1, (share_of(b->from_usual, b->messages) - 0.6) / 0.35));
}

/* A mailing of its owner: from where that owner always is, one text to one after the other. */
static void way(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double all = (double)(b->messages ? b->messages : 1);
	double usual = b->networks == 0 ? 1 : (double)(b->from_usual + b->from_here) / all;
	if (!came_by_gateway(d, c))
		signal_weigh(d, c, SIGNAL_usual_network, (usual - 0.6) / 0.35, usual,
			     "sent from where its mail has always come from");
	signal_weigh(d, c, SIGNAL_new_network, (b->rare_share - 0.5) / 0.4, (double)b->from_rare,
		     "%llu of %llu messages came from networks that it had not used before",
		     (unsigned long long)b->from_rare, (unsigned long long)b->messages);
	signal_weigh(d, c, SIGNAL_one_text, shape_log((double)b->run, 20, 200), (double)b->run,
		     "%llu messages of the same length, one after the other", (unsigned long long)b->run);
	signal_weigh(d, c, SIGNAL_sorted, b->run >= 20 ? ((double)b->sorted / (double)b->run - 0.6) / 0.3 : 0,
		     (double)b->sorted, "its recipients are in alphabetical order");
	if (b->recipients >= 3 * b->messages && !by_program(d, c->id))
		signal_weigh(d, c, SIGNAL_batches, shape_log((double)b->messages, 15, 80) * (1 - owners_place(b)),
			     (double)b->messages, "%llu messages to several recipients each",
			     (unsigned long long)b->messages);
	signal_weigh(d, c, SIGNAL_several_ways, shape_flag(ways(c->id) >= WAYS_MANY), ways(c->id),
		     "several people's logins sent it");
	signal_off_hours(d, c);
	signal_weigh(d, c, SIGNAL_many_networks, shape_flag(b->networks > 3), b->networks, "it came from %u networks",
		     b->networks);
}

/* A program's mail goes on day by day, and where it hardly failed so far, it is not its list that is bad: a domain of
 * many readers is gone, a receiver has trouble. */
static void rhythm(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double run_hours = b->peak ? (double)b->recipients / b->peak : 0;
	bool as_always = b->past && b->peak <= 2 * b->past_most && b->past_bad < kept_bad;
	signal_weigh(d, c, SIGNAL_steady, as_always ? 1 : shape_log(run_hours, STEADY_FROM_HOURS, STEADY_HOURS),
		     run_hours, "about as much in each of many hours: a program's answers rather than a mailing");
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	uint64_t failed = burst_failed(b);
	double bad = share_low(failed, b->recipients);
	if (sender_way_unknown(c->id) && c->id->format != FORMAT_QMAIL)
		return false; /* whoever sent it: an extract of a log cannot tell a mailing from a theft */
	if (is_system_sender(c->id->name, c->id->host))
		return false; /* what a program sends as when it names no sender */
	signal_prior(d, c);
	way(d, c);
	text(d, c);
	rhythm(d, c);
	signal_weigh(d, c, SIGNAL_recipients, shape_log((double)b->recipients, 60, 1500), (double)b->recipients,
		     "%llu recipients", (unsigned long long)b->recipients);
	signal_weigh(d, c, SIGNAL_failures, shape_log(bad, 0.035, 0.15), bad, "%llu of %llu recipients failed",
		     (unsigned long long)failed, (unsigned long long)b->recipients);
	if (b->recipients < 60)
		signal_weigh(d, c, SIGNAL_few_recipients, 1, (double)b->recipients, "only %llu recipients",
			     (unsigned long long)b->recipients);
	/* lists are reviewed from one in twenty on (Amazon SES); below it is as any kept list may be */
	signal_weigh(d, c, SIGNAL_few_failures, (0.06 - bad) / 0.025, bad, "few of its recipients failed");
	if (bad < 0.035)
		against_add(d, c, "few of its recipients failed");
	if (b->rare_share > 0.9)
		against_add(
			d, c,
			"it came from a network that it had not used before: ask its owner; if he knows nothing of it, "
			"somebody has the password");
	if (failed * 2 < b->recipients)
		against_add(d, c, "%llu of %llu recipients exist and did not refuse it as spam",
			    (unsigned long long)(b->recipients - failed), (unsigned long long)b->recipients);
	return true;
}

/* Where no arrival of its messages is in the log, the address is anybody's word. */
static bool weigh_sender(const struct detect *d, struct candidate *c)
{
	return ways(c->id) > 0 && weigh(d, c);
}

/* Its own login, under its own address. */
static bool weigh_login(const struct detect *d, struct candidate *c)
{
	return strchr(c->id->name, '@') && c->burst.other * 10 < c->burst.messages && weigh(d, c);
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], bad[WORDS_COUNT_SIZE];
	const struct burst *b = &c->burst;
	return words_printf(d->arena, "The mailing of %s %s to a bad address list: %s of %s recipients failed",
			    c->subject, running ? "goes" : "went", words_count(bad, burst_failed(b)),
			    words_count(recipients, b->recipients));
}

static const char *const fix[] = {
	"stop the mailing, and remove every address that failed or complained",
	"send only to people who asked for it and confirmed it; add List-Unsubscribe",
	NULL,
};

const struct detector detect_bulk_mail = {CAUSE_BULK_MAIL, IDENTITY_SENDER, weigh_sender, fix, sentence};
const struct detector detect_bulk_login = {CAUSE_BULK_MAIL, IDENTITY_LOGIN, weigh_login, fix, sentence};
