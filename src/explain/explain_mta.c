/* SPDX-License-Identifier: BSD-2-Clause */
/* Postfix (postconf(5): postscreen_dnsbl_sites, reject_rbl_client and its like) and Exim (dnslists). */
#include "base/ascii.h"
#include "explain/explain_parts.h"
#include "lists/list_zone.h"

static const struct restriction {
	const char *word;
	enum asks asks;
	enum purpose purpose;
} restrictions[] = {
	{"reject_rbl_client", ASKS_ADDRESSES, PURPOSE_BLOCK},
	{"reject_rhsbl_client", ASKS_NAMES, PURPOSE_BLOCK},
	{"reject_rhsbl_reverse_client", ASKS_NAMES, PURPOSE_BLOCK},
	{"reject_rhsbl_helo", ASKS_NAMES, PURPOSE_BLOCK},
	{"reject_rhsbl_sender", ASKS_NAMES, PURPOSE_BLOCK},
	{"reject_rhsbl_recipient", ASKS_NAMES, PURPOSE_BLOCK},
	{"permit_dnswl_client", ASKS_ADDRESSES, PURPOSE_WHITE},
	{"permit_rhswl_client", ASKS_NAMES, PURPOSE_WHITE},
};

static bool separates(uint8_t c)
{
	return ascii_is_space(c) || c == ',';
}

static size_t token_end(struct span text, size_t at)
{
	while (at < text.len && !separates(text.at[at]))
		at++;
	return at;
}

/* ZONE[=FILTER][*WEIGHT]; false: no zone. Template names (postscreen's and its kin) have no blanks. */
static bool split_zone(struct span text, size_t start, size_t end, struct entry *entry)
{
	struct span token = span_of(text.at + start, end - start);
	size_t equals = span_find(token, '='), star = span_find(token, '*');
	size_t zone_end = equals < star ? equals : star;
	entry->zone = span_of(token.at, zone_end);
	entry->filter = equals < token.len ? span_of(token.at + equals, (star < equals ? token.len : star) - equals)
					   : (struct span){0};
	entry->weight = span_from(token, star);
	if (entry->zone.len && entry->zone.at[entry->zone.len - 1] == '.')
		entry->zone.len--;
	return list_zone_is_likely(entry->zone);
}

/* The value of a parameter goes on where the next line begins with a blank. */
static size_t value_end(struct span text, size_t at)
{
	for (;;) {
		size_t end = entry_line_end(text, at), next = end + 1;
		if (next >= text.len)
			return text.len;
		if (text.at[next] != ' ' && text.at[next] != '\t')
			return end;
		at = next;
	}
}

static void postscreen_value(struct entries *e, size_t at, size_t end)
{
	struct span text = span_of(e->text.at, end);
	while (at < end) {
		struct entry entry = {.syntax = SYNTAX_POSTSCREEN,
				      .asks = ASKS_ADDRESSES,
				      .weighted = true,
				      .keyword = "postscreen_dnsbl_sites"};
		if (separates(text.at[at])) {
			at++;
			continue;
		}
		entry.start = at;
		entry.end = at = token_end(text, at);
		if (!split_zone(text, entry.start, entry.end, &entry))
			continue;
		entry.purpose = entry.weight.len > 1 && entry.weight.at[1] == '-' ? PURPOSE_WHITE : PURPOSE_BLOCK;
		entries_add(e, &entry);
	}
}

static void find_postscreen(struct entries *e)
{
	static const char word[] = "postscreen_dnsbl_sites";
	struct span text = e->text;
	for (size_t at = explain_find_word(text, 0, word), end; at < text.len;
	     at = explain_find_word(text, end, word)) {
		size_t value = explain_skip_blanks(text, at + sizeof(word) - 1);
		end = at + 1;
		if (value >= text.len || text.at[value] != '=')
			continue;
		end = value_end(text, value);
		postscreen_value(e, value + 1, end);
	}
}

static void find_restriction(struct entries *e, const struct restriction *r)
{
	struct span text = e->text;
	for (size_t at = explain_find_word(text, 0, r->word); at < text.len;
	     at = explain_find_word(text, at + 1, r->word)) {
		struct entry entry = {.syntax = SYNTAX_RESTRICTION,
				      .asks = r->asks,
				      .purpose = r->purpose,
				      .keyword = r->word,
				      .start = at};
		size_t zone = at + strlen(r->word);
		while (zone < text.len && separates(text.at[zone]))
			zone++;
		entry.end = token_end(text, zone);
		if (split_zone(text, zone, entry.end, &entry) && !entry.weight.len)
			entries_add(e, &entry);
	}
}

void entries_find_postfix(struct entries *e)
{
	find_postscreen(e);
	for (size_t i = 0; i < sizeof(restrictions) / sizeof(*restrictions); i++)
		find_restriction(e, &restrictions[i]);
}

/* Up to the next separator outside ${...}; a doubled one is a plain octet. */
static size_t exim_item_end(struct span text, size_t at, uint8_t separator)
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

/* ZONE[FILTER][/KEY], the key being what is asked instead of the client's address */
static void exim_item(struct entries *e, size_t value, size_t start, size_t end)
{
	struct entry entry = {.syntax = SYNTAX_EXIM, .asks = ASKS_ADDRESSES, .keyword = "dnslists", .value = value};
	struct span text = e->text;
	size_t at, slash;
	while (start < end && (ascii_is_space(text.at[start]) || text.at[start] == '\\'))
		start++;
	while (end > start && (ascii_is_space(text.at[end - 1]) || text.at[end - 1] == '\\'))
		end--;
	slash = start + span_find(span_of(text.at + start, end - start), '/');
	for (at = start; at < slash && !memchr("=&!", text.at[at], 3);)
		at++;
	entry.zone = span_trim(span_of(text.at + start, at - start));
	entry.filter = span_trim(span_of(text.at + at, slash - at));
	entry.asks = slash < end ? ASKS_NAMES : ASKS_ADDRESSES;
	if (slash < end && memmem(text.at + slash, end - slash, "address}", 8))
		entry.asks = ASKS_ANYTHING;
	entry.start = start;
	entry.end = end;
	if (list_zone_is_likely(entry.zone))
		entries_add(e, &entry);
}

static void exim_value(struct entries *e, size_t at, size_t end)
{
	struct span text = span_of(e->text.at, end);
	uint8_t separator = ':';
	size_t value = at;
	at = explain_skip_blanks(text, at);
	if (at + 1 < end && text.at[at] == '<') {
		separator = text.at[at + 1];
		at += 2;
	}
	while (at < end) {
		size_t item_end = exim_item_end(text, at, separator);
		exim_item(e, value, at, item_end);
		at = item_end + 1;
	}
}

void entries_find_exim(struct entries *e)
{
	static const char word[] = "dnslists";
	struct span text = e->text;
	for (size_t at = explain_find_word(text, 0, word), end; at < text.len;
	     at = explain_find_word(text, end, word)) {
		size_t value = explain_skip_blanks(text, at + sizeof(word) - 1);
		end = at + 1;
		if (value >= text.len || text.at[value] != '=')
			continue;
		end = entry_line_end(text, value);
		while (end + 1 < text.len && text.at[end - 1] == '\\')
			end = entry_line_end(text, end + 1);
		exim_value(e, value + 1, end);
	}
}
