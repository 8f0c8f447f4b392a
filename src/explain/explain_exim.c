/* SPDX-License-Identifier: BSD-2-Clause */
/* Exim (specification, chapters "Access control lists" and "DNS lists"): the dnslists condition. A line that ends with a
 * backslash goes on with the next one that is neither empty nor a comment, however that begins. */
#include "base/ascii.h"
#include "explain/explain_parts.h"
#include "lists/list_zone.h"

enum { STATEMENT_LINES_MAX = 64 }; /* before a condition */

static bool line_is_blank(struct span text, size_t at)
{
	return span_trim(span_of(text.at + at, entry_line_end(text, at) - at)).len == 0;
}

size_t explain_exim_line_next(struct span blank, size_t at)
{
	while (at < blank.len && line_is_blank(blank, at))
		at = entry_line_end(blank, at) + 1;
	return at < blank.len ? at : blank.len;
}

size_t explain_exim_line_end(struct span blank, size_t at)
{
	for (;;) {
		size_t end = entry_line_end(blank, at), next;
		struct span line = span_trim(span_of(blank.at + at, end - at));
		next = explain_exim_line_next(blank, end + 1);
		if (line.len == 0 || line.at[line.len - 1] != '\\' || next >= blank.len)
			return end;
		at = next;
	}
}

static bool is_noise(uint8_t c)
{
	return ascii_is_space(c) || c == '\\';
}

struct exim_items explain_exim_items_of(struct span blank, size_t at, size_t end)
{
	struct exim_items items = {.text = span_of(blank.at, end), .separator = ':'};
	at = explain_skip_blanks(items.text, at);
	if (at + 1 < end && blank.at[at] == '<') {
		items.separator = blank.at[at + 1];
		at += 2;
	}
	items.at = at;
	return items;
}

/* Up to the next separator outside ${...}; a doubled one is a plain octet. */
static size_t item_end(struct span text, size_t at, uint8_t separator)
{
	int depth = 0;
	for (; at < text.len; at++) {
		uint8_t c = text.at[at];
		if (c == '{')
			depth++;
		else if (c == '}' && depth > 0)
			depth--;
		else if (c == separator && depth == 0) {
			if (at + 1 < text.len && text.at[at + 1] == separator)
				at++;
			else
				return at;
		}
	}
	return text.len;
}

bool explain_exim_next_item(struct exim_items *items)
{
	if (items->at >= items->text.len)
		return false;
	items->start = items->at;
	items->joint = items->end = item_end(items->text, items->at, items->separator);
	items->at = items->joint + 1;
	while (items->start < items->end && is_noise(items->text.at[items->start]))
		items->start++;
	while (items->end > items->start && is_noise(items->text.at[items->end - 1]))
		items->end--;
	return true;
}

/* What is asked instead of the client's address: a name where the key says so, else nobody knows. */
static enum asks asks_of(struct span key)
{
	static const char *const names[] = {"domain", "helo_name", "host_name"};
	if (!key.at || key.len == 0)
		return ASKS_ADDRESSES;
	if (memmem(key.at, key.len, "${", 2) && !memmem(key.at, key.len, "${sender_address_domain}", 24))
		return ASKS_ANYTHING;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (memmem(key.at, key.len, names[i], strlen(names[i])))
			return ASKS_NAMES;
	return ASKS_ANYTHING;
}

/* ZONE[FILTER][/KEY]; ZONE may be two with a comma: the text is asked of the first, the answer of the second */
static void add_item(struct entries *e, const struct entry *like, size_t start, size_t end)
{
	struct entry entry = *like;
	struct span text = e->text;
	size_t at, slash, comma;
	slash = start + span_find(span_of(text.at + start, end - start), '/');
	for (at = start; at < slash && !memchr("=&!", text.at[at], 3);)
		at++;
	entry.zone = span_trim(span_of(text.at + start, at - start));
	comma = span_find(entry.zone, ',');
	if (comma < entry.zone.len)
		entry.zone = span_trim(span_from(entry.zone, comma + 1));
	entry.filter = span_trim(span_of(text.at + at, slash - at));
	entry.asks = asks_of(span_of(text.at + slash, end - slash));
	entry.start = entry.prefix = start;
	entry.end = end;
	if (list_zone_is_likely(entry.zone))
		entries_add(e, &entry);
}

