/* SPDX-License-Identifier: BSD-2-Clause */
/* rspamd (rbl.conf), SpamAssassin (rules) and the list files of checking tools. */
#include <errno.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "explain/explain_parts.h"
#include "lists/list_zone.h"

enum { BLOCK_OCTETS_MAX = 8192 }; /* how far a rspamd block is looked at around its rbl line */

/* Whether the { } around `at` has the word. */
static bool block_has(struct span text, size_t at, const char *word)
{
	size_t from = at, to = at, least = at > BLOCK_OCTETS_MAX ? at - BLOCK_OCTETS_MAX : 0;
	size_t most = text.len - at > BLOCK_OCTETS_MAX ? at + BLOCK_OCTETS_MAX : text.len;
	int depth = 0;
	while (from > least && !(text.at[from - 1] == '{' && depth == 0)) {
		depth += text.at[from - 1] == '}' ? 1 : text.at[from - 1] == '{' ? -1 : 0;
		from--;
	}
	depth = 0;
	while (to < most && !(text.at[to] == '}' && depth == 0)) {
		depth += text.at[to] == '{' ? 1 : text.at[to] == '}' ? -1 : 0;
		to++;
	}
	return memmem(text.at + from, to - from, word, strlen(word)) != NULL;
}

/* `= "value"` at `at`, closed in its line or not. @return where it ends; 0: none stands there */
static size_t rspamd_value(struct span text, size_t at, struct span *ret_value)
{
	size_t quote = explain_skip_blanks(text, at), end;
	if (quote < text.len && text.at[quote] == '"') /* "rbl": of JSON */
		quote = explain_skip_blanks(text, quote + 1);
	if (quote >= text.len || (text.at[quote] != '=' && text.at[quote] != ':'))
		return 0;
	quote = explain_skip_blanks(text, quote + 1);
	if (quote >= text.len || (text.at[quote] != '"' && text.at[quote] != '\''))
		return 0;
	end = quote + 1;
	while (end < text.len && text.at[end] != text.at[quote] && text.at[end] != '\n')
		end++;
	*ret_value = span_of(text.at + quote + 1, end - quote - 1);
	return end < text.len && text.at[end] != '\n' ? end + 1 : end;
}

static void rspamd_line(struct entries *e, size_t at, size_t len)
{
	struct span text = e->text;
	struct entry entry = {.syntax = SYNTAX_RSPAMD, .weighted = true, .keyword = "rbl", .start = at};
	entry.end = rspamd_value(text, at + len, &entry.zone);
	if (!entry.end)
		return;
	if (entry.end < text.len && text.at[entry.end] == ';')
		entry.end++;
	if (e->error || !list_zone_is_likely(entry.zone))
		return;
	entry.filtered = block_has(text, at, "returncodes") || block_has(text, at, "returnbits");
	entry.hashed = block_has(text, at, "hash");
	entries_add(e, &entry);
}

/* The quoted argument from `at` on; the position after it, or text.len. */
static size_t quoted(struct span line, size_t at, struct span *ret_text)
{
	size_t start, end;
	while (at < line.len && line.at[at] != '\'' && line.at[at] != '"' && line.at[at] != ')')
		at++;
	*ret_text = (struct span){0};
	if (at >= line.len || line.at[at] == ')')
		return line.len;
	start = at + 1;
	for (end = start; end < line.len && line.at[end] != line.at[at];)
		end++;
	*ret_text = span_of(line.at + start, end - start);
	return end < line.len ? end + 1 : line.len;
}

static struct span word_of(struct span line, size_t number)
{
	for (size_t at = 0; at < line.len;) {
		size_t end;
		while (at < line.len && ascii_is_space(line.at[at]))
			at++;
		for (end = at; end < line.len && !ascii_is_space(line.at[end]);)
			end++;
		if (number-- == 0)
			return span_of(line.at + at, end - at);
		at = end;
	}
	return (struct span){0};
}

/* The dot at its end stays in the text. */
static void add_zone(struct entries *e, struct entry *entry)
{
	if (!list_zone_is_likely(entry->zone))
		return;
	if (entry->zone.at[entry->zone.len - 1] == '.')
		entry->zone.len--;
	entries_add(e, entry);
}

/* Another rule asks for codes of the same set: check_rbl_sub('SET', 'CODE'). */
static bool has_subs(struct span text, struct span set)
{
	static const char word[] = "check_rbl_sub";
	for (size_t at = explain_find_word(text, 0, word); set.len && at < text.len;
	     at = explain_find_word(text, at + 1, word)) {
		struct span line = span_of(text.at + at, entry_line_end(text, at) - at), first;
		quoted(line, 0, &first);
		if (span_equal(first, set))
			return true;
	}
	return false;
}

static void assassin_eval(struct entries *e, size_t start, struct span line)
{
	static const char word[] = "check_rbl";
	const uint8_t *hit = memmem(line.at, line.len, word, sizeof(word) - 1);
	struct entry entry = {.syntax = SYNTAX_SPAMASSASSIN,
			      .weighted = true,
			      .keyword = word,
			      .start = start,
			      .end = start + line.len,
			      .name = word_of(line, 1)};
	struct span set, third;
	size_t at;
	if (!hit || !memchr(hit, '(', line.len - (size_t)(hit - line.at)))
		return;
	at = quoted(line, (size_t)(hit - line.at), &set);
	at = quoted(line, at, &entry.zone);
	quoted(line, at, &third);
	entry.filtered = third.len > 0 || has_subs(e->text, set);
	at = (size_t)(hit - line.at) + sizeof(word) - 1;
	entry.asks = line.at[at] == '(' || (line.len - at > 4 && memcmp(line.at + at, "_txt", 4) == 0) ? ASKS_ADDRESSES
												       : ASKS_NAMES;
	add_zone(e, &entry);
}

