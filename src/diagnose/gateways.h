/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_GATEWAYS_H
#define OFFLIST_DIAGNOSE_GATEWAYS_H

#include "logjoin/mail_message.h"

/*
 * Inside addresses behind which the world stands: docker's userland proxy, a load balancer without the PROXY protocol, a
 * router that rewrites source addresses, a filter in front. What comes from one is not that machine's. Told by what
 * else comes through it: the world's mail for us, many HELO names, guesses at many logins.
 */

enum { GATEWAYS_MAX = 192, GATEWAY_SLOTS = 1024 };

struct gateway_seen {     /* an inside client, without a login */
	uint64_t hash;    /* of host and address */
	uint64_t in;      /* messages to us under senders that are not ours */
	uint64_t domains; /* of those senders; this and what follows is linear counting over 64 bits */
	uint64_t to;      /* domains of their recipients */
	uint64_t helos;
	uint64_t guessed; /* logins that failed */
};

struct gateways {
	struct gateway_seen at[GATEWAYS_MAX];
	uint32_t count;
	uint8_t slots
		[GATEWAY_SLOTS]; /* index + 1; 0: free. Each login is asked about, and few come from one of these */
};

/** @param host  one and the same pointer for one host. @return NULL: no room. */
struct gateway_seen *gateway_get(struct gateways *g, const char *host, const struct addr *a);
const struct gateway_seen *gateway_find(const struct gateways *g, const char *host, const struct addr *a);
/** A message for us came through it. */
void gateway_note_in(struct gateway_seen *g, struct span sender_domain, struct span recipient_domain);
void gateway_note_helo(struct gateway_seen *g, struct span helo);
void gateway_note_guess(struct gateway_seen *g, struct span login);

enum gateway_sign {
	GATEWAY_NO,
	GATEWAY_NUMBER, /* its number alone: the first or last of a private network is the router's */
	GATEWAY_LOGINS, /* the world guesses passwords through it */
	GATEWAY_WORLD,  /* the world's mail for us comes through it */
	GATEWAY_HELOS,  /* many HELO names */
};

/** The strongest sign. @param helos  those of its outgoing messages, as `helos` above. `g` may be NULL. */
enum gateway_sign gateway_sign(const struct gateway_seen *g, const struct addr *a, uint64_t helos);

#endif
