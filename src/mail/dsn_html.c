/* SPDX-License-Identifier: BSD-2-Clause */
/* What a notice has only as HTML, as far as words and addresses can be read. */
#include "base/ascii.h"
#include "mail/dsn_parts.h"

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
	const char *end = span_begins_nocase(tag, "style")    ? "</style"
			  : span_begins_nocase(tag, "script") ? "</script"
							      : NULL;
	while (end && at < html.len && !span_begins_nocase(span_from(html, at), end))
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
		if (span_begins_nocase(span_from(html, at), known[i].name)) {
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
