/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_IDENTITY_H
#define OFFLIST_DIAGNOSE_IDENTITY_H

#include "logjoin/mail_message.h"
#include "net/addr.h"

/* Who sent it, and what is kept of each: counts by hour, networks, senders, recipients seen, lines that prove it.
 * All of it is bounded; what is dropped is the weakest. */

enum identity_kind {
	IDENTITY_LOGIN,   /* SASL login */
	IDENTITY_SCRIPT,  /* local submission: script, else working directory, else system user */
	IDENTITY_CLIENT,  /* client inside; all its messages, logins told apart */
	IDENTITY_OUTSIDE, /* client outside without login, to recipients elsewhere */
	IDENTITY_RELAY,   /* all of IDENTITY_OUTSIDE of a host together; its networks are single addresses */
	IDENTITY_REFUSED, /* clients outside that were refused relaying; messages are refusals, networks single addresses */
	IDENTITY_FORWARD, /* local address that sends on; "@domain": all of one that go to the same target (its sender); where
			   * no line names it (Sendmail's alias), the target */
	IDENTITY_NOTICE, /* domain or address whose failures make notices; "": not told */
	IDENTITY_SENDER, /* envelope sender, its variable part off (VERP) */
	IDENTITY_KINDS,
};

enum {
	IDENTITIES_MAX = 16384,
	HOURS_KEPT_MAX = 24 * 62,
	NETWORKS_MAX = 1024,
	NAMES_MAX = 96,
	NAME_LEN_MAX = 255, /* octets of a login, sender or path that are kept; RFC 5321 4.5.3.1.3 allows 256 */
	RECIPIENTS_KEPT_MAX = 1 << 16, /* of one identity; more distinct ones are not told apart */
	ACCEPTS_MAX = 5,
	FAILURES_MAX = 6,
	LOGINS_MAX = 3,
	VIA_MAX = 4,
	REVERSE_NAMES_MAX = 4, /* a client has one, or few over the time of a log */
};

#define IDENTITIES_OCTETS_MAX ((size_t)64 << 20)

enum { CACHE_LINE = 64 };

struct hour {                               /* two lines of the cache; where all is delivered, the first is enough */
	_Alignas(CACHE_LINE) uint32_t hour; /* since 1970 */
	uint32_t first_ms, last_ms;         /* within it */
	uint32_t messages, recipients;
	uint32_t fresh;             /* recipients that this identity had not written to before */
	uint32_t bad;               /* unknown, spam or listed */
	uint32_t other;             /* messages whose sender is not the login's own address; of a sender, too */
	uint32_t networks, senders; /* distinct ones in this hour */
	uint32_t rapid;             /* messages within RAPID_MS of the one before */
	uint32_t run;      /* messages of one text: within RUN_MS of one before that is as long, to somebody else */
	uint32_t sorted;   /* of these, the recipient comes later in the alphabet */
	uint32_t alike;    /* messages as long as the one before, to somebody else, however long ago */
	uint32_t pairs;    /* messages to elsewhere that an address of this host got as well, at once or right beside */
	uint32_t by_login; /* messages whose password was given by AUTH LOGIN */
	uint32_t unknown, spam, listed, rate, deferred, rejected;
	uint32_t switches; /* of the rapid ones, from another network; rare */
	uint32_t waiting;  /* recipients whose message is in the queue still: not tried yet, deferred, held */
	uint32_t held;     /* of these */
	uint32_t unnamed;  /* recipients that no line names */
	uint32_t limited;  /* times that the server's own limits stopped it */
	uint32_t returned; /* notices of our relay host to this sender: it had taken these recipients at first */
	uint32_t domain_listed,
		untold; /* forward: of `spam`, those that name a listed domain, and that give no reason */
};

/* A person needs longer than that for a message; what is sent offline and leaves at once is few. */
enum { RAPID_MS = 12000, RUN_MS = 90000, PAIR_MS = 10000 };

struct previous_message { /* of an identity */
	int64_t at_ms;    /* 0: there was none */
	uint64_t size, network;
	uint64_t first[2]; /* its first recipient elsewhere: sixteen octets that sort as the text does */
	int64_t here_ms;   /* last message to recipients of this host alone; 0: none, or it has its pair */
	bool paired;
};

enum { AT_HOME_HOURS = 3 }; /* whoever tries a stolen password comes once; who lives there comes again */

struct network { /* one line of the cache */
	_Alignas(CACHE_LINE) uint64_t hash;
	struct addr addr; /* one of it */
	uint8_t owner;    /* of its reverse names: network_owner(); 0: none is known */
	uint16_t hours;   /* distinct ones in which it was seen */
	uint32_t provider;
	uint32_t known_hour;            /* first seen, be it by a login to read mail */
	uint32_t seen_hour;             /* last seen */
	uint32_t usual_hour;            /* seen in AT_HOME_HOURS by then; UINT32_MAX: not yet */
	uint32_t first_hour, last_hour; /* mail was sent from it; UINT32_MAX and 0: none yet */
	uint32_t messages, recipients;
	uint32_t fresh; /* recipients that its identity had not written to before */
};

struct name_seen {
	uint64_t hash, domain; /* domain: its hash; 0: none */
	uint32_t first_hour, last_hour, messages, bad;
	char *text;
};

struct names {
	struct name_seen *at;
	uint32_t count, size;
	uint64_t beyond; /* messages whose name found no room */
};

struct seen_set { /* 32-bit hashes; open addressing, 0: free */
	uint32_t *at;
	uint32_t size, count;
	bool full;
};

struct proof {
	const char *what;
	int64_t at_ms;
	uint64_t number, tag; /* tag: network or kind of failure, so that proofs differ */
	uint32_t source;
	char *text;
};

