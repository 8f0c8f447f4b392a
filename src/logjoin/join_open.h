/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGJOIN_JOIN_OPEN_H
#define OFFLIST_LOGJOIN_JOIN_OPEN_H

#include "base/hash.h"
#include "logread/line.h"
#include "logjoin/mail_message.h"

/* Messages that are open: a table by key, each with its own octets, in the order in which they were last touched. */

enum {
	OPEN_ID_MAX = 32,             /* octets; Exim has 23, Sendmail 14, Postfix up to 20 */
	OPEN_NONE = 0xffffffff,       /* no index */
	OPEN_LINES_KEPT = 4,          /* deferrals of one message whose whole line is kept */
	OPEN_DELIVERIES_MAX = 100000, /* recipients of one message: Postfix's qmgr_message_recipient_limit is 20000 */
	OPEN_TEXT_MAX = 64 << 20,     /* octets of one message's texts */
	OPEN_ALIGN = 64,              /* octets of a cache line */
};

enum open_near { OPEN_OUTSIDE, OPEN_INSIDE, OPEN_THIS_HOST }; /* where a message came from */

struct text { /* octets in the message's pool */
	uint32_t at, len;
};

struct open_line {
	uint64_t number;
	int64_t at_ms;
	struct text text;
	uint32_t source;
};

struct open_delivery {
	uint32_t hash; /* of the recipient without case; told only where it waits */
	uint16_t code;
	uint8_t outcome, transport;
	struct text recipient;
	int64_t at_ms;
	struct text original, relay_name, status, reply;
	uint32_t tries, delay_ms;
	struct open_line line;
	uint32_t later; /* index of the message that may have come of it */
	uint16_t relay_port;
	bool hop, forwarded, remote_reply;
	bool claimed; /* a message is taken for what came of it */
	bool may_hop; /* the receiver named an id: a hop if a message with it shows itself here */
	struct addr relay;
};

struct open_waiting {   /* deliveries that wait or have waited, by their hashes */
	uint32_t *slot; /* index + 1; NULL: so few that they are looked through */
	uint32_t mask, indexed;
};

/* What most lines look at comes first, in two cache lines. */
struct open_message {
	_Alignas(OPEN_ALIGN) uint8_t id[OPEN_ID_MAX];
	uint8_t id_len;
	bool accepted;     /* its arrival was seen */
	bool ended, ghost; /* ghost: only known from another message's link */
	bool linked;       /* origin taken over from an earlier message, or there is none */
	bool noted;        /* it is found by its Message-ID */
	bool has_sender, link_remote;
	uint8_t format, origin, link;
	uint8_t lines_kept;
	uint32_t hash;           /* of the key */
	uint32_t host, instance; /* indices of their names */
	uint32_t generation;     /* goes up each time the place is used anew */
	uint32_t id_newer;       /* the next that came with the same Message-ID */

	int64_t first_ms, last_ms;
	uint8_t *pool;
	struct open_delivery *delivery;
	uint32_t pool_len, pool_size;
	uint32_t delivery_count, delivery_size;
	uint32_t deferred;     /* deliveries that wait */
	uint32_t next_try;     /* index where that one may stand which is tried next: the order is mostly the same */
	uint64_t waiting_bits; /* one for each that waits, by six bits of its hash */

	uint32_t may_hops; /* deliveries that may be hops */
	uint8_t rest;      /* enum mail_outcome: what its waiting recipients come to; NONE: they wait */
	uint32_t done;     /* recipients that were done with when `recipients` was counted */
	uint32_t unnamed;  /* recipients that no line names, when it is handed over */
	uint32_t id_older; /* the one before that came with the same Message-ID */
	uint32_t parent, parent_generation; /* of these the one that may have become this one */
	int64_t own_ms; /* its first line, its client and how near that is, as they were before it had a parent */
	struct addr own_client;
	uint8_t own_near; /* enum open_near */
	bool may_return;  /* a delivery of it may have made another message with the same Message-ID */
	bool xforward;    /* the client is what a filter says */
	bool by_reply;    /* ghost: a receiver's reply alone named it */
	int32_t uid;
	uint32_t pid, recipients;
	uint64_t size;
	struct text message_id, sender, client_name, login, method, helo, user, directory, script, subject;
	struct open_line accept;
	struct addr client, link_client;
	struct text link_address, link_login;
	struct open_waiting waiting;
	uint32_t made_by, made_by_generation; /* ghost: the message whose delivery named it */
	uint32_t message_hash;                /* of the Message-ID it is noted with */
};

struct open_slot {
	uint32_t hash;  /* what stands here for another hash is passed by without a look at its message */
	uint32_t place; /* index + 1; 0: free */
};

struct open_order { /* of touching; `newer` is also the list of free places */
	uint32_t older, newer;
};

