/* SPDX-License-Identifier: BSD-2-Clause */
/* Mail is accepted first and bounced or answered afterwards, to senders that never wrote it. */
#include "diagnose/detect.h"
#include "diagnose/hash.h"

/* A domain with mailboxes here, or one that the world writes to through us; not one that our own spam failed at. */
static bool is_ours(const struct detect *d, const struct identity *id)
{
	struct span name = span_str(id->name), domain = address_domain(name);
	domain = domain.len ? domain : name;
	uint64_t hash = hash_name(domain, 0);
	return places_own_hash(&d->t->places, hash) || !memchr(name.at, '.', name.len) ||
	       places_of_host(id->host, domain) || domain_served(d->t, id->host, hash);
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
	double days = 1 + (double)(b->last_ms - b->first_ms) / 86400000.0;
	if (!*c->id->name || !is_ours(d, c->id))
		return false; /* what they are about is not in the log, or is not about us */
	uint64_t undeliverable = b->unknown + b->spam;
	signal_prior(d, c);
	signal_weigh(d, c, SIGNAL_notices, shape_log((double)b->recipients / days, 8, 80), (double)b->recipients,
		     "%llu bounces and answers to strangers", (unsigned long long)b->recipients);
	signal_weigh(d, c, SIGNAL_undeliverable, shape_log(failed, 0.05, 0.3), failed,
		     "%llu of them cannot be delivered either", (unsigned long long)undeliverable);
	signal_weigh(d, c, SIGNAL_waiting, shape_log(waiting, 0.1, 0.4), waiting, "%llu of them wait in the queue",
		     (unsigned long long)b->deferred);
	signal_weigh(d, c, SIGNAL_strangers, shape_flag(b->recipients >= 10 && b->fresh * 10 > b->recipients * 7),
		     (double)b->fresh, "nearly all to different addresses");
	const char *list = backscatter_list(&d->t->listed);
	signal_weigh(d, c, SIGNAL_backscatter_list, shape_flag(list), 1, "receivers name %s, which lists just this",
		     list ? list : "");
	if (failed < 0.03 && b->recipients >= 20) {
		signal_weigh(d, c, SIGNAL_real_senders, 1, failed, "nearly all of them reach a mailbox");
		against_add(d, c, "nearly all of them reach a mailbox: many senders may be real");
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
	return words_printf(d->arena,
			    "this server %s strangers for mail to %s that it accepted first: %s bounces in %s",
			    running ? "bounces to" : "bounced to", c->subject, recipients, time);
}

static const char *const fix[] = {
	"refuse unknown recipients while the client is connected (Postfix: local_recipient_maps, relay_recipient_maps; "
	"Exim: verify = recipient); let automatic answers go only to known senders and not for spam",
	"hold queued bounces to strangers: {hold}",
	NULL,
};

const struct detector detect_backscatter = {CAUSE_BACKSCATTER, IDENTITY_NOTICE, weigh, fix, sentence};
