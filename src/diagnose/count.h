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

/* Identities that most messages count for: they are looked for before it is sure that they are needed. */
enum expected {
	EXPECTED_SOURCE, /* the login, or the client that has none */
	EXPECTED_CLIENT, /* of a login */
	EXPECTED_SENDER,
	EXPECTED_COUNT,
};

struct expected_identity {
	uint64_t hash;       /* 0: none is expected */
	struct identity *id; /* NULL: it was not there when it was looked for */
};

struct recipient_hashes { /* hash_name() of what a delivery names */
	uint64_t address, relay;
	uint64_t domain;  /* of the recipient; only where the client is outside */
	uint64_t trouble; /* of trouble_fetch() */
};

struct fates { /* of a message's recipients that are elsewhere */
	uint32_t recipients, delivered, bad, unknown, spam, listed, rate, deferred, rejected, waiting, held, unnamed,
		limited;
};

struct party { /* an identity that this message counts for */
	struct identity *id;
	struct hour *hour;
	uint32_t fresh; /* recipients of the message that it had not written to before */
};

struct load {
	const char *host;
	int64_t at_ms;
	uint64_t network;                      /* hash_network() of the client; 0: no client is told */
	const struct recipient_hashes *hashes; /* one a delivery */
	struct expected_identity expected[EXPECTED_COUNT];
	struct span sender; /* without what changes from message to message */
	bool inside;        /* the client, this host included */
	bool loopback;
	bool outside;    /* came from a client outside, without a login */
	bool own_sender; /* the login's own address */
	bool notice;
	struct span about; /* notice: the address whose failure it reports */
	bool failed;       /* a recipient was not delivered */
	bool ready;        /* parties are found: at the first outgoing recipient */
	uint32_t party_count;
	uint64_t via;
	struct fates sum;
	uint32_t here;                       /* recipients of this host */
	struct span first;                   /* the first recipient elsewhere */
	uint64_t first_octets[2];            /* sixteen octets of it that sort as the text does */
	uint32_t relayed;                    /* recipients elsewhere of a client outside */
	uint64_t relayed_to;                 /* the first one's domain */
	bool fresh;                          /* the recipient was new to the first party */
	bool mixed;                          /* another one's differs */
	uint32_t tricks;                     /* relayed under an address of ours that holds the real one */
	const struct mail_delivery *failure; /* one worth showing; what and tag are set with it */
	const char *failure_what;
	uint64_t failure_tag;
	struct party party[PARTIES_MAX];
};

/* ---- tally.c ---- */

/** Do our own words say that there is no such mailbox here? */
bool says_unknown_user(struct span reply);

/* ---- parties.c ---- */

/** All that a message counts for. The expected ones are looked for under their hashes. */
void load_parties(struct tally *t, struct load *l, const struct mail_message *m);
/** The program of this host that handed the message over, where it is known already; else NULL. */
struct identity *load_known_script(struct tally *t, const struct load *l, const struct mail_message *m);
/** For a notice or automatic answer. */
void load_notice_party(struct tally *t, struct load *l, const struct mail_message *m);
/** Made if need be. @return NULL: no memory. */
struct identity *load_identity(struct tally *t, const struct load *l, enum identity_kind kind, struct span name,
			       const struct mail_message *m);
/** Whose automatic answer is this? Empty: it is none. */
struct span answer_of(const struct tally *t, const struct mail_message *m);
/** The envelope sender without what changes from message to message: VERP's recipient ("bounce-user=example.net@",
 * "news+user=example.net@"), a counter of four digits and more. @return part of `sender`, or in `text`. */
struct span sender_name(struct span sender, char text[NAME_LEN_MAX + 1]);

/* ---- ahead.c ---- */

/** Set up the loads of a batch, at most MAIL_MESSAGES_MAX, and begin to fetch from memory what counting it will touch.
 * Nothing is counted. @return false: no memory (t->ids.error). */
bool look_ahead(struct tally *t, const struct mail_message *m, size_t count, struct load *loads);

/* ---- count.c ---- */

void load_party(struct tally *t, struct load *l, struct identity *id);
/** The last party is a sender whose message came through this identity (its hash). */
void load_via(struct load *l, uint64_t via);
void count_recipient(struct tally *t, struct load *l, const struct mail_delivery *d, const struct recipient_hashes *h,
		     const struct fate *f);
/** Recipients that no line names, all of one outcome. */
void count_unnamed(struct load *l, uint32_t recipients, enum mail_outcome outcome);
void count_forward(struct tally *t, const struct load *l, const struct mail_message *m, const struct mail_delivery *d,
		   struct identity *id, const struct fate *f);
/** The same for the forwarding address's whole domain, as far as it goes to the same target. */
void count_catch_all(struct tally *t, const struct load *l, const struct mail_message *m, const struct mail_delivery *d,
		     struct span forwarder, const struct fate *f);
/** A message of this identity that went to recipients of this host alone. */
void count_here(struct tally *t, const struct load *l, struct identity *id, const struct mail_message *m);
/** What is counted once a message. */
void load_finish(struct tally *t, struct load *l, const struct mail_message *m);

#endif
