/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LISTS_RECORD_H
#define OFFLIST_LISTS_RECORD_H

#include "lists/lists.h"
#include "config/schema.h"

/* The room's own: records as they stand in a file. `v` holds the values in their final form, `seen` tells which of them
 * were given, so that a record can be put over another one key by key. Row numbers are the bits of seen.given. */

enum removal_row {
	REMOVAL_ROW_METHOD,
	REMOVAL_ROW_WHO,
	REMOVAL_ROW_URL,
	REMOVAL_ROW_ADDRESS,
	REMOVAL_ROW_FIRST,
	REMOVAL_ROW_STEPS,
	REMOVAL_ROW_COOLDOWN,
	REMOVAL_ROW_EXPIRES,
	REMOVAL_ROW_PAID,
	REMOVAL_ROW_COUNTS,
	REMOVAL_ROW_ADVICE,
};

struct record_removal {
	struct schema_seen seen;
	struct removal v;
};

enum terms_row {
	TERMS_ROW_PER_DAY,
	TERMS_ROW_RATE,
	TERMS_ROW_BURST,
	TERMS_ROW_RESOLVERS,
	TERMS_ROW_REGISTRATION,
	TERMS_ROW_COMMERCIAL,
	TERMS_ROW_SWEEPS,
	TERMS_ROW_NOTE,
};

struct record_terms {
	struct schema_seen seen;
	struct list_terms v;
	int registration;
};

enum answer_row {
	ANSWER_ROW_CODE,
	ANSWER_ROW_RANGE,
	ANSWER_ROW_BITS,
	ANSWER_ROW_OCTETS,
	ANSWER_ROW_LIST,
	ANSWER_ROW_MEANING,
	ANSWER_ROW_CLASS,
	ANSWER_ROW_IMPACT,
	ANSWER_ROW_SCOPE,
	ANSWER_ROW_SUGGESTS,
	ANSWER_ROW_REMOVAL,
};

struct record_answer {
	struct schema_seen seen;
	struct list_answer v;
	struct record_removal removal;
};

enum refusal_row { REFUSAL_ROW_CODE, REFUSAL_ROW_RANGE, REFUSAL_ROW_WHY, REFUSAL_ROW_MEANING };

struct record_refusal {
	struct schema_seen seen;
	struct list_refusal v;
};

enum point_row { POINT_ROW_LISTED, POINT_ROW_CLEAR };

struct record_point {
	struct schema_seen seen;
	bool none;
	struct addr listed, clear;
};

struct record_domain_point {
	struct schema_seen seen;
	bool none;
	const char *listed, *clear; /* "none": no such point */
};

enum test_row { TEST_ROW_IP4, TEST_ROW_IP6, TEST_ROW_DOMAIN, TEST_ROW_ANSWER, TEST_ROW_NOTE };

struct record_test {
	struct schema_seen seen;
	struct record_point ip4, ip6;
	struct record_domain_point domain;
	uint32_t answer;
	const char *note;
};

enum closed_row { CLOSED_ROW_HOW, CLOSED_ROW_NOTE, CLOSED_ROW_INSTEAD };

struct record_closed {
	struct schema_seen seen;
	int how;
	const char *note, *instead;
};

struct record_source {
	struct schema_seen seen;
	struct list_source v;
};

enum record_row {
	RECORD_ROW_ZONE,
	RECORD_ROW_KEY,
	RECORD_ROW_NAME,
	RECORD_ROW_CLASS,
	RECORD_ROW_QUERY,
	RECORD_ROW_STATUS,
	RECORD_ROW_QUALIFIED,
	RECORD_ROW_SINCE,
	RECORD_ROW_CLOSED,
	RECORD_ROW_ANSWERS,
	RECORD_ROW_MORE_CODES,
	RECORD_ROW_REFUSALS,
	RECORD_ROW_TEST,
	RECORD_ROW_SCOPE,
	RECORD_ROW_SCOPE6,
	RECORD_ROW_PART_OF,
	RECORD_ROW_IMPACT,
	RECORD_ROW_SUGGESTS,
	RECORD_ROW_TERMS,
	RECORD_ROW_EVIDENCE,
	RECORD_ROW_LOOKUP,
	RECORD_ROW_PAGES,
	RECORD_ROW_REMOVAL,
	RECORD_ROW_NOTES,
	RECORD_ROW_SOURCES,
};

struct record {
	struct schema_seen seen;
	struct list v; /* only what has a row; the rest is built */
	const struct schema_place *part_of_at;
	struct record_closed closed;
	const struct record_answer *answers;
	size_t answer_count;
	const struct record_refusal *refusals;
	size_t refusal_count;
	struct record_test test;
	struct record_terms terms;
	struct record_removal removal;
	const struct record_source *sources;
	size_t source_count;
};

struct record_operator {
	struct schema_seen seen;
	const char *name, *url;
	struct texts notes;
	struct record_terms terms;
};

enum file_row { FILE_ROW_OPERATOR, FILE_ROW_LISTS };

struct record_file {
	struct schema_seen seen;
	struct record_operator operator;
	const struct record *lists;
	size_t list_count;
};

extern const struct schema record_file_schema, record_schema, record_answer_schema, record_refusal_schema;

static inline bool given(const struct schema_seen *seen, unsigned int row)
{
	return seen->given >> row & 1;
}
/** It stands there, good or not. */
static inline bool present(const struct schema_seen *seen, unsigned int row)
{
	return seen->at && seen->at[row].line;
}

/** A code inside 127.0.0.0/8, in host byte order. */
bool record_code(struct span text, uint32_t *ret_code);
bool record_zone_valid(struct span text);
bool record_url_valid(struct span text);
bool record_mailbox_valid(struct span text);
/** The zone without a leading `{key}.`. */
const char *record_plain_zone(const char *zone);

#endif
