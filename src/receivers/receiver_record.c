/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of a receiver's record (data/receivers/README.md), a row a key, and the forms of its values. */
#include "receivers/receiver_record.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

#include "base/ascii.h"
#include "receivers/receiver_words.h"
#include "lists/record.h"

enum { PATTERN_OCTETS_MAX = 2000, MESSAGE_SIZE = 128 };

static const struct hole {
	const char *hole, *group;
} holes[] = {
	{"{ip}", "(?P<address>[0-9a-f.:]{3,45})"},
	{"{domain}", "(?P<domain>[a-z0-9_-]+(?:\\.[a-z0-9_-]+)+)"},
	{"{zone}", "(?P<zone>[a-z0-9_-]+(?:\\.[a-z0-9_-]+)+)"},
};

void receiver_pattern_text(const char *pattern, struct buf *out)
{
	while (*pattern) {
		const struct hole *hole = NULL;
		for (size_t i = 0; i < sizeof(holes) / sizeof(*holes) && !hole; i++)
			if (strncmp(pattern, holes[i].hole, strlen(holes[i].hole)) == 0)
				hole = &holes[i];
		if (hole)
			buf_add_str(out, hole->group);
		else
			buf_add_char(out, *pattern);
		pattern += hole ? strlen(hole->hole) : 1;
	}
}

struct pcre2_real_code_8 *receiver_pattern_compile(const char *pattern, char *message, size_t message_size,
						   size_t *ret_offset)
{
	struct buf text = buf_make((size_t)4 * PATTERN_OCTETS_MAX);
	pcre2_code *code = NULL;
	int number = 0;
	receiver_pattern_text(pattern, &text);
	*ret_offset = 0;
	if (text.error)
		snprintf(message, message_size, "too long");
	else
		code = pcre2_compile((PCRE2_SPTR)buf_text(&text), text.len,
				     PCRE2_CASELESS | PCRE2_DOTALL | PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C |
					     PCRE2_NEVER_UTF,
				     &number, ret_offset, NULL);
	if (!code && !text.error)
		pcre2_get_error_message(number, (PCRE2_UCHAR *)message, message_size);
	buf_release(&text);
	return code;
}

static bool matches_nothing(pcre2_code *code)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int rc = data ? pcre2_match(code, (PCRE2_SPTR) "", 0, 0, 0, data, NULL) : PCRE2_ERROR_NOMATCH;
	pcre2_match_data_free(data);
	return rc >= 0;
}

/* One that fits the empty text would fit every reply. */
static bool accept_pattern(struct span text, void *field)
{
	char pattern[PATTERN_OCTETS_MAX + 1], message[MESSAGE_SIZE];
	size_t offset;
	pcre2_code *code;
	bool good;
	if (text.len == 0 || text.len > PATTERN_OCTETS_MAX || span_find(text, '\0') < text.len)
		return false;
	memcpy(pattern, text.at, text.len);
	pattern[text.len] = '\0';
	code = receiver_pattern_compile(pattern, message, sizeof(message), &offset);
	good = code && !matches_nothing(code);
	pcre2_code_free(code);
	return good;
}

static bool accept_id(struct span text, void *field)
{
	for (size_t i = 0; i < text.len; i++)
		if (!(text.at[i] >= 'a' && text.at[i] <= 'z') && !ascii_is_digit(text.at[i]) && text.at[i] != '_')
			return false;
	return text.len > 0 && text.len <= 60;
}

static bool accept_mx(struct span text, void *field)
{
	for (size_t i = 0; i < text.len; i++)
		if (!(text.at[i] >= 'a' && text.at[i] <= 'z') && !ascii_is_digit(text.at[i]) &&
		    !memchr(".-_*?", text.at[i], 5))
			return false;
	return text.len > 2 && span_find(text, '.') < text.len;
}

static bool accept_removal(struct span text, void *field)
{
	return record_url_valid(text) || record_mailbox_valid(text);
}

static bool accept_zone(struct span text, void *field)
{
	return record_zone_valid(text);
}

#define COUNT(rows)    (sizeof(rows) / sizeof(*(rows)))
#define AT(member)     .offset = offsetof(struct OF, member)
#define NUMBER(member) .count_offset = offsetof(struct OF, member)
#define PLACES(member) .places_offset = offsetof(struct OF, member)

