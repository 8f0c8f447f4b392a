/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/header.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "mail/mime_decode.h"

enum { MAILBOX_OCTETS_MAX = 320, /* RFC 5321 4.5.3.1: 64, "@", 255 */ ENCODED_OCTETS_MAX = 512 };

bool header_line_next(struct span *rest, struct span *ret_line)
{
	size_t at = 0;
	if (rest->len == 0)
		return false;
	while (at < rest->len && rest->at[at] != '\n' && rest->at[at] != '\r')
		at++;
	*ret_line = span_of(rest->at, at);
	if (at + 1 < rest->len && rest->at[at] == '\r' && rest->at[at + 1] == '\n')
		at++;
	*rest = span_from(*rest, at + 1);
	return true;
}

void header_split(struct span message, struct span *ret_head, struct span *ret_body)
{
	struct span rest = message, line, before;
	const uint8_t *start;
	if (span_begins_nocase(rest, "from ") && rest.at[0] == 'F')
		header_line_next(&rest, &line);
	start = rest.at;
	*ret_head = rest;
	*ret_body = (struct span){0};
	for (;;) {
		before = rest;
		if (!header_line_next(&rest, &line))
			return;
		if (span_trim(line).len == 0) {
			*ret_head = span_of(start, (size_t)(before.at - start));
			*ret_body = rest;
			return;
		}
	}
}

static bool continues(struct span rest)
{
	return rest.len && (rest.at[0] == ' ' || rest.at[0] == '\t');
}

struct span header_field(struct span head, const char *name, struct arena *arena)
{
	struct buf value = buf_make(HEADER_FIELD_OCTETS_MAX);
	struct span rest = head, line, found = {0};
	size_t len = strlen(name);
	while (header_line_next(&rest, &line)) {
		if (line.len <= len || !span_begins_nocase(line, name) || span_trim(span_from(line, len)).at == NULL ||
		    span_trim(span_from(line, len)).at[0] != ':')
			continue;
		buf_add(&value, span_trim(span_from(line, len + span_find(span_from(line, len), ':') + 1)));
		while (!value.error && continues(rest) && header_line_next(&rest, &line)) {
			buf_add_char(&value, ' ');
			buf_add(&value, span_trim(line));
		}
		found = span_of(arena_copy(arena, buf_span(&value)), value.len);
		break;
	}
	buf_release(&value);
	return found.at ? span_trim(found) : (struct span){0};
}

struct span header_mailbox(struct span text)
{
	size_t at;
	text = span_trim(text);
	if (text.len > 2 && text.at[0] == '<' && text.at[text.len - 1] == '>')
		text = span_of(text.at + 1, text.len - 2);
	at = span_find(text, '@');
	if (at == 0 || at + 1 >= text.len || text.len > MAILBOX_OCTETS_MAX)
		return (struct span){0};
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] <= ' ' || memchr("<>()[],;:\"", text.at[i], 10))
			return (struct span){0};
	return text;
}

/* ---- parameters (RFC 2045 5.1, RFC 2231) ---- */

struct parameter {
	struct span name, value; /* value without its quotes */
	bool quoted;
};

/* @return octets up to the end of a quoted string whose first octet this is; the quotes counted where they are. */
static size_t quoted_len(struct span text)
{
	size_t at = 1;
	while (at < text.len && text.at[at] != '"')
		at += text.at[at] == '\\' ? 2 : 1;
	return at < text.len ? at + 1 : text.len;
}

/* @return octets of "value" or of a token; the value without quotes. */
static size_t value_at(struct span text, struct parameter *ret)
{
	size_t len = 0;
	if (text.len && text.at[0] == '"') {
		len = quoted_len(text);
		ret->quoted = true;
		ret->value = span_of(text.at + 1, len - 1 - (len > 1 && text.at[len - 1] == '"'));
		return len;
	}
	while (len < text.len && text.at[len] != ';' && !ascii_is_space(text.at[len]))
		len++;
	ret->value = span_of(text.at, len);
	return len;
}

/* Behind the next ';' that is in no quoted string. */
static bool parameter_next(struct span *rest, struct parameter *ret)
{
	struct span text;
	size_t len = 0;
	while (rest->len && rest->at[0] != ';')
		*rest = span_from(*rest, rest->at[0] == '"' ? quoted_len(*rest) : 1);
	if (rest->len == 0)
		return false;
	*rest = span_from(*rest, 1);
	while (len < rest->len && rest->at[len] != '=' && rest->at[len] != ';')
		len++;
	*ret = (struct parameter){.name = span_trim(span_of(rest->at, len))};
	text = span_from(*rest, len);
	if (text.len && text.at[0] == '=') {
		text = span_trim(span_from(text, 1));
		text = span_from(text, value_at(text, ret));
	}
	*rest = text;
	return true;
}

