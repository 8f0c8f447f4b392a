/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a key record: a good one has a key that can be used, all others say why not; and as a private key. */
#include <stdlib.h>

#include "auth/dkim_record.h"

enum { ARENA_MAX = 16 << 20, TEXT_MAX = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

/* What we would publish for a key is a record with the same key. */
static void again(const struct dkim_record *r, struct arena *arena)
{
	struct buf text = buf_make(TEXT_MAX);
	struct dkim_record other;
	buf_printf(&text, "v=DKIM1; k=%s; p=", dkim_record_kind_text(r->kind));
	must(dkim_key_add(r->key, &text) == 0);
	must(dkim_record_read(buf_span(&text), arena, &other) == 0);
	must(other.key && dkim_key_equal(r->key, other.key) && other.bits == r->bits);
	dkim_record_release(&other);
	buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = arena_make(ARENA_MAX);
	struct dkim_record r;
	struct dkim_key *key;
	enum dkim_key_kind kind;
	const char *why = NULL;
	must(dkim_record_read(span_of(data, size), &arena, &r) == 0);
	must((r.state == DKIM_RECORD_GOOD) == (r.problem == NULL));
	if (r.state == DKIM_RECORD_GOOD || r.state == DKIM_RECORD_SHORT) {
		must(r.key && r.bits && r.kind != DKIM_KEY_OTHER && r.email && (r.sha1 || r.sha256));
		again(&r, &arena);
	}
	dkim_record_release(&r);
	if (dkim_key_read_private(span_of(data, size), &kind, &key, &why) == 0)
		dkim_key_free(key);
	else
		must(why != NULL);
	arena_release(&arena);
	return 0;
}
