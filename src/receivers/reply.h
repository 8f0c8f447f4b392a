/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_RECEIVERS_REPLY_H
#define OFFLIST_RECEIVERS_REPLY_H

#include "receivers/receiver_record.h"

/* The room's own: the stages of one reply. One that came before octet for octet is known (receivers_memo.c). Others are made
 * one line (reply_text.c), their changing parts are folded and looked up (reply_fold.c, receivers_cache.c); what is new goes
 * through all patterns (receivers_scan.c) and the search for names of public lists (receivers_zone.c). */

enum {
	REPLY_OCTETS_MAX = 4096, /* RFC 5321 4.5.3.1.5 has 512 a line; the rest of a longer reply is not read */
	REPLY_SIZE = REPLY_OCTETS_MAX + 64,
	REPLY_MASK = 1, /* the octet over what the sender of a message can choose */
	REPLY_TOKENS_MAX = 32,
};

/** Mail addresses that records name: they are the receiver's words, not a sender's. Lower case, sorted. */
struct mailboxes {
	const char **at;
	size_t count;
};

struct reply_text {
	char plain[REPLY_SIZE];  /* "550 5.7.1 text": code and status once, single blanks */
	char masked[REPLY_SIZE]; /* the same with REPLY_MASK over addresses and quoted subjects; octet for octet */
	size_t len;
	size_t head; /* of code and status, with the blank behind them */
	uint16_t code;
};

void reply_prepare(struct reply_text *t, const struct mailboxes *known, uint16_t code, struct span status,
		   struct span reply);

enum reply_token_kind { TOKEN_TEXT, TOKEN_ADDRESS, TOKEN_MASK, TOKEN_ID, TOKEN_NUMBER };

struct reply_token {
	enum reply_token_kind kind;
	size_t at, len;
};

/** The next part of a masked text; false at its end. Parts follow each other without a gap. */
bool reply_token_next(struct span text, size_t *at, struct reply_token *ret_token);

/** A masked text with its changing parts taken out: equal keys mean equal words between the parts. */
struct reply_key {
	char text[REPLY_SIZE];
	size_t len;
	uint64_t hash, seed;
	struct reply_token parts[REPLY_TOKENS_MAX];
	size_t part_count;
	bool usable; /* false: too many parts */
};

void reply_key_make(struct reply_key *k, const struct reply_text *t, uint64_t seed);

/** A place in the text, told so that it holds for every text of the same key. */
struct reply_place {
	uint16_t part, offset; /* behind the part of that number, 0: the beginning */
};

struct verdict_of_reply {
	const struct receiver_record *record; /* NULL: none */
	enum reply_meaning means;
	enum reply_about about;
	const struct list *list;
	struct span address, domain, zone, url; /* inside the plain text */
};

struct reply_cache;
struct reply_cache *reply_cache_new(void);
void reply_cache_free(struct reply_cache *c);
/** What was kept for this key, its spans in this text. */
bool reply_cache_find(const struct reply_cache *c, const struct reply_key *k, const struct reply_text *t,
		      struct verdict_of_reply *ret_verdict);
void reply_cache_keep(struct reply_cache *c, const struct reply_key *k, const struct reply_text *t,
		      const struct verdict_of_reply *v);

/** A reply as the log has it. */
struct reply_raw {
	struct span status, reply;
	uint64_t relay; /* relay_info's seed */
	uint16_t code;
};

struct reply_memo;
struct reply_memo *reply_memo_new(void);
void reply_memo_free(struct reply_memo *m);
uint64_t reply_raw_hash(const struct reply_raw *raw);
/** What was kept for these very octets; the verdict's spans live until the next reply_memo_keep(). */
bool reply_memo_find(const struct reply_memo *m, const struct reply_raw *raw, uint64_t hash,
		     struct verdict_of_reply *ret_verdict);
/** Kept when it comes the second time. @param v  its spans are inside t->plain. */
void reply_memo_keep(struct reply_memo *m, const struct reply_raw *raw, uint64_t hash, const struct reply_text *t,
		     const struct verdict_of_reply *v);

struct scanner;
struct scan_pattern {
	const struct receiver_record *record;
	size_t order; /* of the record */
	const char *text;
	size_t weight; /* octets that stand for themselves: the more, the more special */
};
struct scan_captures {
	struct span address, domain, zone;
};
/** @return 0; -ENOMEM. */
int scanner_new(const struct receiver_records *records, struct scanner **ret_scanner);
void scanner_free(struct scanner *s);
/** Numbers of the patterns that may fit, in order. @return how many. */
size_t scanner_scan(struct scanner *s, struct span text, const uint32_t **ret_hits);
const struct scan_pattern *scanner_pattern(const struct scanner *s, uint32_t number);
/** Does it really fit? Fills what it captures. */
bool scanner_capture(struct scanner *s, uint32_t number, struct span text, struct scan_captures *ret_captures);

struct relay_info {
	const char *name; /* of the receiver, by MX; else the registrable domain; "": none */
	const char *domain;
	const uint64_t *fits; /* bit i: an MX of record i */
	uint64_t seed;        /* equal for relays that are MX of the same records */
};
struct relays;
struct relays *relays_new(const struct receiver_records *records);
void relays_free(struct relays *r);
/** Begin to fetch what relays_find() will look at first. @param hash  hash_name() of the name. */
void relays_fetch(const struct relays *r, uint64_t hash);
/** Never NULL. */
const struct relay_info *relays_find(struct relays *r, struct span relay);
/** `*` any octets, `?` one; ASCII case ignored. */
bool relay_mx_fits(const char *pattern, struct span name);

struct link_index;
/** @return NULL: out of memory. It points into the catalogue. */
struct link_index *link_index_new(const struct catalogue *c);
void link_index_free(struct link_index *x);

/** A list of the catalogue that the reply says it refuses for. Spans point into the plain text. */
struct reply_zone {
	const struct list *list;
	struct span zone; /* as named; of a page its host */
	bool page;        /* only a page of the operator is named */
	bool asks;        /* and it asks about an address or name */
	bool of_name;     /* what is listed is a name, not the client's address */
	struct span name; /* that name; empty: not told */
};
/** False: none. */
bool reply_zone_find(const struct catalogue *lists, const struct link_index *links, const struct reply_text *t,
		     struct reply_zone *ret_zone);
/** The first link. Empty: none. */
struct span reply_link(const struct reply_text *t);
/** The one address that the text names, where it names only one that can be a mail server's. Empty: none or several. */
struct span reply_only_address(const struct reply_text *t, const struct reply_key *k);
/** The list whose page a link is (with or without its scheme); of several the one that holds the others. NULL: none. */
const struct list *link_list(const struct link_index *x, struct span link);
/** The host of a link, without "www.". */
struct span link_host(struct span link);
/** Whether it asks about an address, a name or a record. */
bool link_asks(struct span link);
/** The name that a link asks about. Empty: none. */
struct span link_domain(struct span link);

static inline struct span reply_masked(const struct reply_text *t)
{
	return span_of(t->masked, t->len);
}

#endif
