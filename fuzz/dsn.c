/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a message or an mbox: taken apart within its limits, each recipient's spans readable. */
#include <stdlib.h>

#include "mail/complaint.h"
#include "mail/dsn.h"

enum { ARENA_MAX = 512 << 20, MESSAGES_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned int sum(struct span s)
{
	unsigned int total = 0;
	for (size_t i = 0; i < s.len; i++)
		total += s.at[i];
	return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_of(data, size), message;
	volatile unsigned int total = dsn_is_message(rest);
	for (int i = 0; i < MESSAGES_MAX && dsn_mbox_next(&rest, &message); i++) {
		struct arena arena = arena_make(ARENA_MAX);
		struct dsn dsn;
		if (dsn_read(message, &arena, &dsn) == 0) {
			if (dsn.is_bounce && dsn.recipient_count == 0)
				abort();
			for (size_t r = 0; r < dsn.recipient_count; r++)
				total += sum(dsn.recipients[r].recipient) + sum(dsn.recipients[r].diagnostic) +
					 sum(dsn.recipients[r].status) + sum(dsn.recipients[r].action);
			total += sum(dsn.original_message_id) + sum(dsn.reporting_mta);
		}
		arena_release(&arena);
	}
	struct arena arena = arena_make(ARENA_MAX);
	struct dsn words;
	if (dsn_read_words(span_of(data, size), &arena, &words) == 0 && words.is_bounce != (words.recipient_count > 0))
		abort();
	struct complaint c;
	if (complaint_read(span_of(data, size), &arena, &c) > 0)
		total += sum(c.address) + sum(c.at) + sum(c.queue_id) + sum(c.login) + sum(c.message_id) +
			 sum(c.subject) + sum(c.reporter) + sum(c.script) + sum(c.host);
	arena_release(&arena);
	(void)total;
	return 0;
}
