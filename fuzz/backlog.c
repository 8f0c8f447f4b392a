/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages whose parts are any octets, added up: nothing is counted twice or lost, and it comes to an end. */
#include <stdlib.h>

#include "audit/backlog.h"
#include "audit/backlog_reply.h"
#include "audit/backlog_top.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A line a message: its first octet tells what the rest is. */
static void fill(struct spool_message *m, struct span line)
{
	struct span rest = span_from(line, 1);
	spool_message_clear(m);
	m->reason = rest;
	m->sender = line.at[0] & 1 ? rest : (struct span){0};
	m->login = line.at[0] & 2 ? rest : (struct span){0};
	m->client = line.at[0] & 4 ? rest : (struct span){0};
	m->uid = line.at[0] & 8 ? (int64_t)line.len : -1;
	if (line.at[0] & 16)
		spool_message_head(m, span_str("Subject: "));
	spool_message_head(m, rest);
	spool_message_head(m, span_str("\n"));
	spool_message_recipient(m, rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct spool_message m;
	struct backlog b;
	struct backlog_tops tops;
	struct span rest = span_of(data, size);
	size_t count = 0, owned = 0;
	if (backlog_init(&b) < 0 || backlog_domain(&b, "Example.com") < 0)
		abort();
	while (rest.len) {
		size_t end = span_find(rest, '\n');
		struct span line = span_of(rest.at, end);
		rest = span_from(rest, end + 1);
		if (line.len == 0)
			continue;
		fill(&m, line);
		if (backlog_add(&b, &m, "file") < 0)
			abort();
		count++;
		struct backlog_reply r = backlog_reply_of(m.reason);
		if (r.text.len > m.reason.len || r.code > 599)
			abort();
	}
	for (size_t i = 0; i < b.owner_count; i++)
		owned += b.owners[i].count;
	if (b.count != count || owned != count)
		abort();
	for (int field = BACKLOG_SENDERS; field <= BACKLOG_OWNERS; field++)
		if (backlog_top(&b, 0, (enum backlog_field)field, &tops) < 0 || tops.count > BACKLOG_TOP)
			abort();
	if (!backlog_serves(&b, span_str("EXAMPLE.COM")))
		abort();
	backlog_release(&b);
	return 0;
}
