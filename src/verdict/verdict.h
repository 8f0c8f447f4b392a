/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_VERDICT_VERDICT_H
#define OFFLIST_VERDICT_VERDICT_H

#include "verdict/status.h"

/* Rule 4: from the findings of all lists to one word. */
enum verdict {
#define VERDICT(name, word) VERDICT_##name,
#define STATUS(name, word)
#define WHY(name, word, advice)
#include "verdict/verdict_words.inc"
	VERDICT_COUNT,
};

struct verdict_rules {
	enum impact min_impact; /* a listing below it does not make `listed`; default IMPACT_MEDIUM */
	bool strict;            /* lists that need a missing key or registration count */
};

struct verdict_tally {
	uint32_t by_status[STATUS_COUNT];
	uint32_t asked;          /* lists that count */
	uint32_t without_answer; /* of these, no answer to be believed, or left out by budget or interruption */
	uint32_t left_out;       /* of these, not asked at all */
	uint32_t
		clear_blocks; /* lists that could list the target and do not: white, score and information lists cannot */
	bool high_without_answer;
	bool listed;           /* a listing of min_impact or more */
	bool listed_low;       /* a listing below it */
	enum impact strongest; /* of all listings */
};

/**
 * Count one list. Left out of `asked`: what another list holds (part_of), and lists that need a key or registration
 * which is not there (unless strict). A list is of high impact when it or one of its answers is.
 */
void verdict_add(struct verdict_tally *t, const struct verdict_rules *rules, const struct list *l,
		 const struct finding *f);
/** Unknown also where not one list gave an answer to be believed: nothing asked is not clear. */
enum verdict verdict_of(const struct verdict_tally *t);
const char *verdict_text(enum verdict v);
/** 0 clear, 1 listed, 2 unknown. */
int verdict_exit(enum verdict v);
/** Over several targets 1 beats 2 beats 0. */
int verdict_exit_join(int a, int b);
/**
 * Rule 9: 0 OK, 1 WARNING (listed with low impact or a neighbour's only), 2 CRITICAL, 3 UNKNOWN.
 * @param only_neighbour every listing that counts covers more than the target.
 */
int verdict_nagios(const struct verdict_tally *t, bool only_neighbour);

#endif
