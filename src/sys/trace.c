/* SPDX-License-Identifier: BSD-2-Clause */
#include "sys/trace.h"

#include <inttypes.h>

/* What may stand without quotes: a reader splits the line at blanks, and a pair at its first '='. */
static bool is_plain(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] <= ' ' || text.at[i] >= 0x7f || strchr("\"\\=", text.at[i]))
			return false;
	return text.len > 0;
}

static void add_quoted(struct buf *line, struct span text)
{
	buf_add_char(line, '"');
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		if (c < ' ' || c >= 0x7f)
			buf_printf(line, "\\x%02x", c);
		else if (c == '"' || c == '\\')
			buf_printf(line, "\\%c", c);
		else
			buf_add_char(line, (char)c);
	}
	buf_add_char(line, '"');
}

static void add_text(struct buf *line, struct span text)
{
	struct span shown = span_of(text.at, text.len > TRACE_VALUE_MAX ? TRACE_VALUE_MAX : text.len);
	if (is_plain(shown))
		buf_add(line, shown);
	else
		add_quoted(line, shown);
	if (shown.len < text.len)
		buf_add_str(line, "...");
}

void trace_write(const struct trace *trace, const char *room, const char *event, const struct trace_pair *pairs)
{
	struct buf line = buf_make(TRACE_LINE_MAX);
	buf_printf(&line, "room=%s event=%s", room, event);
	for (; pairs->key; pairs++) {
		buf_printf(&line, " %s=", pairs->key);
		if (pairs->is_number)
			buf_printf(&line, "%" PRId64, pairs->number);
		else
			add_text(&line, pairs->text);
	}
	trace->write(trace->arg, buf_span(&line));
	buf_release(&line);
}
