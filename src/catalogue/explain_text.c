/* SPDX-License-Identifier: BSD-2-Clause */
/* Small questions about lines and names of a configuration text. */
#include <errno.h>

#include "base/ascii.h"
#include "catalogue/explain_parts.h"

size_t entry_line_end(struct span text, size_t at)
{
	return at + span_find(span_from(text, at), '\n');
}

size_t explain_skip_blanks(struct span text, size_t at)
{
	while (at < text.len && (text.at[at] == ' ' || text.at[at] == '\t'))
		at++;
	return at;
}

int explain_blank_comments(struct arena *arena, struct span text, struct span *ret_text)
{
	char *copy = arena_copy(arena, text);
	if (!copy)
		return -ENOMEM;
	for (size_t at = 0; at < text.len; at = entry_line_end(text, at) + 1) {
		size_t first = explain_skip_blanks(text, at), end = entry_line_end(text, at);
		if (first < end && (text.at[first] == '#' || text.at[first] == ';'))
			memset(copy + first, ' ', end - first);
	}
	*ret_text = span_of(copy, text.len);
	return 0;
}

bool entry_is_name_octet(uint8_t c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '.' || c == '-' || c == '_';
}

bool explain_looks_like_zone(struct span name)
{
	bool dot = false, letter = false;
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	if (name.len == 0 || name.len > 253 || name.at[0] == '.' || name.at[0] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (!entry_is_name_octet(name.at[i]) && name.at[i] != '{' && name.at[i] != '}')
			return false;
		if (name.at[i] == '.' && name.at[i - 1] == '.')
			return false;
		dot |= name.at[i] == '.';
		letter |= ascii_is_alpha(name.at[i]);
	}
	return dot && letter;
}

size_t explain_find_word(struct span text, size_t from, const char *word)
{
	size_t len = strlen(word);
	while (from + len <= text.len) {
		const uint8_t *hit = memmem(text.at + from, text.len - from, word, len);
		size_t at = hit ? (size_t)(hit - text.at) : text.len;
		if (!hit)
			break;
		if ((at == 0 || !entry_is_name_octet(text.at[at - 1])) &&
		    (at + len == text.len || !entry_is_name_octet(text.at[at + len])))
			return at;
		from = at + 1;
	}
	return text.len;
}

size_t explain_find_back(struct span text, size_t at, const char *word)
{
	size_t len = strlen(word);
	for (size_t i = at < text.len ? at : text.len; i >= len; i--)
		if (memcmp(text.at + i - len, word, len) == 0)
			return i - len;
	return 0;
}

struct entry *entries_add(struct entries *e, const struct entry *entry)
{
	struct entry *copy;
	if (e->error)
		return NULL;
	if (e->count == EXPLAIN_ITEMS_MAX) {
		e->error = -E2BIG;
		return NULL;
	}
	copy = arena_alloc(e->arena, 1, sizeof(*copy));
	if (!copy) {
		e->error = -ENOMEM;
		return NULL;
	}
	*copy = *entry;
	copy->next = NULL;
	*e->last = copy;
	e->last = &copy->next;
	e->count++;
	return copy;
}
