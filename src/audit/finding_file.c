/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of a finding's record, a row a key. */
#include "audit/finding_file.h"

#include <errno.h>

#include "base/ascii.h"
#include "base/buf.h"

enum { SOURCE_OCTETS_MAX = 2048 };

const struct schema_word finding_severities[] = {
	{"info", SEVERITY_INFO}, {"low", SEVERITY_LOW}, {"medium", SEVERITY_MEDIUM}, {"high", SEVERITY_HIGH}, {0}};

/* "senders.direct": the audit, a dot, what it is. */
static bool accept_id(struct span text, void *field)
{
	size_t dots = 0;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		dots += c == '.';
		if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) && c != '_' && c != '.')
			return false;
	}
	return dots == 1 && text.len <= 60;
}

#define COUNT(rows)    (sizeof(rows) / sizeof(*(rows)))
#define AT(member)     .offset = offsetof(struct OF, member)
#define NUMBER(member) .count_offset = offsetof(struct OF, member)

/* clang-format off */
#define OF finding_source
static const struct schema_row source_rows[] = {
	{"name", SCHEMA_TEXT, AT(name), .required = true},
	{"date", SCHEMA_DATE, AT(date)},
};
static const struct schema source_schema = {"a source", source_rows, COUNT(source_rows), sizeof(struct OF)};
#undef OF

#define OF finding_entry
static const struct schema_row finding_rows[] = {
	{"id", SCHEMA_TEXT, AT(v.id), .required = true, .accept = accept_id,
	 .expected = "the audit's name, a dot, and lower-case letters, digits and _"},
	{"severity", SCHEMA_WORD, AT(v.severity), .required = true, .words = finding_severities},
	{"title", SCHEMA_TEXT, AT(v.title), .required = true},
	{"means", SCHEMA_TEXT, AT(v.means), .required = true},
	{"remedy", SCHEMA_TEXT, AT(v.remedy), .required = true},
	{"sources", SCHEMA_MAPS, AT(sources), NUMBER(source_count), .map = &source_schema, .required = true},
};
static const struct schema finding_schema = {"a finding", finding_rows, COUNT(finding_rows), sizeof(struct OF), true};
#undef OF

#define OF finding_file
static const struct schema_row file_rows[] = {
	{"findings", SCHEMA_MAPS, AT(findings), NUMBER(count), .map = &finding_schema, .required = true},
};
const struct schema finding_file_schema = {"a file of findings", file_rows, COUNT(file_rows), sizeof(struct OF)};
#undef OF
/* clang-format on */

static const char *sources_text(const struct finding_entry *e, struct arena *arena)
{
	struct buf out = buf_make(SOURCE_OCTETS_MAX);
	const char *text;
	for (size_t i = 0; i < e->source_count; i++) {
		buf_printf(&out, "%s%s", i ? "; " : "", e->sources[i].name ? e->sources[i].name : "");
		if (e->sources[i].date)
			buf_printf(&out, " (%s)", e->sources[i].date);
	}
	text = arena_copy(arena, buf_span(&out));
	buf_release(&out);
	return text;
}

int finding_file_read(struct span text, const char *file, struct arena *arena, struct schema_faults *faults,
		      struct finding_file *ret_file)
{
	struct finding_entry *entries;
	int rc = schema_read(&finding_file_schema, text, file, arena, faults, ret_file);
	if (rc < 0)
		return rc;
	entries = arena_alloc(arena, ret_file->count, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	for (size_t i = 0; i < ret_file->count; i++) {
		entries[i] = ret_file->findings[i];
		entries[i].v.source = sources_text(&entries[i], arena);
		if (!entries[i].v.source)
			return -ENOMEM;
	}
	ret_file->findings = entries;
	return 0;
}
