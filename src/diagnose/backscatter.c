/* SPDX-License-Identifier: BSD-2-Clause */
/* Mail is accepted first and bounced afterwards, to senders that never wrote it. */
#include "diagnose/detect.h"

static bool weigh(const struct detect *d, struct candidate *c)
{
	static const struct step count_steps[] = {{8, 0.8}, {20, 2}, {60, 3}, {200, 4}};
	static const struct step share_steps[] = {{0.1, 0.7}, {0.25, 1.4}};
	const struct burst *b = &c->burst;
	double failed = b->recipients ? (double)(b->unknown + b->spam + b->deferred) / (double)b->recipients : 0;
	if (!*c->id->name)
		return false; /* what they are about is not in the log */
	signal_prior(d, c, -2.5);
	signal_add(d, c, "notices", STEP_WEIGHT((double)b->recipients, count_steps), (double)b->recipients,
		   "%llu bounces and notices to strangers", (unsigned long long)b->recipients);
	signal_add(d, c, "undeliverable", STEP_WEIGHT(failed, share_steps), failed,
		   "%.0f %% of them cannot be delivered either", failed * 100);
	if (b->recipients >= 10 && b->fresh * 10 > b->recipients * 7)
		signal_add(d, c, "strangers", 0.7, (double)b->fresh, "nearly all to different addresses");
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], time[WORDS_TIME_SIZE];
	const struct burst *b = &c->burst;
	return words_printf(d->arena,
			    "this server %s strangers for mail to %s that it accepted first: %s bounces in %s",
			    running ? "bounces to" : "bounced to", c->subject, words_count(recipients, b->recipients),
			    words_span(time, b->last_ms - b->first_ms));
}

static const char *const fix[] = {
	"refuse unknown recipients while the client is connected (Postfix: local_recipient_maps, relay_recipient_maps; "
	"Exim: verify = recipient)",
	"delete queued bounces to strangers: offlist fix plan",
	NULL,
};

const struct detector detect_backscatter = {CAUSE_BACKSCATTER, IDENTITY_NOTICE, weigh, fix, sentence};
