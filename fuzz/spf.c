/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as SPF records and DNS answers: an evaluation ends within its limits. The first octet chooses the address, each
 * question takes the next line: records of TXT, names of MX and PTR, octets of addresses. */
#include <stdlib.h>

#include "auth/spf.h"
#include "auth/spf_mend.h"

enum { ARENA_MAX = 512 << 20, VALUES_MAX = 24, STEPS_MAX = 2 * SPF_QUESTIONS_MAX };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct span take(struct span *rest, uint8_t end)
{
	struct span one = span_of(rest->at, span_find(*rest, end));
	*rest = span_from(*rest, one.len + 1);
	return one;
}

static void answer(struct spf *s, const struct spf_question *q, struct span *rest)
{
	struct span line = take(rest, '\n'), texts[VALUES_MAX];
	struct addr addrs[VALUES_MAX] = {0};
	struct spf_answer a = {.kind = line.len && line.at[0] == '!'   ? SPF_ANSWER_FAILED
				       : line.len && line.at[0] == '?' ? SPF_ANSWER_NO_NAME
								       : SPF_ANSWER_RECORDS};
	while (a.kind == SPF_ANSWER_RECORDS && line.len && a.count < VALUES_MAX) {
		struct span one = take(&line, '|');
		if (q->type == SPF_TYPE_A || q->type == SPF_TYPE_AAAA)
			a.count += addr_parse(one, &addrs[a.count]) == 0;
		else
			texts[a.count++] = one;
	}
	if (q->type == SPF_TYPE_A || q->type == SPF_TYPE_AAAA)
		a.addrs = addrs;
	else
		a.texts = texts;
	if (spf_answer(s, &a) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_of(data, size), sender = take(&rest, '\n');
	struct arena arena = arena_make(ARENA_MAX);
	struct spf_query query = {
		.domain = span_str("example.com"), .sender = sender, .helo = span_str("mx.example.com")};
	struct spf_question q;
	const struct spf_report *r;
	struct buf mended = buf_make(4096);
	struct spf *s;
	int done, steps = 0;
	addr_parse(span_str(size && data[0] & 1 ? "2001:db8::1" : "192.0.2.1"), &query.ip);
	if (spf_begin(&query, &arena, &s) < 0)
		abort();
	while ((done = spf_step(s, &q)) == 0 && steps++ < STEPS_MAX)
		answer(s, &q, &rest);
	r = spf_report(s);
	if (done == 0 ||
	    (done == 1 && (r->lookups > SPF_LOOKUPS_MAX + 1 || r->voids > SPF_VOID_LOOKUPS_MAX + SPF_NAMES_MAX)))
		abort();
	if (done == 1 && (r->problem != NULL) != (r->result == SPF_TEMPERROR || r->result == SPF_PERMERROR))
		abort();
	if (done == 1 && r->record && spf_mend_add(span_str(r->record), &query.ip, &mended) == 0 &&
	    !spf_is_record(buf_span(&mended)))
		abort();
	buf_release(&mended);
	arena_release(&arena);
	return 0;
}
