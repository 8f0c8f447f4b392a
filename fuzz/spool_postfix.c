/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a queue file of Postfix: it comes to an end, and says the same whatever pieces it is read in. */
#include <stdlib.h>

#include "base/hash.h"
#include "mta/spool_postfix.h"

enum { RECORDS_MAX = 10000000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What it comes to, as one number. */
static uint64_t read_all(const uint8_t *data, size_t size, size_t step, struct spool_message *m)
{
	struct spool_postfix p = spool_postfix_begin();
	struct spool_record r;
	struct span piece = {0};
	uint64_t sum = 0, piece_at = 0;
	enum spool_progress got = SPOOL_WANTS;
	size_t count = 0;
	bool to_end = false;
	spool_message_clear(m);
	while (got == SPOOL_RECORD || got == SPOOL_WANTS) {
		if (got == SPOOL_WANTS) {
			size_t len = p.wanted > step ? p.wanted : step;
			uint64_t at = p.at < size ? p.at : size;
			if (to_end && p.at >= piece_at)
				abort(); /* there is no more */
			piece_at = p.at;
			if (len > size - at)
				len = size - at;
			piece = span_of(data + at, len);
			to_end = at + len == size;
		}
		got = spool_postfix_next(&p, piece, piece_at, to_end, &r);
		if (got == SPOOL_RECORD) {
			sum = hash_mix(hash_octets(r.text, sum), r.offset * 256 + r.type);
			spool_postfix_take(m, &r);
		}
		if (++count > RECORDS_MAX)
			abort();
	}
	spool_postfix_settle(m);
	return hash_mix(sum, got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct spool_message a, b;
	uint64_t sum = read_all(data, size, size, &a);
	if (read_all(data, size, 1, &b) != sum || a.recipient_count != b.recipient_count ||
	    !span_equal(a.sender, b.sender) || !span_equal(a.login, b.login))
		abort();
	spool_postfix_defer(&a, span_of(data, size));
	return 0;
}
