/* SPDX-License-Identifier: BSD-2-Clause */
/* A local address that sends on what it gets, spam too: the receiver sees it come from us. */
#include "diagnose/detect.h"

static bool weigh(const struct detect *d, struct candidate *c)
{
	static const struct step count_steps[] = {{4, 1}, {10, 2}, {40, 2.8}};
	static const struct step share_steps[] = {{0.05, 0.7}, {0.12, 1.6}, {0.3, 2.6}};
	const struct burst *b = &c->burst;
	uint64_t refused = b->spam; /* refusals for a listing hit every sender of a listed server */
	double share = share_low(refused, b->recipients);
	signal_prior(d, c, -3);
	signal_add(d, c, "refused", STEP_WEIGHT((double)refused, count_steps), (double)refused,
		   "%llu forwarded messages were refused as spam", (unsigned long long)refused);
	signal_add(d, c, "refused_share", STEP_WEIGHT(share, share_steps), share, "of %llu that it forwarded",
		   (unsigned long long)b->recipients);
	if (refused * 2 < b->recipients)
		against_add(d, c, "%llu of %llu forwarded messages were not refused",
			    (unsigned long long)(b->recipients - refused), (unsigned long long)b->recipients);
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], refused[WORDS_COUNT_SIZE];
	const struct burst *b = &c->burst;
	return words_printf(d->arena, "%s %s spam that it gets: %s of %s messages were refused by the receiver",
			    c->subject, running ? "forwards" : "forwarded",
			    words_count(refused, b->spam + b->listed + b->rate),
			    words_count(recipients, b->recipients));
}

static const char *const fix[] = {
	"do not forward what the spam filter marks; better, let the user fetch this mailbox",
	"rewrite the sender (SRS) and sign (ARC) what is forwarded",
	NULL,
};

const struct detector detect_forwarding = {CAUSE_FORWARDING, IDENTITY_FORWARD, weigh, fix, sentence};
