/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_COUNT_H
#define OFFLIST_DIAGNOSE_COUNT_H

#include "diagnose/tally.h"

/* One message on its way into the counts of those it belongs to. */

enum way {
	WAY_NOWHERE, /* not counted: a filter hop, thrown away, held */
	WAY_HERE,
	WAY_STORE, /* to a mail store inside */
	WAY_OUT,
};

enum { PARTIES_MAX = 4 };

struct party { /* an identity that this message counts for */
	struct identity *id;
	struct hour *hour;
	struct network *network;
};

struct load {
	const char *host;
	int64_t at_ms;
	bool outside, notice;
	bool ready; /* parties are found: at the first outgoing recipient */
	struct party party[PARTIES_MAX];
	uint32_t party_count;
	uint64_t via;
	struct span sender; /* without what changes from message to message; lies in sender_text */
	char sender_text[NAME_LEN_MAX + 1];
	uint32_t recipients, bad, here;      /* here: recipients of this host */
	const struct mail_delivery *failure; /* one worth showing */
	const char *failure_what;
	uint64_t failure_tag;
};

void load_party(struct tally *t, struct load *l, struct identity *id);
/** The last party is a sender whose message came through this identity (its hash). */
void load_via(struct load *l, uint64_t via);
void count_recipient(struct tally *t, struct load *l, const struct mail_delivery *d, uint64_t domain,
		     const struct fate *f);
void count_forward(struct tally *t, const struct load *l, const struct mail_message *m, const struct mail_delivery *d,
		   struct identity *id, const struct fate *f);
/** What is counted once a message. */
void load_finish(struct tally *t, struct load *l, const struct mail_message *m);

#endif
