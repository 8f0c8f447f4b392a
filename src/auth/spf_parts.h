/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUTH_SPF_PARTS_H
#define OFFLIST_AUTH_SPF_PARTS_H

#include "auth/spf.h"
#include "base/buf.h"

/* The room's own: an SPF evaluation in parts. */

enum { SPF_NAME_MAX = 253, SPF_EXPANDED_MAX = 8192, SPF_DEPTH_MAX = SPF_LOOKUPS_MAX + 1 };

enum spf_mechanism {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT,
	SPF_EXP,
	SPF_UNKNOWN_MODIFIER,
};

struct spf_directive {
	enum spf_mechanism kind;
	enum spf_result result; /* of its qualifier, when it matches */
	struct span text;       /* the whole term */
	struct span spec;       /* its domain-spec, not expanded; empty: the current domain */
	struct prefix network;  /* ip4, ip6; not its bits */
	unsigned int bits4, bits6;
};

struct spf_record {
	struct spf_directive *at; /* the caller's */
	size_t room, count;
	const struct spf_directive *redirect, *exp; /* NULL: none */
	struct span wrong;                          /* the term that is no term; empty: all are */
	const char *why;
};

/** How many terms a record may have at most: the room that it needs. */
size_t spf_record_terms(struct span text);

/**
 * Take a record apart (section 12).
 * @param ret_record  its `at` and `room` are set. @return whether its syntax holds throughout; else wrong and why tell.
 */
bool spf_record_read(struct span text, struct spf_record *ret_record);

/** Is this a macro-string, and with `domain` a domain-spec (7.1)? `exp`: the letters c, r, t are allowed. */
bool spf_macro_valid(struct span text, bool domain, bool exp);
/** Labels of 1 to 63 octets, 253 octets in all. @return how many; 0: it is no name that can be asked for. */
size_t spf_name_labels(struct span name);
/** A name with two labels at least, as the domain of check_host() has to be (4.3). */
bool spf_domain_valid(struct span name);

/* What is known of the DNS so far. */
struct spf_lookup {
	const char *name;
	enum spf_type type;
	bool answered;
	struct spf_answer answer;
	struct spf_record *record; /* of TXT: taken apart; NULL: not yet */
	bool right;                /* its syntax holds */
};

/* Terms as they are evaluated: where they are is told to those that include them, so none may move. Their texts are copied at
 * the end. */
enum { SPF_CHUNK_TERMS = 8 };
struct spf_chunk {
	struct spf_chunk *next;
	struct spf_term terms[SPF_CHUNK_TERMS];
	struct span domains[SPF_CHUNK_TERMS], texts[SPF_CHUNK_TERMS];
};

struct spf {
	struct arena *arena;
	struct spf_query query;
	struct span local; /* of the sender */
	struct span sender_domain;
	struct spf_lookup *lookups[SPF_QUESTIONS_MAX];
	size_t lookup_count;
	struct spf_lookup *wanted;
	struct spf_chunk *chunks, *chunk; /* the first, and the one in work; each step uses them again */
	struct spf_report report;
	int error; /* -ENOMEM; sticks */
};

/** How far a step got that may have to wait for an answer. */
enum spf_got { SPF_GOT, SPF_WAIT, SPF_LIMIT };

/**
 * What the DNS says. @param ret_answer  written with SPF_GOT.
 * @return SPF_WAIT: it has been noted as the question; SPF_LIMIT: too many questions.
 */
enum spf_got spf_look_up(struct spf *s, struct span name, enum spf_type type, const struct spf_answer **ret_answer);

/** Names of the client's address that lead back to it (5.5); an error has none. What finds nothing is counted. */
enum spf_got spf_validated(struct spf *s, struct span *ret_names, size_t *ret_count);

/** Counts a query that found nothing. @return whether the limit is kept (4.6.4). */
bool spf_count_void(struct spf *s, const struct spf_answer *answer);

/** A macro-string with its macros expanded (7.2, 7.3), added to `out`. @param domain  <domain>, %{d}. */
enum spf_got spf_expand(struct spf *s, struct span text, struct span domain, struct buf *out);

#endif
