/* SPDX-License-Identifier: BSD-2-Clause */
/* Which envelope senders of a stretch are new: spam runs forge them, programs and people keep theirs. */
#include "diagnose/detect.h"
#include "diagnose/hash.h"

static const double fails_least = 0.05; /* more than kept lists do */

enum { USUAL_HOURS = 12 }; /* a name that comes back after so long is no run's */

static bool is_new(const struct name_seen *s, const struct burst *b)
{
	/* what lasts for days after a time without, and fails, is all new, though its names come back */
	bool long_run = b->silent && b->last_hour - b->first_hour >= USUAL_HOURS &&
			share_low(burst_failed(b), b->recipients) > fails_least;
	return s->first_hour + 1 >= b->first_hour && s->first_hour <= b->last_hour &&
	       (long_run || s->last_hour - s->first_hour < USUAL_HOURS);
}

static bool is_foreign(const struct detect *d, const struct candidate *c, const struct name_seen *s)
{
	struct span domain = address_domain(span_str(s->text));
	return domain.len > 0 && !places_own_hash(&d->t->places, s->domain) && !places_of_host(c->id->host, domain);
}

static void add(struct senders_new *n, const struct name_seen *s, bool foreign, uint64_t domains[NAMES_MAX])
{
	bool known = !foreign;
	for (uint32_t i = 0; i < n->foreign_domains && !known; i++)
		known = domains[i] == s->domain;
	if (!known)
		domains[n->foreign_domains++] = s->domain;
	n->count++;
	n->messages += s->messages;
	n->foreign_share += foreign ? s->messages : 0;
	n->most = s->messages > n->most ? s->messages : n->most;
}

struct senders_new senders_new(const struct detect *d, const struct candidate *c)
{
	const struct burst *b = &c->burst;
	const struct names *names = &c->id->senders;
	struct senders_new n = {0};
	uint64_t domains[NAMES_MAX];
	for (uint32_t i = 0; i < names->count; i++)
		if (is_new(names->at + i, b))
			add(&n, names->at + i, is_foreign(d, c, names->at + i), domains);
	uint64_t kept = n.messages;
	if (names->beyond > 0 && b->senders_peak > b->past_senders_peak) { /* those for which there was no room */
		uint32_t more = b->senders_peak - b->past_senders_peak;
		uint64_t room = b->messages > n.messages ? b->messages - n.messages : 0;
		n.count = more > n.count ? more : n.count;
		n.messages += names->beyond < room ? names->beyond : room;
	}
	double messages = b->messages ? (double)b->messages : 1;
	n.foreign_share = kept ? n.foreign_share / (double)kept : 0;
	n.share = (double)n.messages < messages ? (double)n.messages / messages : 1;
	n.most = n.most < messages ? n.most / messages : 1;
	return n;
}
