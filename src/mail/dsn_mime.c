/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines, fields and parts of a message (RFC 5322, RFC 2045, RFC 2046), read leniently: bounces come from old software. */
#include <errno.h>

#include "base/ascii.h"
#include "mail/dsn_parts.h"

bool dsn_line_next(struct span *rest, struct span *ret_line)
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

bool dsn_begins(struct span text, const char *word)
{
	size_t len = strlen(word);
	return text.len >= len && span_equal_nocase(span_of(text.at, len), span_of(word, len));
}

bool dsn_contains(struct span text, const char *word)
{
	uint8_t first = (uint8_t)word[0]; /* a small letter or none */
	for (size_t at = 0; at < text.len; at++)
		if (ascii_lower(text.at[at]) == first && dsn_begins(span_from(text, at), word))
			return true;
	return false;
}

void dsn_split(struct span message, struct span *ret_head, struct span *ret_body)
{
	struct span rest = message, line, before;
	const uint8_t *start;
	if (dsn_begins(rest, "from ") && rest.at[0] == 'F')
		dsn_line_next(&rest, &line);
	start = rest.at;
	*ret_head = rest;
	*ret_body = (struct span){0};
	for (;;) {
		before = rest;
		if (!dsn_line_next(&rest, &line))
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

struct span dsn_field(struct span head, const char *name, struct arena *arena)
{
	struct buf value = buf_make(DSN_FIELD_OCTETS_MAX);
	struct span rest = head, line, found = {0};
	size_t len = strlen(name);
	while (dsn_line_next(&rest, &line)) {
		if (line.len <= len || !dsn_begins(line, name) || span_trim(span_from(line, len)).at == NULL ||
		    span_trim(span_from(line, len)).at[0] != ':')
			continue;
		buf_add(&value, span_trim(span_from(line, len + span_find(span_from(line, len), ':') + 1)));
		while (!value.error && continues(rest) && dsn_line_next(&rest, &line)) {
			buf_add_char(&value, ' ');
			buf_add(&value, span_trim(line));
		}
		found = span_of(arena_copy(arena, buf_span(&value)), value.len);
		break;
	}
	buf_release(&value);
	return found.at ? span_trim(found) : (struct span){0};
}

struct span dsn_parameter(struct span value, const char *name)
{
	size_t len = strlen(name);
	for (size_t at = span_find(value, ';'); at < value.len; at++) {
		struct span rest = span_trim(span_from(value, at + 1));
		if (value.at[at] != ';' || !dsn_begins(rest, name) || rest.len <= len)
			continue;
		rest = span_trim(span_from(rest, len));
		if (rest.len < 2 || rest.at[0] != '=')
			continue;
		rest = span_trim(span_from(rest, 1));
		if (rest.len && rest.at[0] == '"')
			return span_of(rest.at + 1, span_find(span_from(rest, 1), '"'));
		for (len = 0; len < rest.len && rest.at[len] != ';' && !ascii_is_space(rest.at[len]);)
			len++;
		return span_of(rest.at, len);
	}
	return (struct span){0};
}

struct span dsn_value(struct span value)
{
	size_t semicolon = span_find(value, ';');
	for (size_t i = 0; i < semicolon && semicolon < value.len; i++)
		if (!ascii_is_alpha(value.at[i]) && !ascii_is_digit(value.at[i]) && value.at[i] != '-' &&
		    value.at[i] != ' ')
			return span_trim(value);
	return span_trim(semicolon < value.len ? span_from(value, semicolon + 1) : value);
}

struct span dsn_mailbox(struct span text)
{
	size_t at;
	text = span_trim(text);
	if (text.len > 2 && text.at[0] == '<' && text.at[text.len - 1] == '>')
		text = span_of(text.at + 1, text.len - 2);
	at = span_find(text, '@');
	if (at == 0 || at + 1 >= text.len || text.len > 320)
		return (struct span){0};
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] <= ' ' || memchr("<>()[],;:\"", text.at[i], 10))
			return (struct span){0};
	return text;
}

