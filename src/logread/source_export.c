/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The journal's export form (systemd, docs/JOURNAL_EXPORT_FORMATS): "NAME=value" lines, an empty line ends a record.
 * A value that is no plain text is given as "NAME", LF, its size in 64 bits little-endian, its octets, LF.
 */
#include <errno.h>

#include "base/ascii.h"
#include "logread/source_unwrap.h"

enum { SIZE_OCTETS = 8 };

/* Every record begins with its cursor or times (double underscore: fields of the journal itself). */
bool export_begins(struct span raw)
{
	static const char *const first[] = {
		"__CURSOR=", "__REALTIME_TIMESTAMP=", "__MONOTONIC_TIMESTAMP=", "__SEQNUM="};
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		size_t len = strlen(first[i]);
		if (raw.len > len && memcmp(raw.at, first[i], len) == 0)
			return true;
	}
	return false;
}

static bool is_name(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_upper(s.at[i]) && !ascii_is_digit(s.at[i]) && s.at[i] != '_')
			return false;
	return s.len > 0;
}

/* The size and octets that follow the line with the name. @return 1; 0: the text ended. */
static int binary_field(struct lines *l, struct buf *out)
{
	struct buf size = buf_make(SIZE_OCTETS);
	uint64_t octets = 0;
	int r = lines_take(l, SIZE_OCTETS, SIZE_OCTETS, &size);
	if (r == 1 && !size.error) {
		for (int i = SIZE_OCTETS; i-- > 0;)
			octets = octets << 8 | (uint8_t)size.at[i];
		r = lines_take(l, octets, out ? out->max : 0, out);
	}
	buf_release(&size);
	return r == 1 ? lines_take(l, 1, 0, NULL) : r;
}

static void text_field(struct record *r, struct span name, struct span value)
{
	struct buf *out = record_fill(r, record_field_of(name));
	if (!out)
		return;
	if (value.len > out->max)
		value.len = out->max;
	buf_add(out, value);
}

static int finish(struct unwrap *u, struct stamps *stamps, struct log_line *ret_line)
{
	int r = record_line(&u->record, stamps, ret_line);
	u->exporting = false;
	return r;
}

int export_line(struct unwrap *u, struct lines *l, struct span raw, struct stamps *stamps, struct log_line *ret_line)
{
	struct span name = {raw.at, span_find(raw, '=')};
	/* a record that lost its end: its own begin tells */
	bool again = u->exporting && u->record.has[RECORD_TEXT] && raw.len > 9 && memcmp(raw.at, "__CURSOR=", 9) == 0;
	int r = 0;
	if (u->exporting && (raw.len == 0 || !is_name(name)))
		return finish(u, stamps, ret_line);
	if (again)
		r = finish(u, stamps, ret_line);
	if (!u->exporting) {
		if (again)
			return r;
		record_clear(&u->record);
	}
	u->exporting = true;
	if (name.len < raw.len)
		text_field(&u->record, name, span_from(raw, name.len + 1));
	else if (binary_field(l, record_fill(&u->record, record_field_of(name))) == 0)
		return finish(u, stamps, ret_line);
	return r;
}
