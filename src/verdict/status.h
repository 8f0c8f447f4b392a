/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_VERDICT_STATUS_H
#define OFFLIST_VERDICT_STATUS_H

#include "lists/lists.h"
#include "dns/bulk.h"

/* Verdict rules 1 to 4 of docs/decisions/verdict-rules.md. Pure: no I/O, no clock. */

enum status {
#define VERDICT(name, word)
#define STATUS(name, word) STATUS_##name,
#define WHY(name, word, advice)
#include "verdict/verdict_words.inc"
	STATUS_COUNT,
};

enum why { /* beside a status; the first six equal enum refusal_why */
	   STATUS_WHY_NONE = -1,
#define VERDICT(name, word)
#define STATUS(name, word)
#define WHY(name, word, advice) STATUS_WHY_##name,
#include "verdict/verdict_words.inc"
	   STATUS_WHY_COUNT,
};

/** One answer address explained. `answer` NULL: a code that the record does not know; it takes the list's class. */
struct reason {
	uint32_t code; /* host byte order */
	const struct list_answer *answer;
	enum list_class class;
	enum impact impact;
	enum scope_kind scope;
	uint32_t suggests;
};

enum { REASONS_MAX = 24 };

struct finding { /* one list's answer about one target */
	enum status status;
	enum why why;
	enum impact impact;  /* of the strongest listing reason; the list's otherwise */
	size_t reason_count; /* 0 unless listed or clear */
	struct reason reasons[REASONS_MAX];
};

/**
 * Judge what one list answered about a target (belief in the list is judged apart). Of a set with several addresses
 * the first of refusal, answer outside 127.0.0.0/8, listing counts.
 * @param answer  outcome and, for DNS_ANSWER, the addresses.
 */
void status_of_answer(const struct list *l, const struct bulk_answer *answer, struct finding *ret_finding);

/** Does a class make a target `listed`? (block, policy, domain, url: rule 2) */
bool status_class_lists(enum list_class class);

/** What a reason covers; for an IPv6 target (ip6) the record's `scope6` where the answer has no scope of its own. */
enum scope_kind status_reason_scope(const struct list *l, const struct reason *r, bool ip6);
/** Is it wider than the target, so that a neighbour may be at fault? */
bool status_scope_neighbour(enum scope_kind scope);

const char *status_text(enum status s);  /* the words of the JSON contract: "not_asked" ... */
const char *status_why_text(enum why w); /* "public_resolver" ...; NULL for NONE */
/** A sentence for people with the way out ("It does not answer public resolvers: use your own ..."); NULL for NONE. */
const char *status_why_advice(enum why w);

#endif
