/* SPDX-License-Identifier: BSD-2-Clause */
/* A newsletter to a list that nobody keeps: one sender, its usual way, far too many failures. */
#include "diagnose/detect.h"

static void name(const struct detect *d, struct candidate *c)
{
	double like = list_like(c->id->name);
	if (like > 0)
		signal_weigh(d, c, SIGNAL_mailing_name, like > 0.5 ? 1 : 0.25, like, "its name is a mailing's");
	else
		signal_weigh(d, c, SIGNAL_no_mailing_name, 1, 0, "its name is not a mailing's");
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	uint64_t failed = b->unknown + b->spam;
	double bad = share_low(failed, b->recipients);
	if (is_system_sender(c->id->name, c->id->host))
		return false; /* what a program sends as when it names no sender */
	signal_prior(d, c);
	name(d, c);
	signal_weigh(d, c, SIGNAL_recipients, shape_log((double)b->recipients, 60, 1500), (double)b->recipients,
		     "%llu recipients", (unsigned long long)b->recipients);
	signal_weigh(d, c, SIGNAL_failures, shape_log(bad, 0.035, 0.15), bad, "%llu of %llu recipients failed",
		     (unsigned long long)failed, (unsigned long long)b->recipients);
	if (b->networks > 3)
		signal_weigh(d, c, SIGNAL_many_networks, 1, b->networks, "from %u networks", b->networks);
	if (b->recipients < 60)
		signal_weigh(d, c, SIGNAL_few_recipients, 1, (double)b->recipients, "only %llu recipients",
			     (unsigned long long)b->recipients);
	if (bad < 0.035) {
		signal_weigh(d, c, SIGNAL_few_failures, 1, bad, "few of its recipients failed");
		against_add(d, c, "few of its recipients failed");
	}
	if (failed * 2 < b->recipients)
		against_add(d, c, "%llu of %llu recipients neither failed as unknown nor refused it as spam",
			    (unsigned long long)(b->recipients - failed), (unsigned long long)b->recipients);
	return true;
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
const struct detector detect_bulk_login = {CAUSE_BULK_MAIL, IDENTITY_LOGIN, weigh_login, fix, sentence};