/* Zones inside ${if ...} and ${lookup ...}: known by name, and nothing is known of when they are asked. */
static void add_inside(struct entries *e, const struct entry *like, size_t start, size_t end)
{
	struct entry entry = *like;
	struct span text = e->text;
	entry.asks = ASKS_ANYTHING;
	entry.nested = true;
	for (size_t at = start; at < end;) {
		size_t from = at;
		while (at < end && list_zone_octet(text.at[at]))
			at++;
		entry.zone = span_of(text.at + from, at - from);
		entry.start = entry.prefix = from;
		entry.end = at;
		if (at == from)
			at++;
		else if (list_zone_is_likely(entry.zone) && !(from && text.at[from - 1] == '$'))
			entries_add(e, &entry);
	}
}

static void find_value(struct entries *e, struct entry like, size_t at, size_t end)
{
	struct exim_items items = explain_exim_items_of(e->text, at, end);
	like.syntax = SYNTAX_EXIM;
	like.value = at;
	like.value_end = end;
	while (explain_exim_next_item(&items)) {
		struct span item = span_of(e->text.at + items.start, items.end - items.start);
		size_t zone = span_find(item, '/');
		if (item.len == 0)
			continue;
		if (memchr(item.at, '{', zone) && !span_starts(item, "{key}"))
			add_inside(e, &like, items.start, items.end);
		else
			add_item(e, &like, items.start, items.end);
	}
}

/* NAME = zone : zone, as Debian's CHECK_RCPT_IP_DNSBLS and DirectAdmin's RBL_DNS_LIST (==: defined again) */
static void find_macro(struct entries *e, size_t at)
{
	struct span text = e->text;
	size_t end = at;
	while (end < text.len && (ascii_is_upper(text.at[end]) || ascii_is_digit(text.at[end]) || text.at[end] == '_'))
		end++;
	if (!memmem(text.at + at, end - at, "DNS", 3) && !memmem(text.at + at, end - at, "RBL", 3))
		return;
	end = explain_skip_blanks(text, end);
	if (end >= text.len || text.at[end] != '=')
		return;
	end += end + 1 < text.len && text.at[end + 1] == '=' ? 2 : 1;
	if (!memchr("\"'(", end < text.len ? text.at[end] : '(', 3)) /* a shell's variable */
		find_value(e, (struct entry){.keyword = "macro"}, end, explain_exim_line_end(text, at));
}

static struct span first_word(struct span text, size_t at)
{
	size_t start = explain_skip_blanks(text, at), end = start;
	while (end < text.len && list_zone_octet(text.at[end]))
		end++;
	return span_of(text.at + start, end - start);
}

/* @return whether it is a verb; what it does with what the condition finds goes to the entry */
static bool take_verb(struct span word, struct entry *e)
{
	bool refuses = span_equal(word, span_str("deny")) || span_equal(word, span_str("drop"));
	e->warns = span_equal(word, span_str("warn"));
	if (refuses && !e->negated)
		e->purpose = PURPOSE_BLOCK;
	return refuses || e->warns || span_equal(word, span_str("accept")) || span_equal(word, span_str("defer"));
}

/* The statement of a condition: the nearest verb before it. */
static void find_verb(struct span text, size_t at, struct entry *e)
{
	size_t before = at;
	while (before && (text.at[before - 1] == ' ' || text.at[before - 1] == '\t'))
		before--;
	e->negated = before && text.at[before - 1] == '!';
	for (int lines = 0; lines < STATEMENT_LINES_MAX; lines++) {
		while (at && text.at[at - 1] != '\n')
			at--;
		if (take_verb(first_word(text, at), e) || at == 0)
			return;
		at--;
	}
}

void entries_find_exim(struct entries *e)
{
	static const char word[] = "dnslists";
	struct span text = e->text;
	for (size_t at = explain_find_word(text, 0, word), end; at < text.len;
	     at = explain_find_word(text, end, word)) {
		struct entry like = {.keyword = word};
		size_t value = explain_skip_blanks(text, at + sizeof(word) - 1);
		end = at + 1;
		if (value >= text.len || text.at[value] != '=')
			continue;
		end = explain_exim_line_end(text, at);
		find_verb(text, at, &like);
		find_value(e, like, value + 1, end);
	}
	for (size_t at = 0; at < text.len; at = entry_line_end(text, at) + 1)
		if (ascii_is_upper(text.at[at]))
			find_macro(e, at);
}