struct proofs {
	uint32_t hour; /* of its strongest hour */
	uint32_t weight;
	uint32_t count, size;
	struct proof *at; /* as many as it ever needed */
};

struct via { /* sender: which identity its messages came through */
	uint64_t hash;
	uint64_t messages;
};

/* What each message touches stands in the first lines; that of a client inside, in all of them. */
enum { IDENTITY_LINES = 4, IDENTITY_LINES_CLIENT = 5 };

struct identity {
	uint64_t hash;
	struct hour *hours;
	uint32_t hour_count, hour_size;
	struct network *networks;
	uint32_t network_count, network_size;
	struct seen_set seen; /* recipients */
	uint64_t messages, recipients;
	int64_t first_ms, last_ms;
	struct previous_message previous;
	enum identity_kind kind;
	uint32_t network_slots_size;
	uint16_t *network_slots; /* index + 1 by hash; NULL while there are few */
	uint64_t helos;          /* linear counting over 64 bits */
	uint64_t with_here;      /* messages that had a recipient of this host, too */
	struct names senders;    /* envelope senders; notice: the failing addresses */
	struct proofs accepts, failures;
	struct names
		logins; /* inside client: logins used from it; outside: its reverse names; forward "@domain": addresses */
	union {
		uint64_t with_login; /* messages of an inside client that had a login */
		uint64_t with_tag;   /* messages of a sender whose address had a variable part (VERP) */
	};
	const char *host; /* of the tally's hosts */
	char *name;
	enum mail_format format;
	struct addr client;      /* IDENTITY_CLIENT, _OUTSIDE */
	uint64_t accepted_again; /* forward: delivered right after a refusal for a listing: no listing then */
	bool last_listed;
	bool is_target;         /* forward: its name is where it goes to */
	uint64_t failed_logins; /* wrong passwords */
	struct seen_set domains;
	struct via via[VIA_MAX];
	struct proofs fresh_logins;
	uint32_t receiver; /* forward: trouble_receiver() of the last one that refused; 0: none did */
	uint64_t tricks; /* outside: recipients that were written as an address of ours (forged SRS, "user%domain@") */
};

struct identity_slot {
	uint64_t hash;
	struct identity *id; /* NULL: free */
};

struct identities {
	struct identity **at; /* in order of their coming */
	uint32_t count, size;
	struct identity_slot *slots;
	uint32_t slot_size;
	size_t octets;
	uint64_t shed; /* identities dropped for room */
	int error;     /* -ENOMEM sticks */
};

/** Memory that begins a line of the cache, for free(). */
void *identity_lines(size_t octets);
void identities_release(struct identities *t);
/** @param host  one and the same pointer for one host. @param create  make it if it is not there. @return NULL: not there, or no memory (t->error). Moves nothing kept. */
struct identity *identity_get(struct identities *t, enum identity_kind kind, const char *host, struct span name,
			      bool create);
/** Hash under which it is found. */
uint64_t identity_hash(enum identity_kind kind, const char *host, struct span name);
/** Of one that is named by its client's address: no text is made of it. */
uint64_t identity_hash_client(enum identity_kind kind, const char *host, const struct addr *a);
/** @return NULL: not there. */
struct identity *identity_find(const struct identities *t, uint64_t hash);
/** One that identity_find() did not find. @return NULL: no memory (t->error). */
struct identity *identity_make(struct identities *t, enum identity_kind kind, const char *host, struct span name,
			       uint64_t hash);
/** Begin to fetch from memory what identity_find() will look at, what counting a message will touch of the identity
 * itself, and what it will touch of its parts. `client`: it may be a client inside; `network`: the hash of its network;
 * `failed`: not all was delivered. */
void identity_fetch_slot(const struct identities *t, uint64_t hash);
void identity_fetch(const struct identity *id, bool client);
void identity_fetch_parts(const struct identity *id, uint64_t network, bool failed);
void identity_fetch_network(const struct identity *id, uint64_t network);
void seen_fetch(const struct seen_set *s, uint64_t hash);
uint32_t hour_of(int64_t at_ms);
/** The hour's counts, made if need be; NULL: older than all that is kept, or no memory. */
struct hour *identity_hour(struct identities *t, struct identity *id, int64_t at_ms);
/** Whose name the verified reverse name of a client ends with, folded to eight bits; 0: there is none ("unknown"). */
uint8_t network_owner(struct span reverse_name);
/** @return the network, made if need be (NULL: no room). @param h  count it as one that mail comes from; NULL: do not.
 * @param owner  of a login's client: a block of addresses with names of two owners is two networks. */
struct network *identity_network(struct identities *t, struct identity *id, uint32_t hour, struct hour *h,
				 const struct addr *a, uint8_t owner);
/** Note a name among at most NAMES_MAX. @return true: it is new in this hour. */
bool names_note(struct identities *t, struct names *n, struct span text, uint32_t hour, bool bad);
/** What a set keeps of a hash. */
static inline uint32_t seen_value(uint64_t hash)
{
	return (uint32_t)(hash >> 32) ? (uint32_t)(hash >> 32) : 1;
}
/** @return true: was not in it. Full sets answer false. */
bool seen_add(struct identities *t, struct seen_set *s, uint64_t hash);
bool identity_seen(const struct seen_set *s, uint32_t value);
/** Keep a line if its hour is the strongest so far (`weight` tells) and its tag is not there yet. */
void proof_keep(struct identities *t, struct proofs *p, uint32_t max, uint32_t hour, uint32_t weight,
		const struct line_copy *line, const char *what, uint64_t tag);
/** Drop the weaker half of the identities where they have grown past their bounds. Call between messages only. */
void identities_shed(struct identities *t);

#endif