/* The line that was copied last: a text that lies in it is in the pool already. */
struct open_copied {
	const struct open_message *into;
	struct span raw;
	uint32_t at;
};

struct open_table {
	struct open_message *message; /* all places; `used` of them were ever in use */
	struct open_order *order;     /* of each place */
	uint32_t used, size;
	uint32_t free;           /* first free place */
	uint32_t oldest, newest; /* of those in use */
	uint32_t in_use;
	struct open_slot *by_key, *by_message_id; /* open addressing */
	uint32_t mask;                            /* of both */
	uint32_t message_hash;                    /* of the Message-ID last expected */
	size_t octets;                            /* of pools and deliveries of all places, free ones too */
	struct open_copied copied;
	int error;
};

int open_table_init(struct open_table *t);
void open_table_release(struct open_table *t);
/** The message with that key. NULL: none. @param id  1 to OPEN_ID_MAX octets. */
struct open_message *open_find(struct open_table *t, uint32_t host, uint32_t instance, struct span id);
/** A new one, touched last. NULL: no memory (t->error). May move all others. */
struct open_message *open_add(struct open_table *t, uint32_t host, uint32_t instance, struct span id);
/** A message is to be noted with that Message-ID soon. */
static inline void open_expect_message_id(struct open_table *t, struct span message_id)
{
	t->message_hash = (uint32_t)hash_octets(message_id, 0);
	__builtin_prefetch(&t->by_message_id[t->message_hash & t->mask], 1);
}
/**
 * It is found by its Message-ID, the one last expected: the newest of those of its host that have it. The older ones
 * follow by id_older.
 */
void open_note_message_id(struct open_table *t, struct open_message *m);
/** The next older or newer one. NULL: none. */
static inline struct open_message *open_same_id(struct open_table *t, uint32_t index)
{
	return index == OPEN_NONE ? NULL : &t->message[index];
}
void open_touch(struct open_table *t, struct open_message *m);
/** It is found under another id of the same host and instance, which no message has. */
void open_rename(struct open_table *t, struct open_message *m, struct span id);
/** Take it out, so that nothing finds it any more. The place keeps what it holds until open_free(). */
void open_take(struct open_table *t, struct open_message *m);
/** A place that was taken out is free for the next message; its octets are kept for that one, up to a size. */
void open_free(struct open_table *t, struct open_message *m);
static inline uint32_t open_index(const struct open_table *t, const struct open_message *m)
{
	return (uint32_t)(m - t->message);
}

/** Room for more octets in its pool. false: OPEN_TEXT_MAX reached, or no memory (t->error). */
bool open_pool_grow(struct open_table *t, struct open_message *m, size_t octets);
/** A new line begins: what was copied of the last one is not found in it. */
static inline void open_next_line(struct open_table *t)
{
	t->copied.into = NULL;
}
/** Copy octets into the message's pool. What does not fit is left out (t->error where memory is used up). */
static inline struct text open_text(struct open_table *t, struct open_message *m, struct span s)
{
	uint32_t at = m->pool_len;
	size_t before = (uintptr_t)s.at - (uintptr_t)t->copied.raw.at;
	if (!s.len)
		return (struct text){0, 0};
	if (t->copied.into == m && before < t->copied.raw.len && s.len <= t->copied.raw.len - before)
		return (struct text){t->copied.at + (uint32_t)before, (uint32_t)s.len};
	if (s.len > m->pool_size - at && !open_pool_grow(t, m, s.len))
		return (struct text){0, 0};
	octets_copy(m->pool + at, s.at, s.len);
	m->pool_len = at + (uint32_t)s.len;
	return (struct text){at, (uint32_t)s.len};
}
static inline struct span open_span(const struct open_message *m, struct text x)
{
	return x.len ? span_of(m->pool + x.at, x.len) : (struct span){NULL, 0};
}
/** Set *field once: an empty `s` or a field that is already set changes nothing. */
static inline void open_set(struct open_table *t, struct open_message *m, struct text *field, struct span s)
{
	if (s.len && !field->len)
		*field = open_text(t, m, s);
}
/** A delivery that is not filled in yet. NULL: OPEN_DELIVERIES_MAX reached, or no memory. */
struct open_delivery *open_delivery_add(struct open_table *t, struct open_message *m);
/** From now on the deliveries that wait are looked through. */
void open_waiting_drop(struct open_table *t, struct open_message *m);
/** Copy the line; texts of the same line are not copied again until open_next_line(). */
struct text open_line_copy(struct open_table *t, struct open_message *m, const struct log_line *l);
static inline struct open_line open_line(const struct log_line *l, struct text copy)
{
	return (struct open_line){.number = l->number, .at_ms = l->at_ms, .text = copy, .source = l->source};
}

#endif
