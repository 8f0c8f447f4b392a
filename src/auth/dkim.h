/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUTH_DKIM_H
#define OFFLIST_AUTH_DKIM_H

#include "auth/dkim_record.h"
#include "auth/dkim_signature.h"

/* All DKIM signatures of a message, verified (RFC 6376 6, RFC 8301, RFC 8463). Pure: key records are asked for and brought. */

enum {
	DKIM_SIGNATURES_MAX = 20,           /* of one message; what are more is not looked at: each costs a look-up */
	DKIM_HEAD_OCTETS_MAX = 1024 * 1024, /* a head that is longer is refused; Postfix takes a tenth of it */
	DKIM_FIELDS_MAX = 4096,
	DKIM_RECORDS_MAX = 8, /* TXT records of one name that are tried (6.1.2) */
	DKIM_NOTES_MAX = 16,
};

/** Words of RFC 8601 2.7.1; what cannot be taken by today's rules though the mathematics hold is policy. */
enum dkim_result {
	DKIM_NONE,
	DKIM_PASS,
	DKIM_FAIL,
	DKIM_POLICY,
	DKIM_NEUTRAL,
	DKIM_TEMPERROR,
	DKIM_PERMERROR,
};

/** One name of h=, with how often it stands there and how often in the message. */
struct dkim_cover {
	const char *name;
	unsigned int listed, present;
};

struct dkim_verdict {
	enum dkim_result result;
	const char *why;                                      /* NULL: pass */
	bool intact;                                          /* hash and signature hold, whether they count or not */
	const char *domain, *selector, *identity, *algorithm; /* "" : not told */
	const struct dkim_signature *signature;
	enum dkim_key_kind kind; /* of the key that was tried last; bits 0: none */
	unsigned int bits;
	bool testing;
	uint64_t body_octets;            /* of the canonical body */
	const struct dkim_cover *covers; /* by h=, each name once */
	size_t cover_count;
	const char *notes[DKIM_NOTES_MAX]; /* what is worth knowing beside the result */
	size_t note_count;
};

struct dkim_report {
	const struct dkim_verdict *verdicts; /* in the order of the message, top first */
	size_t count;
	size_t left_out; /* signatures over DKIM_SIGNATURES_MAX */
};

enum dkim_answer_kind { DKIM_ANSWER_RECORDS, DKIM_ANSWER_NO_NAME, DKIM_ANSWER_FAILED };

struct dkim_answer {
	enum dkim_answer_kind kind;
	size_t count;
	const struct span *texts; /* strings of each TXT record joined (3.6.2.2); copied */
};

struct dkim;

/** Part a message at its first empty line; line ends are CRLF or LF; an mbox "From " line is left out. */
void dkim_split(struct span message, struct span *ret_head, struct span *ret_body);

/**
 * @param head   fields of the message; borrowed until dkim_free().
 * @param now_s  for t= and x=.
 * @param arena  owns what is told.
 * @return 0, ret_dkim to be freed; -E2BIG: over a limit above; -ENOMEM.
 */
int dkim_begin(struct span head, int64_t now_s, struct arena *arena, struct dkim **ret_dkim);
/** The body as it comes, in pieces of any length. Nothing of it is kept. */
void dkim_body(struct dkim *d, struct span octets);
void dkim_body_end(struct dkim *d);
/** After the body. @return 1: done; 0: the TXT records of ret_name are to be answered first; -ENOMEM. */
int dkim_step(struct dkim *d, const char **ret_name);
/** The answer to the last question. @return 0; -ENOMEM. */
int dkim_answer(struct dkim *d, const struct dkim_answer *answer);
/** After dkim_step() returned 1. */
const struct dkim_report *dkim_report(const struct dkim *d);
/** NULL is taken; what the arena owns stays. */
void dkim_free(struct dkim *d);

/** "pass", "permerror"... */
const char *dkim_result_text(enum dkim_result result);

#endif
