/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a message, its key record in the first line: every signature has a result, the same whether the body comes whole
 * or octet by octet; one that holds has a signature that could be read. */
#include <stdlib.h>

#include "auth/dkim.h"

enum { ARENA_MAX = 64 << 20, STEPS_MAX = DKIM_SIGNATURES_MAX };

static const int64_t now_s = 1700000000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

static struct dkim *verified(struct span record, struct span message, size_t piece, struct arena *arena)
{
	const struct dkim_answer answer = {.kind = DKIM_ANSWER_RECORDS, .count = 1, .texts = &record};
	struct span head, body;
	struct dkim *d;
	const char *name;
	int done, steps = 0;
	dkim_split(message, &head, &body);
	if (dkim_begin(head, now_s, arena, &d) < 0)
		return NULL;
	for (; body.len; body = span_from(body, piece))
		dkim_body(d, span_of(body.at, body.len < piece ? body.len : piece));
	dkim_body_end(d);
	while ((done = dkim_step(d, &name)) == 0) {
		must(steps++ < STEPS_MAX && name[0]);
		must(dkim_answer(d, &answer) == 0);
	}
	must(done == 1);
	return d;
}

static void judge(const struct dkim_report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct dkim_verdict *v = &r->verdicts[i];
		must(v->result != DKIM_NONE && (v->why == NULL) == (v->result == DKIM_PASS));
		must(!v->intact || (v->signature->problem == NULL && v->bits));
		must(v->result != DKIM_PASS || v->intact);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_make(ARENA_MAX);
	struct span all = span_of(data, size), record = span_of(data, span_find(all, '\n'));
	struct span message = span_from(all, record.len + 1);
	struct dkim *whole = verified(record, message, message.len + 1, &arena);
	struct dkim *pieces = verified(record, message, 1, &arena);
	must((whole == NULL) == (pieces == NULL));
	if (whole) {
		const struct dkim_report *a = dkim_report(whole), *b = dkim_report(pieces);
		judge(a);
		must(a->count == b->count);
		for (size_t i = 0; i < a->count; i++)
			must(a->verdicts[i].result == b->verdicts[i].result &&
			     a->verdicts[i].body_octets == b->verdicts[i].body_octets);
	}
	dkim_free(whole);
	dkim_free(pieces);
	arena_release(&arena);
	return 0;
}
