/* SPDX-License-Identifier: BSD-2-Clause */
/* Postfix (postconf(5): postscreen_dnsbl_sites, reject_rbl_client and its like), as its own reader takes the text: a line
 * that begins with a blank goes on with the one before it, empty lines and comments between them or not; nothing else
 * does. The names of restrictions are taken in any case. */
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

static const char postscreen_sites[] = "postscreen_dnsbl_sites";

bool explain_postfix_separates(uint8_t c)
{
	return ascii_is_space(c) || c == ',';
}

/* Quotes are no separators of Postfix, but stand around its words in shells, JSON, YAML and Nix. */
static bool quotes(uint8_t c)
{
	return c == '"' || c == '\'' || c == '\\';
}

static size_t token_end(struct span text, size_t at)
{
	for (int depth = 0; at < text.len && !explain_postfix_separates(text.at[at]) && !quotes(text.at[at]); at++) {
		depth += text.at[at] == '[' ? 1 : text.at[at] == ']' ? -1 : 0;
		if (depth < 0) /* of a list around it */
			break;
	}
	return at;
}

/* ZONE[=FILTER][*WEIGHT]; false: no zone. Template names (postscreen's and its kin) have no blanks. */
static bool split_zone(struct span text, size_t start, size_t end, struct entry *entry)
{
	struct span token = span_of(text.at + start, end - start);
	size_t equals = span_find(token, '='), star = span_find(token, '*');
	size_t zone_end = equals < star ? equals : star;
	entry->zone = span_of(token.at, zone_end);
	entry->filter = equals < star ? span_of(token.at + equals, star - equals) : (struct span){0};
	entry->weight = span_from(token, star);
	if (entry->zone.len && entry->zone.at[entry->zone.len - 1] == '.')
		entry->zone.len--;
	return list_zone_is_likely(entry->zone);
}

static bool line_is_blank(struct span text, size_t at)
{
	size_t end = entry_line_end(text, at);
	return span_trim(span_of(text.at + at, end - at)).len == 0;
}

size_t explain_postfix_value_end(struct span blank, size_t at)
{
	for (;;) {
		size_t end = entry_line_end(blank, at), next = end + 1;
		while (next < blank.len && line_is_blank(blank, next))
			next = entry_line_end(blank, next) + 1;
		if (next >= blank.len || (blank.at[next] != ' ' && blank.at[next] != '\t'))
			return end;
		at = next;
	}
}

/* The first line of the parameter: what begins with a blank goes on; comments are blank already. */
static size_t parameter_start(struct span blank, size_t at)
{
	for (;;) {
		while (at && blank.at[at - 1] != '\n')
			at--;
		if (at == 0 || (at < blank.len && !ascii_is_space(blank.at[at])))
			return at;
		at--;
	}
}

static size_t name_end(struct span text, size_t at)
{
	while (at < text.len && list_zone_octet(text.at[at]))
		at++;
	return at;
}

/* "-o NAME=VALUE" of master.cf: VALUE has no blank. */
static bool find_option(struct span blank, struct entry *e)
{
	size_t start = e->start, end, before;
	while (start && !ascii_is_space(blank.at[start - 1]))
		start--;
	for (before = start; before && (blank.at[before - 1] == ' ' || blank.at[before - 1] == '\t');)
		before--;
	if (before == start || before < 3 || memcmp(blank.at + before - 2, "-o", 2) != 0 ||
	    !ascii_is_space(blank.at[before - 3]))
		return false;
	end = name_end(blank, start);
	if (end == start || end >= e->start || blank.at[end] != '=')
		return false;
	e->home = span_of(blank.at + start, end - start);
	e->value = end + 1;
	for (end = e->value; end < blank.len && !ascii_is_space(blank.at[end]);)
		end++;
	e->value_end = end;
	return e->end <= e->value_end;
}

/* The parameter whose value the entry is in; home stays empty where none is seen. */
static void find_home(struct span blank, struct entry *e)
{
	size_t start = parameter_start(blank, e->start), end = name_end(blank, start);
	size_t equals = explain_skip_blanks(blank, end);
	if (find_option(blank, e))
		return;
	if (end == start || equals >= e->start || blank.at[equals] != '=')
		return;
	e->home = span_of(blank.at + start, end - start);
	e->value = equals + 1;
	e->value_end = explain_postfix_value_end(blank, equals);
}

static struct span word_before(struct span blank, size_t at)
{
	size_t end = at, start;
	while (end && explain_postfix_separates(blank.at[end - 1]))
		end--;
	for (start = end; start && list_zone_octet(blank.at[start - 1]);)
		start--;
	return span_of(blank.at + start, end - start);
}

/*
 * The words before a restriction that are said of it and go with it. defer_if_reject is none: seen on Postfix 3.7, it makes
 * every later refusal of its list temporary, whatever stands behind it.
 */
static void find_prefix(struct span blank, struct entry *e)
{
	size_t least = e->home.len ? e->value : 0;
	e->prefix = e->start;
	for (;;) {
		struct span word = word_before(blank, e->prefix);
		size_t at = (size_t)(word.at - blank.at);
		if (at >= least && span_equal_nocase(word, span_str("defer_if_reject")))
			e->behind_defer = true;
		if (at < least || !span_equal_nocase(word, span_str("warn_if_reject")))
			return;
		e->warns = true;
		e->prefix = at;
	}
}