/* clang-format off */
#define OF list_source
static const struct schema_row source_rows[] = {
	{"name", SCHEMA_TEXT, AT(name), .required = true},
	{"date", SCHEMA_DATE, AT(date)},
};
static const struct schema source_schema = {"a source", source_rows, COUNT(source_rows), sizeof(struct OF)};
#undef OF

#define MX_FORM "a host name in lower case with * and ? for what varies"
#define OF receiver_record
static const struct schema_row reply_rows[] = {
	[REPLY_ROW_ID] = {"id", SCHEMA_TEXT, AT(reply_id), .required = true, .accept = accept_id,
			  .expected = "lower-case letters, digits and _"},
	[REPLY_ROW_NAME] = {"name", SCHEMA_TEXT, AT(v.name)},
	[REPLY_ROW_MX] = {"mx", SCHEMA_TEXTS, AT(mx.at), NUMBER(mx.count), .accept = accept_mx, .expected = MX_FORM},
	[REPLY_ROW_HOST] = {"host", SCHEMA_TEXT, AT(host)},
	[REPLY_ROW_ONLY_MX] = {"only_mx", SCHEMA_BOOL, AT(only_mx)},
	[REPLY_ROW_PATTERNS] = {"patterns", SCHEMA_TEXTS, AT(patterns.at), NUMBER(patterns.count), PLACES(patterns_at),
				.accept = accept_pattern, .expected = "a regular expression that needs some text"},
	[REPLY_ROW_SAMPLES] = {"samples", SCHEMA_TEXTS, AT(samples.at), NUMBER(samples.count), PLACES(samples_at)},
	[REPLY_ROW_MEANS] = {"means", SCHEMA_WORD, AT(v.means), .words = reply_words},
	[REPLY_ROW_MEANING] = {"meaning", SCHEMA_TEXT, AT(v.meaning)},
	[REPLY_ROW_ABOUT] = {"about", SCHEMA_WORD, AT(v.about), .words = reply_about_words},
	[REPLY_ROW_TEMPORARY] = {"temporary", SCHEMA_BOOL, AT(v.temporary)},
	[REPLY_ROW_REMOVAL] = {"removal", SCHEMA_TEXT, AT(v.removal_url), .accept = accept_removal,
			       .expected = "a URL (holes {ip}, {domain}) or a mail address"},
	[REPLY_ROW_PROCEDURE] = {"procedure", SCHEMA_TEXT, AT(v.procedure)},
	[REPLY_ROW_FEEDBACK] = {"feedback", SCHEMA_TEXT, AT(v.feedback)},
	[REPLY_ROW_ZONE] = {"zone", SCHEMA_TEXT, AT(zone), .accept = accept_zone, .expected = "a zone in lower case"},
	[REPLY_ROW_SOURCES] = {"sources", SCHEMA_MAPS, AT(sources), NUMBER(source_count), .map = &source_schema},
};
const struct schema receiver_reply_schema = {"a reply", reply_rows, COUNT(reply_rows), sizeof(struct OF), true};
#undef OF

#define OF receiver_owner
static const struct schema_row owner_rows[] = {
	[OWNER_ROW_ID] = {"id", SCHEMA_TEXT, AT(id), .required = true, .accept = accept_id,
			  .expected = "lower-case letters, digits and _"},
	[OWNER_ROW_NAME] = {"name", SCHEMA_TEXT, AT(name), .required = true},
	[OWNER_ROW_MX] = {"mx", SCHEMA_TEXTS, AT(mx.at), NUMBER(mx.count), .accept = accept_mx, .expected = MX_FORM},
	[OWNER_ROW_HOST] = {"host", SCHEMA_TEXT, AT(host)},
	[OWNER_ROW_FEEDBACK] = {"feedback", SCHEMA_TEXT, AT(feedback)},
	[OWNER_ROW_COMMON] = {"common", SCHEMA_BOOL, AT(common)},
};
static const struct schema owner_schema = {"receiver", owner_rows, COUNT(owner_rows), sizeof(struct OF), true};
#undef OF

#define OF receiver_file
static const struct schema_row file_rows[] = {
	{"receiver", SCHEMA_MAP, AT(owner), .map = &owner_schema, .required = true},
	{"replies", SCHEMA_MAPS, AT(replies), NUMBER(reply_count), .map = &receiver_reply_schema, .required = true},
};
const struct schema receiver_file_schema = {"a file of receivers", file_rows, COUNT(file_rows), sizeof(struct OF), true};
#undef OF
