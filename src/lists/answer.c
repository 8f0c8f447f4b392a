/* SPDX-License-Identifier: BSD-2-Clause */
/* What the code of an answer means to a list, and the links of its record. */
#include <stdio.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "lists/lists.h"

enum { TEMPLATE_OCTETS_MAX = 8192 };

static bool matches(const struct list_answer *a, uint32_t address)
{
	switch (a->match) {
	case MATCH_RANGE:
		return address >= a->first && address <= a->last;
	case MATCH_BIT:
		return (address & ~UINT32_C(0xff)) == a->last && (address & a->first) != 0;
	case MATCH_OCTETS:
		return (address & a->last) == a->first;
	}
	return false;
}

const struct list_answer *list_answer_find(const struct list *l, uint32_t address, size_t *state)
{
	size_t from = state ? *state : 0;
	for (size_t i = from; i < l->answer_count; i++) {
		const struct list_answer *a = &l->answers[i];
		/* after a bit only further bits add a reason; a code or a range is a whole answer */
		if (!matches(a, address) || (from > 0 && a->match != MATCH_BIT))
			continue;
		if (state)
			*state = a->match == MATCH_BIT ? i + 1 : l->answer_count;
		return a;
	}
	if (state)
		*state = l->answer_count;
	return NULL;
}

const struct list_refusal *list_refusal_find(const struct list *l, uint32_t address)
{
	for (size_t i = 0; i < l->refusal_count; i++)
		if (address >= l->refusals[i].first && address <= l->refusals[i].last)
			return &l->refusals[i];
	return NULL;
}

void list_code_text(uint32_t code, char text[CODE_TEXT_SIZE])
{
	snprintf(text, CODE_TEXT_SIZE, "%u.%u.%u.%u", code >> 24, code >> 16 & 0xff, code >> 8 & 0xff, code & 0xff);
}

static const char *range_text(uint32_t first, uint32_t last, char text[MATCH_TEXT_SIZE])
{
	char low[CODE_TEXT_SIZE], high[CODE_TEXT_SIZE];
	list_code_text(first, low);
	list_code_text(last, high);
	snprintf(text, MATCH_TEXT_SIZE, "%s%s%s", low, first == last ? "" : "-", first == last ? "" : high);
	return first == last ? "code" : "range";
}

static void octets_text(uint32_t value, uint32_t mask, char text[MATCH_TEXT_SIZE])
{
	size_t len = 0;
	for (int shift = 24; shift >= 0; shift -= 8) {
		const char *dot = shift ? "." : "";
		if (mask >> shift & 0xff)
			len += (size_t)snprintf(text + len, MATCH_TEXT_SIZE - len, "%u%s", value >> shift & 0xff, dot);
		else
			len += (size_t)snprintf(text + len, MATCH_TEXT_SIZE - len, "*%s", dot);
	}
}

const char *list_answer_form(const struct list_answer *a, char text[MATCH_TEXT_SIZE])
{
	switch (a->match) {
	case MATCH_BIT:
		list_code_text(a->last | a->first, text);
		return "bits";
	case MATCH_OCTETS:
		octets_text(a->first, a->last, text);
		return "octets";
	case MATCH_RANGE:
		break;
	}
	return range_text(a->first, a->last, text);
}

const char *list_refusal_form(const struct list_refusal *r, char text[MATCH_TEXT_SIZE])
{
	return range_text(r->first, r->last, text);
}

/* RFC 3986 section 2.3: everything but the unreserved characters. */
static void add_encoded(struct buf *out, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	for (; *text; text++) {
		uint8_t c = (uint8_t)*text;
		if (ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
			buf_add_char(out, *text);
			continue;
		}
		buf_add_char(out, '%');
		buf_add_char(out, hex[c >> 4]);
		buf_add_char(out, hex[c & 15]);
	}
}

const char *list_template(struct arena *arena, const char *template_text, const char *target)
{
	static const char *const holes[] = {"{target}", "{ip}", "{domain}"};
	struct buf out = buf_make(TEMPLATE_OCTETS_MAX);
	const char *filled = NULL;
	if (!template_text)
		return NULL;
	for (const char *at = template_text; *at;) {
		size_t skip = 0;
		for (size_t h = 0; h < sizeof(holes) / sizeof(*holes) && !skip; h++)
			if (strncmp(at, holes[h], strlen(holes[h])) == 0)
				skip = strlen(holes[h]);
		if (skip)
			add_encoded(&out, target);
		else
			buf_add_char(&out, *at);
		at += skip ? skip : 1;
	}
	if (!out.error)
		filled = arena_copy(arena, buf_span(&out));
	buf_release(&out);
	return filled;
}