static void postscreen_value(struct entries *e, size_t at, size_t end)
{
	struct span text = span_of(e->text.at, end);
	while (at < end) {
		struct entry entry = {.syntax = SYNTAX_POSTSCREEN,
				      .asks = ASKS_ADDRESSES,
				      .weighted = true,
				      .keyword = postscreen_sites};
		if (explain_postfix_separates(text.at[at]) || quotes(text.at[at]) || memchr("[]", text.at[at], 2)) {
			at++;
			continue;
		}
		entry.start = entry.prefix = at;
		entry.end = at = token_end(text, at);
		if (!split_zone(text, entry.start, entry.end, &entry))
			continue;
		entry.purpose = entry.weight.len > 1 && entry.weight.at[1] == '-' ? PURPOSE_WHITE : PURPOSE_BLOCK;
		find_home(e->text, &entry);
		entries_add(e, &entry);
	}
}

/* Where a list in brackets ends (JSON, Nix, YAML's short form). */
static size_t bracket_end(struct span text, size_t at)
{
	for (int depth = 0; at < text.len; at++) {
		depth += text.at[at] == '[' ? 1 : text.at[at] == ']' ? -1 : 0;
		if (depth == 0)
			return at;
	}
	return at;
}

static size_t indent_of(struct span text, size_t line)
{
	return explain_skip_blanks(text, line) - line;
}

/* Where YAML's value ends: at a line that is not indented more, and is no item of the list. */
static size_t yaml_end(struct span text, size_t key)
{
	size_t start = key, indent, end = entry_line_end(text, key);
	while (start && text.at[start - 1] != '\n')
		start--;
	indent = indent_of(text, start);
	for (size_t next = end + 1; next < text.len; next = end + 1) {
		size_t in = indent_of(text, next);
		bool item = in == indent && next + in < text.len && text.at[next + in] == '-';
		if (!line_is_blank(text, next) && in <= indent && !item)
			break;
		end = entry_line_end(text, next);
	}
	return end;
}

/* The value of what looks like the parameter: behind "=", or behind ":" in another program's file. */
static size_t find_sites(struct span text, size_t at, size_t *ret_end)
{
	size_t mark = at + sizeof(postscreen_sites) - 1, value;
	while (mark < text.len && (text.at[mark] == ' ' || text.at[mark] == '\t' || quotes(text.at[mark])))
		mark++;
	if (mark >= text.len || (text.at[mark] != '=' && text.at[mark] != ':'))
		return 0;
	value = explain_skip_blanks(text, mark + 1);
	if (value < text.len && text.at[value] == '[')
		*ret_end = bracket_end(text, value);
	else
		*ret_end = text.at[mark] == '=' ? explain_postfix_value_end(text, mark) : yaml_end(text, at);
	return mark + 1;
}

static void find_postscreen(struct entries *e)
{
	struct span text = e->text;
	size_t end = 0;
	for (const uint8_t *hit; end < text.len; end++) {
		size_t at, value;
		hit = memmem(text.at + end, text.len - end, postscreen_sites, sizeof(postscreen_sites) - 1);
		if (!hit)
			return;
		at = (size_t)(hit - text.at);
		end = at;
		if (at && list_zone_octet(text.at[at - 1]) && text.at[at - 1] != '.')
			continue;
		value = find_sites(text, at, &end);
		if (value)
			postscreen_value(e, value, end);
	}
}

/* postconf(5): the word behind it is its list's name, whatever word that is. */
static bool is_restriction(struct span word)
{
	static const char *const others[] = {"permit", "reject", "defer"};
	static const char *const begins[] = {"permit_", "reject_", "check_", "warn_if_reject", "defer_"};
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (span_equal(word, span_str(others[i])))
			return true;
	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (span_starts(word, begins[i]))
			return true;
	return false;
}

/* The last word of its value: postconf(5) wants a name behind it. */
static bool ends_value(struct span blank, struct entry *e, size_t next)
{
	find_home(blank, e);
	return e->home.len > 0 && next >= e->value_end;
}

static void restriction_at(struct entries *e, const struct restriction *r, size_t at)
{
	struct span text = e->text;
	struct entry entry = {
		.syntax = SYNTAX_RESTRICTION, .asks = r->asks, .purpose = r->purpose, .keyword = r->word, .start = at};
	size_t zone = at + strlen(r->word);
	while (zone < text.len && explain_postfix_separates(text.at[zone]))
		zone++;
	entry.end = at + strlen(r->word);
	if (ends_value(text, &entry, zone)) {
		entry.nameless = true;
		entry.zone = span_of(text.at + entry.end, 0);
		find_prefix(text, &entry);
		entries_add(e, &entry);
		return;
	}
	entry.end = token_end(text, zone);
	if (!split_zone(text, zone, entry.end, &entry) && !is_restriction(span_of(text.at + zone, entry.end - zone)))
		return;
	find_home(text, &entry);
	entry.nameless = entry.home.len && !list_zone_is_likely(entry.zone);
	if (!entry.nameless && !list_zone_is_likely(entry.zone))
		return;
	find_prefix(text, &entry);
	entries_add(e, &entry);
}

static const struct restriction *restriction_of(struct span word)
{
	for (size_t i = 0; i < sizeof(restrictions) / sizeof(*restrictions); i++)
		if (span_equal_nocase(word, span_str(restrictions[i].word)))
			return &restrictions[i];
	return NULL;
}

void entries_find_postfix(struct entries *e)
{
	struct span text = e->text;
	find_postscreen(e);
	for (size_t at = 0; at < text.len;) {
		size_t end = name_end(text, at);
		const struct restriction *r = end > at ? restriction_of(span_of(text.at + at, end - at)) : NULL;
		if (r)
			restriction_at(e, r, at);
		at = end > at ? end : at + 1;
	}
}
