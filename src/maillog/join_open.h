/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MAILLOG_JOIN_OPEN_H
#define OFFLIST_MAILLOG_JOIN_OPEN_H

#include "maillog/line.h"
#include "maillog/message.h"

/* Messages that are open: a table by key, each with its own octets, in the order in which they were last touched. */

enum {
	OPEN_ID_MAX = 32,             /* octets; Exim has 23, Sendmail 14, Postfix up to 20 */
	OPEN_NONE = 0xffffffff,       /* no index */
	OPEN_LINES_KEPT = 4,          /* failures of one message whose whole line is kept */
	OPEN_DELIVERIES_MAX = 100000, /* recipients of one message: Postfix's qmgr_message_recipient_limit is 20000 */
	OPEN_TEXT_MAX = 64 << 20,     /* octets of one message's texts */
};

struct text { /* octets in the message's pool */
	uint32_t at, len;
};

struct open_line {
	uint32_t source;
	uint64_t number;
	int64_t at_ms;
	struct text text;
};

struct open_delivery {
	int64_t at_ms;
	uint32_t hash; /* of the recipient without case */
	uint8_t outcome, transport;
	bool hop, forwarded, remote_reply;
	bool may_hop;   /* the receiver named an id: a hop if a message with it shows itself here */
	uint32_t later; /* index of that message */
	uint16_t code;
	uint32_t tries, delay_ms;
	struct addr relay;
	struct text recipient, original, relay_name, status, reply;
	struct open_line line;
};

struct open_message {
	uint64_t hash;           /* of the key */
	uint32_t older, newer;   /* order of touching; also the list of free ones */
	uint32_t generation;     /* goes up each time the place is used anew */
	uint32_t host, instance; /* indices of their names */
	uint8_t id_len;
	uint8_t id[OPEN_ID_MAX];

	bool accepted;     /* its arrival was seen */
	bool ended, ghost; /* ghost: only known from another message's link */
	bool linked;       /* origin taken over from an earlier message */
	bool has_sender, link_remote, held;
	uint8_t format, origin, link;
	uint8_t lines_kept;
	int32_t uid;
	uint32_t pid, recipients;
	int64_t first_ms, last_ms;
	uint64_t size;
	struct addr client, link_client;
	uint32_t parent, parent_generation; /* a message with the same Message-ID that may have become this one */
	uint32_t child, child_generation;
	uint32_t made_by, made_by_generation; /* ghost: the message whose delivery named it */
	uint32_t may_hops;                    /* deliveries that may be hops */
	struct text client_name, helo, login, method, user, directory, script, sender, message_id, subject,
		link_address, link_login;
	struct open_line accept;
	uint32_t deferred; /* deliveries that wait */

	char *pool;
	uint32_t pool_len, pool_size;
	struct open_delivery *delivery;
	uint32_t delivery_count, delivery_size;
};

struct open_table {
	struct open_message *message; /* all places; `used` of them were ever in use */
	uint32_t used, size;
	uint32_t free;           /* first free place */
	uint32_t oldest, newest; /* of those in use */
	uint32_t in_use;
	uint32_t *slot; /* index + 1; open addressing */
	uint32_t mask;
	size_t octets; /* of pools and deliveries of all places, free ones too */
	int error;
};

int open_table_init(struct open_table *t);
void open_table_release(struct open_table *t);
uint64_t open_hash(struct span octets, uint64_t seed);
/** The message with that key. NULL: none. */
struct open_message *open_find(struct open_table *t, uint64_t hash, uint32_t host, uint32_t instance, struct span id);
/** A new one, touched last. NULL: no memory (t->error). May move all others. */
struct open_message *open_add(struct open_table *t, uint64_t hash, uint32_t host, uint32_t instance, struct span id);
void open_touch(struct open_table *t, struct open_message *m);
/** Take it out; its octets are kept for the next one, up to a size. */
void open_remove(struct open_table *t, struct open_message *m);
static inline uint32_t open_index(const struct open_table *t, const struct open_message *m)
{
	return (uint32_t)(m - t->message);
}

/** Copy octets into the message's pool. What does not fit is left out (t->error where memory is used up). */
struct text open_text(struct open_table *t, struct open_message *m, struct span s);
static inline struct span open_span(const struct open_message *m, struct text x)
{
	return x.len ? span_of(m->pool + x.at, x.len) : (struct span){NULL, 0};
}
/** Set *field once: an empty `s` or a field that is already set changes nothing. */
void open_set(struct open_table *t, struct open_message *m, struct text *field, struct span s);
/** NULL: OPEN_DELIVERIES_MAX reached, or no memory. */
struct open_delivery *open_delivery_add(struct open_table *t, struct open_message *m);
struct open_line open_line_copy(struct open_table *t, struct open_message *m, const struct log_line *l);

#endif
