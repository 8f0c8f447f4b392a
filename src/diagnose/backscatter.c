/* SPDX-License-Identifier: BSD-2-Clause */
/* Mail is accepted first and bounced or answered afterwards, to senders that never wrote it. */
#include "diagnose/detect.h"
#include "diagnose/hash.h"

enum { CLIENTS_OF_OWN = 8 };

/* A domain that many clients write to through us, or one with mailboxes here; not one that our own spam failed at. */
static bool is_ours(const struct detect *d, const struct identity *id)
{
	struct span name = span_str(id->name), domain = address_domain(name);
	uint64_t hash = hash_name(domain.len ? domain : name, 0);
	if (places_own_hash(&d->t->places, hash) || !memchr(name.at, '.', name.len))
		return true;
	for (uint32_t i = 0; i < d->t->places.domain_size; i++) {
		const struct domain_seen *one = d->t->places.domains + i;
		if (one->hash == hash)
			return places_count_bits(one->clients) >= CLIENTS_OF_OWN;
	}
	return false;
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
	signal_add(d, c, "prior", -3, 0, "most senders are honest");
	signal_add(d, c, "notices", ramp((double)b->recipients / days, 8, 80, 3), (double)b->recipients,
		   "%llu bounces and answers to strangers", (unsigned long long)b->recipients);
	signal_add(d, c, "undeliverable", ramp(failed, 0.05, 0.3, 2.5), failed,
		   "%llu of them cannot be delivered either", (unsigned long long)undeliverable);
	signal_add(d, c, "waiting", ramp(waiting, 0.1, 0.4, 1), waiting, "%llu of them wait in the queue",
		   (unsigned long long)b->deferred);
	if (b->recipients >= 10 && b->fresh * 10 > b->recipients * 7)
		signal_add(d, c, "strangers", 0.7, (double)b->fresh, "nearly all to different addresses");
	if (failed < 0.03 && b->recipients >= 20) {
		signal_add(d, c, "real_senders", -1.5, failed, "nearly all of them reach a mailbox");
		against_add(d, c, "nearly all of them reach a mailbox: many senders may be real");
	}
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], time[WORDS_TIME_SIZE];
	const struct burst *b = &c->burst;
	bool answers = strchr(c->subject, '@') != NULL;
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
