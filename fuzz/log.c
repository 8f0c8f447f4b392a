/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of any format, through heads, parsers and the join. */
#include <stdlib.h>

#include "logparse/format.h"
#include "logjoin/join.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_messages(void *arg, const struct mail_message *m, size_t count)
{
	size_t *octets = arg;
	for (size_t k = 0; k < count; k++)
		for (size_t i = 0; i < m[k].delivery_count; i++)
			*octets += m[k].deliveries[i].recipient.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t octets = 0;
	struct mail_sink sink = {.arg = &octets, .messages = on_messages};
	struct join *j = join_new(&sink, 64);
	struct stamps stamps = stamps_of(NULL, INT64_C(1795514400000));
	struct span rest = span_of(data, size);
	struct formats formats = {0};
	if (!j)
		return 0;
	while (rest.len) {
		size_t end = span_find(rest, '\n');
		struct log_line l;
		struct mail_event e;
		line_read(span_of(rest.at, end), &stamps, &l);
		if (l.at_ms == STAMP_NONE)
			l.at_ms = 0;
		if (format_parse(&formats, &l, WANT_CONNECTIONS, &e) == LINE_EVENT)
			join_event(j, &e, &l);
		rest = span_from(rest, end + 1);
	}
	join_end(j);
	join_free(j);
	return 0;
}
