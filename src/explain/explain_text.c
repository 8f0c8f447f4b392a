/* SPDX-License-Identifier: BSD-2-Clause */
/* Small questions about lines and names of a configuration text. */
#include <errno.h>

#include "base/ascii.h"
#include "explain/explain_parts.h"
#include "lists/list_zone.h"

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

int explain_blank_comments(struct arena *arena, struct span text, const char *marks, struct span *ret_text)
{
	char *copy = arena_copy(arena, text);
	if (!copy)
		return -ENOMEM;
	for (size_t at = 0; at < text.len; at = entry_line_end(text, at) + 1) {
		size_t first = explain_skip_blanks(text, at), end = entry_line_end(text, at);
		if (first < end && text.at[first] && strchr(marks, text.at[first]))
			memset(copy + first, ' ', end - first);
	}
	*ret_text = span_of(copy, text.len);
	return 0;
}

size_t explain_find_word(struct span text, size_t from, const char *word)
{
	size_t len = strlen(word);
	while (from + len <= text.len) {
		const uint8_t *hit = memmem(text.at + from, text.len - from, word, len);
		size_t at = hit ? (size_t)(hit - text.at) : text.len;
		if (!hit)
			break;
		if ((at == 0 || !list_zone_octet(text.at[at - 1])) &&
		    (at + len == text.len || !list_zone_octet(text.at[at + len])))
			return at;
		from = at + 1;
	}
	return text.len;
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
