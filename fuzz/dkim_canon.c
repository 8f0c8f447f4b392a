/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a body, whole and in pieces, and as a field: the same canonical form, which has only CRLF for line ends, and whose
 * canonical form is itself. The first octet chooses form, pieces and limit. */
#include <stdlib.h>

#include "auth/dkim_canon.h"

enum { OCTETS_MAX = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

static void sink(void *context, struct span octets)
{
	buf_add(context, octets);
}

static uint64_t canonical(struct span body, bool relaxed, uint64_t limit, size_t piece, struct buf *out)
{
	struct dkim_canon c;
	dkim_canon_begin(&c, relaxed, limit, sink, out);
	for (; body.len; body = span_from(body, piece))
		dkim_canon_feed(&c, span_of(body.at, body.len < piece ? body.len : piece));
	dkim_canon_end(&c);
	return c.octets;
}

static void bodies(struct span body, bool relaxed, uint64_t limit, size_t piece)
{
	struct buf whole = buf_make(OCTETS_MAX), pieces = buf_make(OCTETS_MAX), twice = buf_make(OCTETS_MAX);
	uint64_t octets = canonical(body, relaxed, UINT64_MAX, body.len + 1, &whole);
	must(octets == whole.len);
	must(canonical(body, relaxed, limit, piece, &pieces) == octets);
	must(span_equal(buf_span(&pieces), span_of(whole.at, limit < whole.len ? (size_t)limit : whole.len)));
	for (size_t i = 0; i < whole.len; i++)
		must(whole.at[i] != '\n' || (i && whole.at[i - 1] == '\r'));
	canonical(buf_span(&whole), relaxed, UINT64_MAX, piece, &twice);
	must(span_equal(buf_span(&whole), buf_span(&twice)));
	buf_release(&whole);
	buf_release(&pieces);
	buf_release(&twice);
}

static void fields(struct span field, bool relaxed)
{
	struct buf once = buf_make(OCTETS_MAX), twice = buf_make(OCTETS_MAX);
	dkim_canon_field(field, relaxed, &once);
	must(once.len >= 2 && once.at[once.len - 1] == '\n');
	if (span_find(field, ':') < field.len) {
		dkim_canon_field(span_of(once.at, once.len - 2), relaxed, &twice);
		must(span_equal(buf_span(&once), buf_span(&twice)));
	}
	buf_release(&once);
	buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool relaxed = size && data[0] & 1;
	uint64_t limit = size && data[0] & 2 ? data[0] >> 4 : UINT64_MAX;
	size_t piece = size ? 1 + (data[0] >> 2 & 3) : 1;
	bodies(span_from(span_of(data, size), 1), relaxed, limit, piece);
	fields(span_from(span_of(data, size), 1), relaxed);
	return 0;
}
