/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUTH_SPF_H
#define OFFLIST_AUTH_SPF_H

#include "base/arena.h"
#include "net/addr.h"

/* check_host() of RFC 7208 section 4, with the way it went. Pure: DNS answers are asked for and brought. */

enum spf_result { SPF_NONE, SPF_NEUTRAL, SPF_PASS, SPF_FAIL, SPF_SOFTFAIL, SPF_TEMPERROR, SPF_PERMERROR };

enum {
	SPF_LOOKUPS_MAX = 10,     /* terms that cause DNS queries (4.6.4) */
	SPF_VOID_LOOKUPS_MAX = 2, /* of them with nothing in the answer (4.6.4) */
	SPF_NAMES_MAX = 10,       /* of one mx, of one ptr (4.6.4) */
	SPF_QUESTIONS_MAX = 256,  /* DNS queries of one evaluation: what the limits above allow, twice over */
	SPF_TERMS_MAX = 256,      /* of one record */
	SPF_TRACE_MAX = 1024,
};

struct spf_query {
	struct addr ip;       /* of the SMTP client */
	struct span domain;   /* of MAIL FROM, or of HELO where that is empty */
	struct span sender;   /* "a@example.com"; without a local part it is "postmaster" (4.3) */
	struct span helo;     /* for %{h} */
	struct span receiver; /* for %{r}, of explanations; empty: "unknown" (7.3) */
	int64_t time_s;       /* for %{t}, of explanations */
};

enum spf_type { SPF_TYPE_TXT, SPF_TYPE_A, SPF_TYPE_AAAA, SPF_TYPE_MX, SPF_TYPE_PTR };

struct spf_question {
	const char *name; /* lower case, no dot at the end */
	enum spf_type type;
};

/** NXDOMAIN and an answer without records are answers; all else that is none is SPF_ANSWER_FAILED. */
enum spf_answer_kind { SPF_ANSWER_RECORDS, SPF_ANSWER_NO_NAME, SPF_ANSWER_FAILED };

struct spf_answer {
	enum spf_answer_kind kind;
	size_t count;
	const struct span *texts; /* TXT: its strings joined (3.3); MX and PTR: the name; copied */
	const struct addr *addrs; /* A and AAAA */
};

/** One term as it was evaluated, in order; what an include evaluated stands behind it, one deeper. */
struct spf_term {
	unsigned int depth;
	const char *domain; /* whose record */
	const char *text;   /* as it stands there; "" : the domain has no record to evaluate */
	enum spf_effect { SPF_NO_MATCH, SPF_MATCH, SPF_BROKE, SPF_MODIFIER } effect;
	unsigned int lookups, voids; /* so far, this term included */
	const char *note;            /* what it looked at, or what is wrong; NULL: nothing to say */
};

struct spf_report {
	enum spf_result result;
	const char *explanation; /* of a fail, from the domain's exp=; NULL: none */
	const char *problem;     /* of a temperror or permerror; else NULL */
	const char *record;      /* of the domain asked for; NULL: none */
	bool no_name;            /* there is no such domain */
	unsigned int lookups, voids;
	const struct spf_term *terms;
	size_t term_count;
};

struct spf;

/** @param arena  owns the evaluation and all that it tells; the query's spans are copied. @return 0; -ENOMEM. */
int spf_begin(const struct spf_query *query, struct arena *arena, struct spf **ret_spf);
/** @return 1: done; 0: ret_question is to be answered first; -ENOMEM. */
int spf_step(struct spf *s, struct spf_question *ret_question);
/** The answer to the last question. @return 0; -ENOMEM. */
int spf_answer(struct spf *s, const struct spf_answer *answer);
/** After spf_step() returned 1. */
const struct spf_report *spf_report(const struct spf *s);

/** "pass", "permerror"... (RFC 8601 2.7.2) */
const char *spf_result_text(enum spf_result result);
/** Is this TXT record one of SPF? (4.5) */
bool spf_is_record(struct span text);

#endif