/* "name", "name*", "name*0", "name*0*". @return the number of the section; -1: it is another's. */
static int section_of(struct span name, const char *wanted, bool *ret_encoded)
{
	uint64_t number = 0;
	size_t len = strlen(wanted);
	*ret_encoded = false;
	if (!span_begins_nocase(name, wanted))
		return -1;
	name = span_from(name, len);
	if (name.len == 0)
		return 0;
	if (name.at[0] != '*')
		return -1;
	*ret_encoded = name.at[name.len - 1] == '*';
	name = span_from(name, 1);
	if (*ret_encoded && name.len)
		name.len--;
	if (name.len && ascii_parse_u64(name, HEADER_SECTIONS_MAX - 1, &number) < 0)
		return -1;
	return (int)number;
}

static int hex_value(uint8_t c)
{
	uint8_t small = ascii_lower(c);
	return ascii_is_digit(c) ? c - '0' : small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/* charset'language'text with "%20" (RFC 2231 4); only the first section has the quotes. */
static size_t put_encoded(struct span text, bool first, char *to)
{
	size_t len = 0, quote = span_find(text, '\'');
	size_t second = quote < text.len ? quote + 1 + span_find(span_from(text, quote + 1), '\'') : text.len;
	if (first && second < text.len)
		text = span_from(text, second + 1);
	for (size_t i = 0; i < text.len; i++) {
		int high = text.at[i] == '%' && i + 2 < text.len ? hex_value(text.at[i + 1]) : -1;
		int low = high >= 0 ? hex_value(text.at[i + 2]) : -1;
		to[len++] = (char)(low >= 0 ? high << 4 | low : text.at[i]);
		i += low >= 0 ? 2 : 0;
	}
	return len;
}

static size_t put_plain(struct span text, bool quoted, char *to)
{
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++) {
		i += quoted && text.at[i] == '\\' && i + 1 < text.len;
		to[len++] = (char)text.at[i];
	}
	return len;
}

struct span header_parameter(struct span value, const char *name, struct arena *arena)
{
	struct {
		struct span text;
		bool quoted, encoded;
	} sections[HEADER_SECTIONS_MAX] = {0};
	struct span rest = value;
	struct parameter one;
	char *to;
	size_t len = 0;
	while (parameter_next(&rest, &one)) {
		bool encoded;
		int at = section_of(one.name, name, &encoded);
		if (at < 0 || sections[at].text.at)
			continue;
		sections[at].text = one.value;
		sections[at].quoted = one.quoted;
		sections[at].encoded = encoded && !one.quoted;
	}
	to = sections[0].text.len ? arena_alloc(arena, value.len, 1) : NULL;
	for (size_t i = 0; to && i < HEADER_SECTIONS_MAX && sections[i].text.at; i++)
		len += sections[i].encoded ? put_encoded(sections[i].text, i == 0, to + len)
					   : put_plain(sections[i].text, sections[i].quoted, to + len);
	return to ? span_of(to, len) : (struct span){0};
}

/* ---- encoded words (RFC 2047) ---- */

static size_t decode_word(enum mime_encoding encoding, struct span text, uint8_t *to)
{
	struct mime_decoder d = {.encoding = encoding};
	size_t len = mime_decode(&d, text, to);
	return len + mime_decode_end(&d, to + len);
}

/* "=?charset?B?text?=" at `at`. @return its octets; 0: none. */
static size_t encoded_word(struct span value, size_t at, uint8_t *to, size_t *ret_len)
{
	struct span rest = span_from(value, at), text;
	size_t charset, end = 0;
	uint8_t how;
	if (rest.len < 8 || rest.at[0] != '=' || rest.at[1] != '?')
		return 0;
	charset = 2 + span_find(span_from(rest, 2), '?');
	if (charset + 3 >= rest.len || rest.at[charset + 2] != '?')
		return 0;
	how = ascii_lower(rest.at[charset + 1]);
	text = span_from(rest, charset + 3);
	while (end + 1 < text.len && !(text.at[end] == '?' && text.at[end + 1] == '='))
		end++;
	if (end + 1 >= text.len || end > ENCODED_OCTETS_MAX)
		return 0;
	text.len = end;
	*ret_len = decode_word(how == 'b' ? MIME_BASE64 : MIME_QUOTED_PRINTABLE, text, to);
	for (size_t i = 0; how == 'q' && i < *ret_len; i++)
		if (to[i] == '_')
			to[i] = ' ';
	return charset + 3 + end + 2;
}

/* Blanks between two encoded words are no text (6.2). */
static size_t skip_between(struct span value, size_t at)
{
	size_t next = at;
	while (next < value.len && ascii_is_space(value.at[next]))
		next++;
	return next + 1 < value.len && value.at[next] == '=' && value.at[next + 1] == '?' ? next : at;
}

struct span header_words(struct span value, struct arena *arena)
{
	uint8_t *to = arena_alloc(arena, value.len + 1, 1);
	size_t len = 0;
	for (size_t at = 0; to && at < value.len;) {
		size_t written = 0, octets = encoded_word(value, at, to + len, &written);
		if (octets) {
			at = skip_between(value, at + octets);
			len += written;
		} else {
			to[len++] = value.at[at++];
		}
	}
	return to ? span_of(to, len) : (struct span){0};
}
