/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a log in which a message is looked for: every line that is kept stands in one group, in order; the text
 * moves no cursor. The first line is what is looked for. */
#include <stdlib.h>

#include "cli/log_found.h"
#include "logparse/format.h"
#include "logjoin/join.h"

enum { OUT_MAX = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool holds(void *arg, const struct log_line *l, const struct mail_event *e)
{
	const struct span *wanted = arg;
	return wanted->len && l->raw.len && memmem(l->raw.at, l->raw.len, wanted->at, wanted->len);
}

static bool next_line(struct span *rest, struct stamps *stamps, uint64_t number, struct log_line *ret_line)
{
	size_t n = span_find(*rest, '\n');
	if (rest->len == 0)
		return false;
	*ret_line = (struct log_line){0};
	line_read(span_of(rest->at, n), stamps, ret_line);
	ret_line->number = number;
	*rest = span_from(*rest, n + 1);
	return true;
}

static void gather(struct tracking *t, struct span log)
{
	do {
		struct stamps stamps = stamps_of(NULL, 0);
		struct span rest = log;
		struct log_line l;
		while (next_line(&rest, &stamps, 1, &l))
			tracking_gather(t, &l);
	} while (tracking_more(t));
}

static void keep(struct tracking *t, struct join *j, struct span log)
{
	struct stamps stamps = stamps_of(NULL, 0);
	struct formats formats = {0};
	struct log_line l;
	for (uint64_t number = 1; next_line(&log, &stamps, number, &l); number++) {
		struct mail_event e;
		enum line_result r = format_parse(&formats, &l, 0, &e);
		if (r != LINE_FOREIGN && tracking_keep(t, &l, r == LINE_EVENT ? &e : NULL) && r == LINE_EVENT &&
		    e.at_ms != STAMP_NONE)
			join_event(j, &e, &l);
	}
}

static void in_order(const struct tracking *t)
{
	size_t lives, lines;
	const struct tracking_life *life = tracking_lives(t, &lives);
	const struct tracking_line *line = tracking_lines(t, &lines);
	for (size_t i = 0; i < lines; i++) {
		uint32_t group = line[i].life < lives ? life[line[i].life].group : UINT32_MAX;
		if (group >= lives || life[group].group != group || life[group].first_line > i)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cut = span_find(span_of(data, size), '\n');
	struct span wanted = span_of(data, cut), log = span_from(span_of(data, size), cut + 1);
	struct tracking *t = tracking_new(holds, &wanted);
	const struct mail_sink sink = {.arg = t, .messages = log_found_messages};
	struct join *j = join_new(&sink, 0);
	const struct log_found_text v = {.of = {.trace = t}, .width = 80};
	struct buf text = buf_make(OUT_MAX), json = buf_make(OUT_MAX);
	if (!t || !j)
		abort();
	gather(t, log);
	keep(t, j, log);
	join_end(j);
	tracking_settle(t);
	in_order(t);
	if (log_found_text(&v, &text) != view_tracking(&v.of, &json))
		abort();
	for (size_t i = 0; i < text.len; i++)
		if ((uint8_t)text.at[i] < 0x20 && text.at[i] != '\n')
			abort();
	join_free(j);
	tracking_free(t);
	buf_release(&text);
	buf_release(&json);
	return 0;
}
