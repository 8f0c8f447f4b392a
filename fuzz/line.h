/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_FUZZ_LINE_H
#define OFFLIST_FUZZ_LINE_H

#include <stdlib.h>

#include "logparse/format.h"

/* What holds of every event: all its spans lie in the line, numbers are in their ranges. */

static inline void span_inside(struct span s, struct span line)
{
	if (s.len && (s.at < line.at || s.at + s.len > line.at + line.len))
		abort();
}

static inline void event_inside(const struct mail_event *e, struct span line)
{
	const struct span spans[] = {e->id,        e->related,   e->client_name, e->helo,   e->login,      e->method,
				     e->user,      e->directory, e->script,      e->sender, e->message_id, e->subject,
				     e->recipient, e->original,  e->relay_name,  e->status, e->reply};
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		span_inside(spans[i], line);
	if (e->code && (e->code < 200 || e->code > 599))
		abort();
	if (e->client.family && e->client.family != 4 && e->client.family != 6)
		abort();
}

/** Every line of an input, as what `program` said ("": a file with no heads, behind Exim's stamp). */
static inline void lines_parsed(const struct format_row *format, const char *program, const uint8_t *data, size_t size)
{
	struct span rest = span_of(data, size);
	while (rest.len) {
		size_t end = span_find(rest, '\n');
		struct log_line l = {.raw = {rest.at, end}, .program = span_str(program), .text = {rest.at, end}};
		struct mail_event e;
		uint32_t kind = 0;
		if (format->program(l.program, &kind) == CLAIM_ASK)
			format->claims(&l);
		if (format->parse(&l, kind, WANT_CONNECTIONS, &e) == LINE_EVENT)
			event_inside(&e, l.raw);
		rest = span_from(rest, end + 1);
	}
}

#endif