static void assassin_uri(struct entries *e, size_t start, struct span line)
{
	static const char *const words[] = {"urirhsbl",       "urirhssub",       "urinsrhsbl", "urinsrhssub",
					    "urifullnsrhsbl", "urifullnsrhssub", "uridnsbl",   "uridnssub"};
	struct span first = word_of(line, 0);
	struct entry entry = {.syntax = SYNTAX_SPAMASSASSIN,
			      .weighted = true,
			      .start = start,
			      .end = start + line.len,
			      .name = word_of(line, 1),
			      .zone = word_of(line, 2)};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (span_equal(first, span_str(words[i])))
			entry.keyword = words[i];
	if (!entry.keyword)
		return;
	entry.asks = strncmp(entry.keyword, "uridns", 6) == 0 ? ASKS_ADDRESSES : ASKS_NAMES;
	entry.filtered = strstr(entry.keyword, "sub") != NULL;
	add_zone(e, &entry);
}

void entries_find_filters(struct entries *e)
{
	struct span text = e->text;
	for (size_t at = explain_find_word(text, 0, "rbl"); at < text.len; at = explain_find_word(text, at + 1, "rbl"))
		rspamd_line(e, at, 3);
	for (size_t at = 0; at < text.len; at = entry_line_end(text, at) + 1) {
		struct span line = span_of(text.at + at, entry_line_end(text, at) - at);
		assassin_eval(e, at, line);
		assassin_uri(e, at, line);
	}
}

static bool server_line(struct entries *e, size_t start, struct span line)
{
	size_t at = explain_skip_blanks(line, 0), equals;
	struct entry entry = {.syntax = SYNTAX_SERVER, .keyword = "server", .start = start, .end = start + line.len};
	if (line.len - at < 7 || memcmp(line.at + at, "server", 6) != 0)
		return false;
	equals = explain_skip_blanks(line, at + 6);
	if (equals >= line.len || line.at[equals] != '=')
		return false;
	entry.zone = word_of(span_from(line, equals + 1), 0);
	add_zone(e, &entry);
	return true;
}

static bool plain_line(struct span line, struct span *ret_zone)
{
	struct span word = word_of(line, 0);
	if (word.len && word.at[0] == ';') /* a comment */
		return false;
	while (word.len && strchr("\"',;", word.at[0]))
		word = span_from(word, 1);
	while (word.len && strchr("\"',;", word.at[word.len - 1]))
		word.len--;
	*ret_zone = word;
	return list_zone_is_likely(word);
}

/* A text whose lines all begin with a zone (two of them at least): blcheck, rblcheck and their like. */
static bool is_plain_list(struct span text)
{
	size_t zones = 0, others = 0;
	for (size_t at = 0; at < text.len; at = entry_line_end(text, at) + 1) {
		struct span line = span_trim(span_of(text.at + at, entry_line_end(text, at) - at)), zone;
		if (line.len == 0 || line.at[0] == ';')
			continue;
		if (plain_line(line, &zone))
			zones++;
		else
			others++;
	}
	/* a shell variable around them, a heading */
	return zones >= 2 && others * 4 <= zones;
}

void entries_find_lines(struct entries *e)
{
	struct span text = e->text;
	bool server = false, plain;
	for (size_t at = 0; at < text.len; at = entry_line_end(text, at) + 1)
		server |= server_line(e, at, span_of(text.at + at, entry_line_end(text, at) - at));
	plain = !server && e->count == 0 && is_plain_list(text);
	for (size_t at = 0; plain && at < text.len; at = entry_line_end(text, at) + 1) {
		struct span line = span_of(text.at + at, entry_line_end(text, at) - at), zone;
		struct entry entry = {
			.syntax = SYNTAX_PLAIN, .keyword = "list file", .start = at, .end = at + line.len};
		if (!plain_line(line, &zone))
			continue;
		entry.zone = zone;
		entries_add(e, &entry);
	}
}

static int by_start(const void *a, const void *b)
{
	const struct entry *left = *(const struct entry *const *)a, *right = *(const struct entry *const *)b;
	return left->start < right->start ? -1 : left->start > right->start;
}

/* In the order of the text; of two that overlap the first one counts. */
static void sort(struct entries *e)
{
	struct entry **order = arena_alloc(e->arena, e->count, sizeof(*order));
	size_t n = 0, end = 0;
	if (!order) {
		e->error = -ENOMEM;
		return;
	}
	for (struct entry *at = e->first; at; at = at->next)
		order[n++] = at;
	if (n)
		qsort(order, n, sizeof(*order), by_start);
	e->first = NULL;
	e->last = &e->first;
	e->count = 0;
	for (size_t i = 0; i < n; i++) {
		if (i && order[i]->start < end)
			continue;
		*e->last = order[i];
		order[i]->next = NULL;
		e->last = &order[i]->next;
		end = order[i]->end;
		e->count++;
	}
}

void entries_find(struct entries *e)
{
	struct span text;
	e->error = explain_blank_comments(e->arena, e->text, "#", &text);
	if (e->error)
		return;
	e->text = text;
	e->last = &e->first;
	entries_find_postfix(e);
	entries_find_exim(e);
	entries_find_filters(e);
	entries_find_more(e);
	entries_find_lines(e);
	if (!e->error)
		sort(e);
}
