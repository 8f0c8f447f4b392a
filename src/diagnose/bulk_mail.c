/* SPDX-License-Identifier: BSD-2-Clause */
/* A newsletter to a list that nobody keeps: one sender, its usual way, far too many failures. */
#include "diagnose/detect.h"

static bool weigh(const struct detect *d, struct candidate *c)
{
	static const struct step size_steps[] = {{60, 0.7}, {200, 1.2}, {1000, 1.8}};
	static const struct step bad_steps[] = {{0.03, 1}, {0.06, 2}, {0.1, 3}, {0.2, 3.6}};
	const struct burst *b = &c->burst;
	uint64_t failed = b->unknown + b->spam;
	double bad = share_low(failed, b->recipients);
	signal_prior(d, c, -3.5);
	signal_add(d, c, "recipients", STEP_WEIGHT((double)b->recipients, size_steps), (double)b->recipients,
		   "%llu recipients", (unsigned long long)b->recipients);
	signal_add(d, c, "failures", STEP_WEIGHT(bad, bad_steps), bad, "%llu of %llu recipients failed",
		   (unsigned long long)failed, (unsigned long long)b->recipients);
	if (b->recipients < 60)
		signal_add(d, c, "few_recipients", -2, (double)b->recipients, "only %llu recipients",
			   (unsigned long long)b->recipients);
	if (bad < 0.03)
		against_add(d, c, "few of its recipients failed");
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], bad[WORDS_COUNT_SIZE];
	const struct burst *b = &c->burst;
	return words_printf(d->arena, "the mailing of %s %s to a bad list: %s of %s recipients failed", c->subject,
			    running ? "goes" : "went", words_count(bad, b->unknown + b->spam),
			    words_count(recipients, b->recipients));
}

static const char *const fix[] = {
	"stop the mailing, and take out every address that failed or complained",
	"send only to people who asked for it and confirmed it; add List-Unsubscribe",
	NULL,
};

const struct detector detect_bulk_mail = {CAUSE_BULK_MAIL, IDENTITY_SENDER, weigh, fix, sentence};
