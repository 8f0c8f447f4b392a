/* SPDX-License-Identifier: BSD-2-Clause */
/* A local address that sends on what it gets, spam too: the receiver sees it come from us. */
#include "diagnose/detect.h"

enum { AGAIN_MIN = 3 };

/* Words of a listing that stand between acceptances by the same receiver are about the messages, not about us. */
static uint64_t refused_of(const struct candidate *c)
{
	const struct burst *b = &c->burst;
	const struct identity *id = c->id;
	bool picked =
		id->seen.count <= AGAIN_MIN && id->accepted_again >= AGAIN_MIN && id->accepted_again * 5 >= b->listed;
	return b->spam + (picked ? b->listed : 0);
}

static bool weigh(const struct detect *d, struct candidate *c)
{
	const struct burst *b = &c->burst;
	uint64_t refused = refused_of(c);
	double share = share_low(refused, b->recipients);
	if (refused < 3)
		return false;
	signal_add(d, c, "prior", -2.2, 0, "most senders are honest");
	signal_add(d, c, "refused", ramp((double)refused, 3, 30, 2.5), (double)refused,
		   "%llu forwarded messages were refused as spam", (unsigned long long)refused);
	signal_add(d, c, "refused_share", ramp(share, 0.05, 0.25, 3), share, "of %llu that it forwarded",
		   (unsigned long long)b->recipients);
	if (share < 0.05)
		signal_add(d, c, "few_refused", -1.5, share, "few of those that it forwarded");
	if (refused * 2 < b->recipients)
		against_add(d, c, "%llu of %llu forwarded messages were not refused as spam",
			    (unsigned long long)(b->recipients - refused), (unsigned long long)b->recipients);
	return true;
}

static const char *sentence(const struct detect *d, const struct candidate *c, bool running)
{
	char recipients[WORDS_COUNT_SIZE], refused[WORDS_COUNT_SIZE];
	const struct burst *b = &c->burst;
	return words_printf(d->arena, "%s %s spam that it gets: %s of %s messages were refused as spam by the receiver",
			    c->subject, running ? "forwards" : "forwarded", words_count(refused, refused_of(c)),
			    words_count(recipients, b->recipients));
}

static const char *const fix[] = {
	"do not forward what the spam filter marks; better, let the user fetch this mailbox",
	"rewrite the sender (SRS) and sign (ARC) what is forwarded",
	NULL,
};

const struct detector detect_forwarding = {CAUSE_FORWARDING, IDENTITY_FORWARD, weigh, fix, sentence};
