/* SPDX-License-Identifier: BSD-2-Clause */
#include "logread/source_columns.h"

enum {
	COLUMNS_MAX = 24,  /* that are looked at: the line comes behind time, host, service, level... */
	BEFORE_MAX = 2048, /* octets of them */
	LINE_MIN = 20,     /* "Nov 24 12:00:00 a b:" */
};

/* The column at `at`, without its quotes. @return where it ends. */
static size_t column_at(struct span raw, size_t at, uint8_t separator, struct span *ret_column)
{
	size_t end;
	if (raw.at[at] != '"') {
		end = at + span_find(span_from(raw, at), separator);
		*ret_column = span_of(raw.at + at, end - at);
		return end;
	}
	for (end = at + 1; end < raw.len; end++) {
		if (raw.at[end] == '"' && end + 1 < raw.len && raw.at[end + 1] == '"')
			end++;
		else if (raw.at[end] == '"')
			break;
	}
	*ret_column = span_of(raw.at + at + 1, end - at - 1);
	return end < raw.len ? end + 1 : end;
}

/* Which of them parts the columns: the first that stands behind a column. */
static uint8_t separator_of(struct span raw)
{
	struct span first;
	size_t end = raw.at[0] == '"' ? column_at(raw, 0, ',', &first) : 0;
	for (; end < raw.len && end < BEFORE_MAX; end++)
		if (raw.at[end] == ',' || raw.at[end] == ';' || raw.at[end] == '\t')
			return raw.at[end];
	return 0;
}

/* A column that is nothing but a time is not the line. */
static bool is_line(struct span column, const struct stamps *stamps)
{
	struct stamps fresh = stamps_of(stamps->zone, stamps->written_ms);
	size_t len;
	return column.len >= LINE_MIN && stamp_read(&fresh, column, &len) != STAMP_NONE && len + 1 < column.len &&
	       column.at[len] == ' ';
}

/* Columns before it hold times, names and levels, no sentence: what a stranger writes into a line makes no other of it. */
static bool is_plain(struct span column)
{
	enum { BLANKS_MAX = 2 };
	int blanks = 0;
	for (size_t i = 0; i < column.len; i++)
		blanks += column.at[i] == ' ';
	return blanks <= BLANKS_MAX;
}

/* "" is a quote (RFC 4180 section 2) */
static struct span undoubled(struct span column, struct buf *own)
{
	size_t from = 0;
	buf_clear(own);
	for (size_t i = 0; i + 1 < column.len; i++) {
		if (column.at[i] != '"' || column.at[i + 1] != '"')
			continue;
		buf_add(own, span_of(column.at + from, i + 1 - from));
		from = ++i + 1;
	}
	if (from == 0)
		return column;
	buf_add(own, span_from(column, from));
	return buf_span(own);
}

bool columns_line(struct span raw, const struct stamps *stamps, struct buf *own, struct span *ret_line)
{
	uint8_t separator = raw.len < LINE_MIN || is_line(raw, stamps) ? 0 : separator_of(raw);
	struct span column;
	size_t at = 0;
	for (int i = 0; separator && i < COLUMNS_MAX && at < raw.len && at < BEFORE_MAX; i++) {
		bool quoted = raw.at[at] == '"';
		size_t end = column_at(raw, at, separator, &column);
		if ((i || quoted) && is_line(column, stamps)) {
			*ret_line = quoted ? undoubled(column, own) : column;
			return true;
		}
		if (end >= raw.len || raw.at[end] != separator || !(quoted || is_plain(column)))
			return false;
		at = end + 1;
	}
	return false;
}
