/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_PLACES_H
#define OFFLIST_DIAGNOSE_PLACES_H

#include "diagnose/diagnose.h"
#include "diagnose/mailbox_providers.h"

/* Inside and outside: addresses, domains that are served here (given, or learnt from local deliveries), and inside
 * relays that turn out to be the way out (smarthosts). */

enum {
	DOMAINS_MAX = 1 << 16,
	INSIDE_RELAYS_MAX = 64,
	OWN_FILTER = 1 << 14,       /* bits; a server of many domains has some thousands */
	SMARTHOST_DOMAINS_MIN = 12, /* unrelated domains that mail from here goes to: no mail store has so many */
};

struct domain_seen {
	uint64_t hash;
	uint32_t local; /* delivered or refused here; counted by places_serve() */
	uint32_t
		stored; /* handed to a store inside; some of it to a filter that was not known as one yet; places_store() */
	uint32_t mailbox; /* of these, here */
	uint32_t outside; /* recipients that clients outside sent through us without login, not forwarded */
	uint64_t clients; /* of those, their addresses; linear counting over 64 bits */
	uint64_t boxes;   /* the recipients; the same */
	uint32_t first_hour, last_hour; /* of these recipients */
	uint32_t waited;                /* of them, deferred at least once: their own server did not take them */
	uint32_t bad;                   /* of them, unknown or refused as spam */
	uint32_t literal;               /* of them, sent to a host that is named by its address: by a route of ours */
};

struct inside_relay {
	struct addr addr;
	uint64_t domains;                   /* linear counting over 64 bits, of mail that came from here */
	uint64_t from_inside, from_outside; /* recipients */
	uint64_t hops;                      /* recipients whose message came back: it is a filter */
	struct diagnose_mail mail;          /* what would have been outgoing */
	bool smarthost;
};

struct places {
	const struct diagnose_options *o;
	struct domain_seen *domains;
	uint32_t domain_count, domain_size;
	uint64_t own_filter[OWN_FILTER /
			    64]; /* a bit for each domain that is served here: most are not, and need no search */
	struct inside_relay relays[INSIDE_RELAYS_MAX];
	uint32_t relay_count;
	struct mailbox_providers providers;
	int error;
};

void places_init(struct places *p, const struct diagnose_options *o);
void places_release(struct places *p);
bool places_inside(const struct places *p, const struct addr *a);
/** The same of an address whose addr_kind() is known. */
bool places_inside_kind(const struct places *p, const struct addr *a, enum addr_kind kind);
/** @return NULL: not seen and not made (no room, no memory). */
struct domain_seen *places_domain(struct places *p, uint64_t hash, bool create);
const struct domain_seen *places_find(const struct places *p, uint64_t hash);
/** Does its mail stay here, or in a store inside? */
bool places_has_mailboxes(const struct domain_seen *d);
/** One more recipient of that domain was delivered or refused here, or handed to a store inside: it may be served here. */
void places_serve(struct places *p, struct domain_seen *d);
void places_store(struct places *p, struct domain_seen *d);
/** Is this domain (its hash_name(domain, 0)) served here? */
bool places_own_hash(const struct places *p, uint64_t hash);
bool places_own(const struct places *p, struct span domain);
/** Is it the host's own name or a parent of it ("example.com" of "mail.example.com")? */
bool places_of_host(const char *host, struct span domain);
/** Has mail come back from it as a rule? What did not was refused by our own filter, and went nowhere. */
bool places_relay_filters(const struct inside_relay *r);
/** @return NULL: too many. */
struct inside_relay *places_relay(struct places *p, const struct addr *a);
/** Count a recipient that goes to this relay. @return true: it is a smarthost, the recipient is outgoing. */
bool places_relay_note(struct inside_relay *r, uint64_t domain, bool from_outside);
/** About how many distinct things set bits of a 64-bit map. */
unsigned places_count_bits(uint64_t map);

#endif
