/* SPDX-License-Identifier: BSD-2-Clause */
/* What the keys of one record must be to each other. */
#include "lists/build.h"

#define FAULT(b, schema, of, key, ...)                                                                                 \
	schema_fault((b)->faults, (b)->file, schema_at(schema, of, key), key, __VA_ARGS__)

static void check_whole(const struct build *b)
{
	static const char *const needed[] = {"name", "class", "query", "status", "sources"};
	static const unsigned int rows[] = {RECORD_ROW_NAME, RECORD_ROW_CLASS, RECORD_ROW_QUERY, RECORD_ROW_STATUS,
					    RECORD_ROW_SOURCES};
	const struct record *r = b->record;
	bool fresh = !b->base && r->v.zone; /* without a good zone nobody knows */
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (fresh && !present(&r->seen, rows[i]))
			schema_fault(b->faults, b->file, r->seen.start, needed[i],
				     "missing; a list that the catalogue does not have needs it");
	if (fresh && !b->operator)
		schema_fault(b->faults, b->file, r->seen.start, "operator",
			     "missing in the file; a list that the catalogue does not have needs one");
	if (given(&r->seen, RECORD_ROW_SOURCES) && r->source_count == 0)
		FAULT(b, &record_schema, r, "sources", "is empty, expected at least one");
}

static void check_key(const struct build *b)
{
	const struct record *r = b->record;
	bool keyed;
	if (!r->v.zone)
		return;
	keyed = record_plain_zone(r->v.zone) != r->v.zone;
	if (b->base && strcmp(b->base->zone, r->v.zone) != 0)
		FAULT(b, &record_schema, r, "zone", "is \"%s\" in the catalogue, expected that form", b->base->zone);
	if (keyed && !b->base && !present(&r->seen, RECORD_ROW_KEY))
		FAULT(b, &record_schema, r, "zone", "has {key}, expected a key name under `key` as well");
	if (!keyed && present(&r->seen, RECORD_ROW_KEY))
		FAULT(b, &record_schema, r, "key", "without {key} in the zone");
}

static void check_closed(const struct build *b)
{
	const struct record *r = b->record;
	enum list_state state = given(&r->seen, RECORD_ROW_STATUS) ? r->v.state
				: b->base                          ? b->base->state
								   : LIST_CLOSED;
	if (present(&r->seen, RECORD_ROW_CLOSED) && state != LIST_CLOSED && state != LIST_FRAUDULENT)
		FAULT(b, &record_schema, r, "closed", "only for the status closed or fraudulent");
}

static void check_answer(const struct build *b, const struct record_answer *a)
{
	int forms = 0;
	for (unsigned int row = ANSWER_ROW_CODE; row <= ANSWER_ROW_OCTETS; row++)
		forms += present(&a->seen, row);
	if (forms != 1)
		schema_fault(b->faults, b->file, a->seen.start, "answers",
			     "%d of code, range, bits and octets in one answer, expected one of them", forms);
}

static bool same_match(const struct list_answer *a, const struct list_answer *b)
{
	return a->match == b->match && a->first == b->first && a->last == b->last;
}

static void check_answers(const struct build *b)
{
	const struct record *r = b->record;
	for (size_t i = 0; i < r->answer_count; i++) {
		const struct record_answer *a = &r->answers[i];
		check_answer(b, a);
		/* the first lines of a record are enough to show a slip of the pen, and bound the work */
		for (size_t j = 0; j < i && j < 256 && a->v.first; j++)
			if (same_match(&a->v, &r->answers[j].v)) {
				schema_fault(b->faults, b->file, a->seen.start, "answers",
					     "the same code as the answer on line %d", r->answers[j].seen.start.line);
				break;
			}
	}
	for (size_t i = 0; i < r->refusal_count; i++) {
		const struct record_refusal *refusal = &r->refusals[i];
		if (present(&refusal->seen, REFUSAL_ROW_CODE) == present(&refusal->seen, REFUSAL_ROW_RANGE))
			schema_fault(b->faults, b->file, refusal->seen.start, "refusals",
				     "code or range, expected one of them in each refusal");
	}
}

void record_check(const struct build *b)
{
	check_whole(b);
	check_key(b);
	check_closed(b);
	check_answers(b);
}