static int base64_value(uint8_t c)
{
	if (ascii_is_upper(c))
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	return ascii_is_digit(c) ? c - '0' + 52 : c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t dsn_base64(struct span text, uint8_t *to)
{
	uint32_t bits = 0;
	size_t len = 0;
	int have = 0;
	for (size_t i = 0; i < text.len && text.at[i] != '='; i++) {
		int value = base64_value(text.at[i]);
		if (value < 0)
			continue;
		bits = (bits << 6 | (uint32_t)value) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			to[len++] = (uint8_t)(bits >> have);
		}
	}
	return len;
}

static int hex_value(uint8_t c)
{
	return ascii_is_digit(c)                                ? c - '0'
	       : ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f' ? ascii_lower(c) - 'a' + 10
								: -1;
}

size_t dsn_quoted_printable(struct span text, uint8_t *to)
{
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++) {
		int high = i + 2 < text.len ? hex_value(text.at[i + 1]) : -1, low;
		if (text.at[i] != '=') {
			to[len++] = text.at[i];
			continue;
		}
		low = high >= 0 ? hex_value(text.at[i + 2]) : -1;
		if (low >= 0) {
			to[len++] = (uint8_t)(high << 4 | low);
			i += 2;
		} else if (i + 1 < text.len && (text.at[i + 1] == '\r' || text.at[i + 1] == '\n')) {
			i += 1 + (i + 2 < text.len && text.at[i + 1] == '\r' && text.at[i + 2] == '\n');
		} else {
			to[len++] = '=';
		}
	}
	return len;
}

static struct span decoded(struct mime_parts *p, struct span head, struct span body)
{
	struct span encoding = dsn_field(head, "content-transfer-encoding", p->arena);
	bool base = dsn_begins(encoding, "base64"), quoted = dsn_begins(encoding, "quoted-printable");
	uint8_t *to;
	if (body.len > DSN_TEXT_OCTETS_MAX)
		body.len = DSN_TEXT_OCTETS_MAX;
	if (!base && !quoted)
		return body;
	to = arena_alloc(p->arena, body.len + 1, 1);
	if (!to) {
		p->error = -ENOMEM;
		return (struct span){0};
	}
	return span_of(to, base ? dsn_base64(body, to) : dsn_quoted_printable(body, to));
}

static void find(struct mime_parts *p, struct span head, struct span body, int depth);

static bool is_boundary(struct span line, struct span boundary, bool *ret_last)
{
	if (line.len < boundary.len + 2 || line.at[0] != '-' || line.at[1] != '-' ||
	    memcmp(line.at + 2, boundary.at, boundary.len) != 0)
		return false;
	line = span_from(line, boundary.len + 2);
	*ret_last = line.len >= 2 && line.at[0] == '-' && line.at[1] == '-';
	return *ret_last || span_trim(line).len == 0;
}

/* @return whether there was a boundary at all. */
static bool find_multipart(struct mime_parts *p, struct span boundary, struct span body, int depth)
{
	struct span rest = body, line, head, inside;
	const uint8_t *start = NULL;
	bool last = false;
	while (!last && p->count < DSN_PARTS_MAX) {
		const uint8_t *here = rest.at;
		bool more = dsn_line_next(&rest, &line);
		if (more && !is_boundary(line, boundary, &last))
			continue;
		if (!more)
			here = body.at + body.len;
		if (start) {
			dsn_split(span_of(start, (size_t)(here - start)), &head, &inside);
			/* a part may begin with its empty line: then it has no fields */
			find(p, head, inside, depth);
		}
		if (!more)
			break;
		start = rest.len ? rest.at : body.at + body.len;
	}
	return start != NULL;
}

static void find(struct mime_parts *p, struct span head, struct span body, int depth)
{
	struct span type = dsn_field(head, "content-type", p->arena);
	struct span boundary = dsn_parameter(type, "boundary");
	if (p->error || p->count == DSN_PARTS_MAX)
		return;
	if (dsn_begins(type, "multipart/") && boundary.len && depth < DSN_DEPTH_MAX) {
		if (find_multipart(p, boundary, body, depth + 1))
			return;
		type = (struct span){0};
	}
	p->at[p->count].type = type.len ? span_of(type.at, span_find(type, ';')) : span_str("text/plain");
	p->at[p->count].type = span_trim(p->at[p->count].type);
	p->at[p->count++].text = decoded(p, head, body);
}

void dsn_parts_find(struct mime_parts *p, struct span head, struct span body)
{
	find(p, head, body, 0);
}
