/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_RELAYING_H
#define OFFLIST_DIAGNOSE_RELAYING_H

#include "diagnose/burst.h"
#include "diagnose/tally.h"

/*
 * Clients outside that send on through us without a login. Most of them may: a customer's server, another site, a
 * monitoring host, the world that writes to a domain which this server is a backup or a filter for. They are taken out
 * first, each for a reason that its own history gives; what is left is weighed as an open relay.
 */

enum { PERMITTED_NOTED_MAX = 3 };

struct permitted { /* a client that seems to be allowed to relay; worth a note */
	const struct identity *id;
	const char *why;
};

struct relaying {
	const struct identity *of;      /* IDENTITY_RELAY */
	struct identity rest;           /* what clients sent that are not known to be permitted; made for the report */
	const struct identity *top;     /* the client of these with most recipients */
	const struct identity *refused; /* strangers that were refused on the same host; NULL: none were */
	uint32_t clients;               /* in `rest` */
	uint32_t strange;               /* of these, owners: registrable domains of their names; each without is one */
	struct permitted permitted[PERMITTED_NOTED_MAX]; /* most recipients first */
	uint32_t permitted_count;                        /* all of them */
	struct relaying *next;
};

/** Of one host (its IDENTITY_RELAY). @return NULL: no memory. */
struct relaying *relaying_of(const struct tally *t, const struct identity *relay, struct arena *arena);

/* ---- relaying_clients.c ---- */

struct domains_served { /* 32-bit hashes, as sets keep them, of domains that are relayed for; ascending */
	uint32_t *at;
	uint32_t count;
};

/** @return 0; -ENOMEM. `at` is the caller's to free. */
int domains_served_find(const struct tally *t, const struct identity *relay, struct domains_served *ret_served);
/** Is this domain, by its hash, one that the world writes to through this host? */
bool domain_served(const struct tally *t, const char *host, uint64_t hash);
/** Do all of the client's recipients belong to such domains? */
bool client_serves(const struct domains_served *served, const struct identity *client);
/** Why the client seems to be allowed to relay; NULL: nothing says so. */
const char *client_permitted(const struct tally *t, const struct identity *refused, const struct identity *client);

struct refusals {        /* of strangers that tried to relay, beside what was let through */
	uint64_t during; /* in the hours of it, others than the client itself */
	double expected; /* none were, in all hours since it began or in these alone: so many the other hours promise */
	bool client_before; /* the client itself was refused before */
	bool none_since;    /* and nobody, or hardly anybody, since it was first accepted */
};

/** @param client  whose own refusals do not count among others'. */
struct refusals refusals_beside(const struct tally *t, const struct identity *refused, const struct identity *client,
				uint32_t first_hour, uint32_t last_hour);
enum { OWNER_SIZE = 256 };

/** The registrable domain of a client's reverse name; "": none. */
void client_owner(const struct identity *client, char text[OWNER_SIZE]);
/** Does a reverse name of the client share its registrable domain with most of what it sends as? */
bool client_is_its_senders(const struct identity *client);
/** Customers write to their own again; spam goes to each address once, and to many. */
bool client_writes_once(const struct identity *client);
/** Distinct domains of its envelope senders. */
uint32_t sender_domains(const struct identity *id);

#endif
