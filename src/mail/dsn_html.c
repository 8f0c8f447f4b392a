/* SPDX-License-Identifier: BSD-2-Clause */
/* What a notice has only as HTML, and encoded words of a subject: as far as words and addresses can be read. */
#include "base/ascii.h"
#include "mail/dsn_parts.h"

enum { ENTITY_OCTETS_MAX = 10, ENCODED_OCTETS_MAX = 512 };

static bool breaks_line(struct span tag)
{
	static const char *const tags[] = {"br", "p",  "/p", "div", "/div",  "tr", "/tr",
					   "li", "h1", "h2", "h3",  "table", "hr"};
	size_t len = 0;
	while (len < tag.len &&
	       (ascii_is_alpha(tag.at[len]) || ascii_is_digit(tag.at[len]) || (len == 0 && tag.at[0] == '/')))
		len++;
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (span_equal_nocase(span_of(tag.at, len), span_str(tags[i])))
			return true;
	return false;
}

/* What <style> and <script> hold is no text. @return where the text goes on. */
static size_t skip_hidden(struct span html, size_t at, struct span tag)
{
	const char *end = dsn_begins(tag, "style") ? "</style" : dsn_begins(tag, "script") ? "</script" : NULL;
	while (end && at < html.len && !dsn_begins(span_from(html, at), end))
		at++;
	return at;
}

/* @return the octets of the entity at `at`; 0: none that is known. */
static size_t entity(struct span html, size_t at, char *ret_octet)
{
	static const struct {
		const char *name;
		char octet;
	} known[] = {{"&lt;", '<'},    {"&gt;", '>'},   {"&amp;", '&'}, {"&quot;", '"'}, {"&nbsp;", ' '},
		     {"&apos;", '\''}, {"&#39;", '\''}, {"&#64;", '@'}, {"&#160;", ' '}};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (dsn_begins(span_from(html, at), known[i].name)) {
			*ret_octet = known[i].octet;
			return strlen(known[i].name);
		}
	return 0;
}

/* A tag, and not "<a@example.com>" in an HTML that is none. @return its octets with both marks; 0: none. */
static size_t tag_at(struct span html, size_t at)
{
	size_t len = span_find(span_from(html, at), '>');
	if (html.at[at] != '<' || at + len >= html.len || span_find(span_of(html.at + at, len), '@') < len)
		return 0;
	return len + 1;
}

struct span dsn_html_text(struct span html, struct arena *arena)
{
	char *text = arena_alloc(arena, html.len + 1, 1);
	size_t len = 0;
	if (span_find(html, '<') == html.len)
		return html; /* text that is called HTML */
	for (size_t at = 0; text && at < html.len;) {
		size_t octets = html.at[at] == '&' ? entity(html, at, &text[len]) : 0, tag = tag_at(html, at);
		if (octets) {
			at += octets;
			len++;
		} else if (tag) {
			struct span name = span_of(html.at + at + 1, tag - 2);
			if (breaks_line(name))
				text[len++] = '\n';
			at = skip_hidden(html, at + tag, name);
		} else {
			text[len++] = ascii_is_space(html.at[at]) ? ' ' : (char)html.at[at];
			at++;
		}
	}
	return text ? span_of(text, len) : (struct span){0};
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
	*ret_len = how == 'b' ? dsn_base64(text, to) : dsn_quoted_printable(text, to);
	for (size_t i = 0; how == 'q' && i < *ret_len; i++)
		if (to[i] == '_')
			to[i] = ' ';
	return charset + 3 + end + 2;
}

struct span dsn_words(struct span value, struct arena *arena)
{
	uint8_t *to = arena_alloc(arena, value.len + 1, 1);
	size_t len = 0;
	for (size_t at = 0; to && at < value.len;) {
		size_t written = 0, octets = encoded_word(value, at, to + len, &written);
		if (octets) {
			at += octets;
			len += written;
		} else {
			to[len++] = value.at[at++];
		}
	}
	return to ? span_of(to, len) : (struct span){0};
}
