/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_VERDICT_BELIEF_H
#define OFFLIST_VERDICT_BELIEF_H

#include "verdict/status.h"

/*
 * Is a list to be believed through this resolver (rule 3)? A small machine: it says which name to ask next, the caller
 * asks it and feeds the answer, until it has judged. Pure; randomness comes from the caller.
 */
enum belief_state {
	BELIEF_ASKING,
	BELIEF_GOOD,
	BELIEF_REFUSED, /* why: enum refusal_why */
	BELIEF_BROKEN,
	BELIEF_UNREACHABLE,
};

enum belief_family { BELIEF_IP4, BELIEF_IP6, BELIEF_DOMAIN }; /* which of the list's test points */

/** What came back for the listed test point. */
enum point_answer {
	POINT_NONE, /* the list has none, or no answer came */
	POINT_SHOWN,
	POINT_ABSENT,    /* NXDOMAIN or no data */
	POINT_ELSEWHERE, /* an address outside 127.0.0.0/8 */
	POINT_REFUSED,   /* REFUSED */
	POINT_FAILED,    /* SERVFAIL and the like */
};

enum { BELIEF_LISTED_NUMBER, BELIEF_CLEAR_NUMBER, BELIEF_RANDOM_NUMBER }; /* numbers of the points; random ones go on */

enum { BELIEF_RANDOM_MAX = 8, BELIEF_POINTS_MAX = 2 + BELIEF_RANDOM_MAX };

struct belief {
	const struct list *list;
	enum belief_family family;
	enum belief_state state;
	enum why why;
	uint64_t seed;
	int asked, fed; /* points given out, answers taken */
	enum point_answer listed;
	bool listed_bare;    /* it is absent, without the SOA that tells of a true "no data" (RFC 2308 2.2) */
	bool listed_no_name; /* it is absent as NXDOMAIN */
	bool listed_no_soa;  /* which has no SOA */
	bool no_passes;      /* a point that is not listed came back as absent */
	bool no_data_passes; /* one of them as "no data": some lists say "not listed" so */
	bool by_code;        /* refused by an address of 127.0.0.0/8 */
	/* private: */
	int next;                /* number of the next point to give out */
	uint32_t out, in;        /* bits: points given out, answers taken */
	uint32_t random_answer;  /* what the random points answered so far */
	int random_listed;       /* random points that came back listed with that answer */
	bool random_done;        /* one was clear or answered differently, or a point is not good */
	enum belief_state worst; /* of the points that were not good; BELIEF_GOOD: none */
	enum why worst_why;
};

/** A question: either an address or a label to put before the zone. */
struct belief_point {
	int number;       /* give it back with the answer */
	struct addr addr; /* family 0: it is a label */
	char label[64];
};

/**
 * A test point that the record calls `none` is not asked; where a family has no points at all only random ones are.
 * @param seed random; the addresses lie in unrelated, public /8s (for IPv6: in unrelated /12s of the registries), the labels
 *             are 16 letters.
 */
void belief_init(struct belief *b, const struct list *l, enum belief_family family, uint64_t seed);
/** The points that may be asked now (at first: listed, clear, first random; later more random ones one by one). */
bool belief_next(struct belief *b, struct belief_point *ret_point);
/** Feed the answer to point `number`; state leaves BELIEF_ASKING when it is judged. Answers may come in any order; those to
 *  points that were not given out, and second ones, change nothing. */
void belief_feed(struct belief *b, int number, const struct bulk_answer *answer);

const char *belief_text(enum belief_state state); /* "good" ..., for --debug */
/** How long a judgement may be kept: good 1 h, refused 1 h, broken 10 min, unreachable 0 (in ms). */
int64_t belief_lifetime_ms(enum belief_state state);

/**
 * What stands for a target: the target's finding, unless the list is not believed; where test point and target differ,
 * the first of refused, unreachable, broken counts (rule 1).
 */
void belief_apply(enum belief_state state, enum why why, struct finding *finding);

#endif
