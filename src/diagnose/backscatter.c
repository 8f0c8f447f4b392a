/* SPDX-License-Identifier: BSD-2-Clause */
/* Mail is accepted first and bounced or answered afterwards, to senders that never wrote it. */
#include <math.h>

#include "diagnose/detect.h"
#include "diagnose/hash.h"

enum {
	GUESSED_MIN = 12,
	MISTYPED_DAILY = 5, /* a handful of typing errors comes every day to any server */
	GUESSED_DAILY = 12,
};

static double notices_daily(const struct burst *b)
{
	return (double)b->recipients / (1 + (double)(b->last_ms - b->first_ms) / 86400000.0);
}

/* A domain with mailboxes here, or one that the world writes to through us; not one that our own spam failed at. */
static bool is_ours(const struct detect *d, const struct identity *id)
{
	struct span name = span_str(id->name), domain = address_domain(name);
	domain = domain.len ? domain : name;
	uint64_t hash = hash_name(domain, 0);
	return places_own_hash(&d->t->places, hash) || !memchr(name.at, '.', name.len) ||
	       places_of_host(id->host, domain) || domain_served(d->t, id->host, hash);
}

/* Former users and misspelt ones are few, and written to again; names that are guessed are many. */
static void guessed_users(const struct detect *d, struct candidate *c)
{
	const struct names *about = &c->id->senders;
	uint64_t all = about->beyond, names = about->count;
	for (uint32_t i = 0; i < about->count; i++)
		all += about->at[i].messages;
	double many = shape_log(notices_daily(&c->burst), MISTYPED_DAILY, GUESSED_DAILY);
	double share = about->beyond ? 1 : all ? (double)names / (double)all : 0;
	if (names >= GUESSED_MIN)
		signal_weigh(d, c, SIGNAL_guessed_users, fmin(1, (share - 0.5) / 0.4) * many, (double)names,
			     "they are about %u or more names that do not exist", about->count);
}

static void against_the_past(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double usual = b->past_most > 1 ? b->past_most : 1;
	if (b->past)
		signal_weigh(d, c, SIGNAL_growth, shape_log(b->peak / usual, 3, 20), b->peak / usual,
			     "%u in the busiest hour; never more than %u in an hour before", b->peak, b->past_most);
	else if (b->silent)
		signal_weigh(d, c, SIGNAL_silent_before, shape_log(b->peak, 4, 30), b->peak,
			     "%u in the busiest hour; hardly any in the log before that", b->peak);
}

static const char *backscatter_list(const struct listed *l)
{
	for (uint32_t i = 0; i < l->zone_count; i++)
		if (l->zones[i].suggests == 1U << CAUSE_BACKSCATTER)
			return l->zones[i].zone;
	return NULL;
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	double failed = share_low(b->unknown + b->spam, b->recipients);
	double waiting = b->recipients ? (double)b->deferred / (double)b->recipients : 0;
	if (!*c->id->name || !is_ours(d, c->id))
		return false; /* what they are about is not in the log, or is not about us */
	uint64_t undeliverable = b->unknown + b->spam;
	signal_prior(d, c);
	signal_weigh(d, c, SIGNAL_notices, shape_log(notices_daily(b), 8, 80), (double)b->recipients,
		     "%llu bounces and answers to strangers", (unsigned long long)b->recipients);
	signal_weigh(d, c, SIGNAL_undeliverable, shape_log(failed, 0.05, 0.3), failed,
		     "%llu of them cannot be delivered either", (unsigned long long)undeliverable);
	signal_weigh(d, c, SIGNAL_waiting, shape_log(waiting, 0.1, 0.4), waiting,
		     "%llu of them are waiting in the queue", (unsigned long long)b->deferred);
	signal_weigh(d, c, SIGNAL_strangers, shape_flag(b->recipients >= 10 && b->fresh * 10 > b->recipients * 7),
		     (double)b->fresh, "nearly all go to different addresses");
	const char *list = backscatter_list(&d->t->listed);
	signal_weigh(d, c, SIGNAL_backscatter_list, shape_flag(list), 1,
		     "receivers name %s, a list of servers that send such bounces", list ? list : "");
	guessed_users(d, c);
	against_the_past(d, c);
	if (next_hops_relay(&d->t->next_hops))
		against_add(d, c, "they go to a relay host: this log does not show what became of them");
	else if (failed < 0.03 && b->recipients >= 20) {
		signal_weigh(d, c, SIGNAL_real_senders, 1, failed, "nearly all of them reach a mailbox");
		against_add(d, c, "nearly all of them reach a mailbox: many of the senders may be real");
	}
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], time[WORDS_TIME_SIZE];
	const struct burst *b = &c->burst;
	bool answers = strchr(c->id->name, '@') != NULL;
	words_count(recipients, b->recipients);
	words_span(time, b->last_ms - b->first_ms);
	if (answers)
		return words_printf(d->arena, "%s %s strangers who never wrote to it: %s answers in %s", c->subject,
				    running ? "answers" : "answered", recipients, time);
	return words_printf(d->arena, "This server %s mail for %s and then %s it to strangers: %s bounces in %s",
			    running ? "accepts" : "accepted", c->subject, running ? "bounces" : "bounced", recipients,
			    time);
}

static const char *const fix[] = {
	"refuse unknown recipients while the client is connected (Postfix: local_recipient_maps, relay_recipient_maps; "
	"Exim: verify = recipient); let automatic answers go only to known senders and not for spam",
	"hold queued bounces to strangers: {hold}",
	NULL,
};

const struct detector detect_backscatter = {CAUSE_BACKSCATTER, IDENTITY_NOTICE, weigh, fix, sentence};
