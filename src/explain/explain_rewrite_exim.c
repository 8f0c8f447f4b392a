/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes with a list that goes out of Exim's dnslists: its separator; the whole statement where no list stays, for a
 * condition that is never true keeps the statement from ever holding, and without its condition it would always hold. */
#include <errno.h>

#include "base/ascii.h"
#include "explain/explain_rewrite.h"
#include "lists/list_zone.h"

enum { ITEMS_MAX = EXPLAIN_ITEMS_MAX, WORD_MAX = 32 };

static const char *const verbs[] = {"accept", "defer", "deny", "discard", "drop", "require", "warn"};

/* Conditions and modifiers that do nothing but hold or not: a statement may be left out with them. Others count
 * (ratelimit), set variables, write headers or lines, ask other servers: they act although a later condition fails. */
static const char *const harmless[] = {
	"authenticated", "dnslists", "domains",    "encrypted",      "hosts",   "local_parts",
	"log_message",   "message",  "recipients", "sender_domains", "senders",
};

static bool among(struct span word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_equal(word, span_str(words[i])))
			return true;
	return false;
}

static struct span word_at(struct span text, size_t at, size_t end)
{
	size_t from = at;
	while (at < end && list_zone_octet(text.at[at]))
		at++;
	return span_of(text.at + from, at - from);
}

static bool is_verb(struct span word)
{
	return among(word, verbs, sizeof(verbs) / sizeof(*verbs));
}

static struct span line_word(const struct rewriting *r, size_t line)
{
	const struct exim_line *l = &r->lines[line];
	return word_at(r->blank, explain_skip_blanks(r->blank, l->start), l->end);
}

/* A label of an ACL, or "begin ...": where an ACL begins and ends. */
static bool is_border(const struct rewriting *r, size_t line)
{
	struct span word = line_word(r, line);
	size_t after = explain_skip_blanks(r->blank, (size_t)(word.at - r->blank.at) + word.len);
	return span_equal(word, span_str("begin")) ||
	       (word.len && after < r->lines[line].end && r->blank.at[after] == ':');
}

static bool read_lines(struct rewriting *r)
{
	size_t count = 1;
	if (r->lines)
		return true;
	for (size_t at = 0; at < r->blank.len; at = entry_line_end(r->blank, at) + 1)
		count++;
	r->lines = arena_alloc(r->arena, count, sizeof(*r->lines));
	if (!r->lines) {
		r->error = -ENOMEM;
		return false;
	}
	for (size_t at = explain_exim_line_next(r->blank, 0); at < r->blank.len;) {
		struct exim_line l = {at, explain_exim_line_end(r->blank, at)};
		r->lines[r->line_count++] = l;
		at = explain_exim_line_next(r->blank, l.end + 1);
	}
	return true;
}

static size_t line_of(const struct rewriting *r, size_t at)
{
	size_t low = 0, high = r->line_count;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (r->lines[middle].start <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

struct statement {
	size_t first, last; /* lines */
};

/* false: the line is in none */
static bool statement_of(const struct rewriting *r, size_t line, struct statement *ret_statement)
{
	struct statement s = {line, line};
	while (!is_verb(line_word(r, s.first))) {
		if (s.first == 0 || is_border(r, s.first))
			return false;
		s.first--;
	}
	while (s.last + 1 < r->line_count && !is_verb(line_word(r, s.last + 1)) && !is_border(r, s.last + 1))
		s.last++;
	/* what is said to the reader of the file (.ifdef, .endif) behind it is not the statement's */
	while (s.last > line && r->blank.at[explain_skip_blanks(r->blank, r->lines[s.last].start)] == '.')
		s.last--;
	*ret_statement = s;
	return true;
}

/* Where the condition of a line begins: behind the verb, on its line. */
static size_t condition_start(const struct rewriting *r, size_t line)
{
	size_t at = explain_skip_blanks(r->blank, r->lines[line].start);
	struct span word = word_at(r->blank, at, r->lines[line].end);
	return is_verb(word) ? explain_skip_blanks(r->blank, at + word.len) : at;
}

/* What a line of a statement is; a negated one by its name too. Empty: none that is known to be one. */
static struct span condition_name(const struct rewriting *r, size_t line, bool *ret_negated)
{
	size_t at = condition_start(r, line), end = r->lines[line].end;
	*ret_negated = at < end && r->blank.at[at] == '!';
	if (*ret_negated)
		at = explain_skip_blanks(r->blank, at + 1);
	return word_at(r->blank, at, end);
}

/* Every line must be seen through: no macro, which may be anything, and no .ifdef between them. */
static bool is_plain(const struct rewriting *r, const struct statement *s, size_t condition)
{
	for (size_t line = s->first; line <= s->last; line++) {
		bool negated;
		struct span name = condition_name(r, line, &negated);
		bool alone = name.len == 0 && line == s->first && condition_start(r, line) >= r->lines[line].end;
		if (alone)
			continue;
		if (name.len == 0 || !ascii_is_alpha(name.at[0]) || ascii_is_upper(name.at[0]))
			return false;
		if (line <= condition && !among(name, harmless, sizeof(harmless) / sizeof(*harmless)))
			return false;
	}
	return true;
}

/* An ACL without a statement is another thing than one that never holds. */
static bool has_company(const struct rewriting *r, const struct statement *s)
{
	for (size_t line = s->first; line-- > 0 && !is_border(r, line);)
		if (is_verb(line_word(r, line)))
			return true;
	for (size_t line = s->last + 1; line < r->line_count && !is_border(r, line); line++)
		if (is_verb(line_word(r, line)))
			return true;
	return false;
}

static bool is_gone(const struct rewriting *r, size_t start)
{
	size_t low = 0, high = r->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (r->judged[middle].entry->start < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->count && r->judged[low].entry->start == start && r->judged[low].item->remove;
}

bool rewrite_exim_keeps_any(const struct rewriting *r, const struct entry *e)
{
	struct exim_items items = explain_exim_items_of(r->blank, e->value, e->value_end);
	while (explain_exim_next_item(&items))
		if (items.end > items.start && r->blank.at[items.start] != '+' && !is_gone(r, items.start))
			return true;
	return false;
}

/* All lists of the statement go: those of a second condition too. */
static bool all_go(const struct rewriting *r, const struct statement *s)
{
	for (size_t line = s->first; line <= s->last; line++) {
		const struct exim_line *l = &r->lines[line];
		bool negated;
		struct span name = condition_name(r, line, &negated);
		size_t value = explain_skip_blanks(r->blank, (size_t)(name.at - r->blank.at) + name.len);
		struct entry e = {.value = value + 1, .value_end = l->end};
		if (span_equal(name, span_str("dnslists")) && (negated || rewrite_exim_keeps_any(r, &e)))
			return false;
	}
	return true;
}

/* Whether a statement of which a condition is never true can be left out with nothing else changed. */
static bool can_drop(struct rewriting *r, const struct entry *e)
{
	struct statement s;
	size_t line;
	bool negated;
	if (!read_lines(r))
		return false;
	line = line_of(r, e->value);
	if (!span_equal(condition_name(r, line, &negated), span_str("dnslists")) || negated)
		return false;
	return statement_of(r, line, &s) && !span_equal(line_word(r, s.first), span_str("require")) &&
	       is_plain(r, &s, line) && all_go(r, &s) && has_company(r, &s);
}

bool rewrite_exim_can(struct rewriting *r, const struct judged *j)
{
	const struct entry *e = j->entry;
	if (e->nested || memchr(r->blank.at + e->start, '\n', e->end - e->start))
		return false;
	if (!j->item->remove || rewrite_exim_keeps_any(r, e))
		return true;
	return strcmp(e->keyword, "dnslists") == 0 && can_drop(r, e);
}

static void mark_statement(struct rewriting *r, const struct entry *e)
{
	struct statement s;
	if (!read_lines(r) || !statement_of(r, line_of(r, e->value), &s))
		return;
	for (size_t line = s.first; line <= s.last; line++)
		for (size_t at = r->lines[line].start; at <= r->lines[line].end && at < r->text.len;) {
			size_t end = entry_line_end(r->blank, at);
			if (span_trim(span_of(r->blank.at + at, end - at)).len) /* comments stay */
				rewrite_mark(r, at, end < r->text.len ? end + 1 : end);
			at = end + 1;
		}
}

struct item {
	size_t start, end, joint;
	bool kept;
};

static bool one_line(const struct rewriting *r, size_t from, size_t to)
{
	return from <= to && !memchr(r->text.at + from, '\n', to - from);
}

/* Of the separators between two that stay, one does: that of the first one's line, else that of the second one's. */
static void mark_joints(struct rewriting *r, const struct item *items, size_t first, size_t second)
{
	size_t keep = one_line(r, items[first].end, items[first].joint) ? first : second - 1;
	for (size_t i = first; i < second; i++)
		if (i != keep)
			r->gone[items[i].joint] = true;
}

static void mark_items(struct rewriting *r, const struct item *items, size_t count, size_t end)
{
	size_t last = count;
	for (size_t i = 0; i < count; i++) {
		if (!items[i].kept) {
			rewrite_mark(r, items[i].start, items[i].end);
			continue;
		}
		for (size_t before = 0; last == count && before < i; before++)
			r->gone[items[before].joint] = true;
		if (last < count)
			mark_joints(r, items, last, i);
		last = i;
	}
	for (size_t i = last; last + 1 < count && i < count; i++)
		if (items[i].joint < end)
			r->gone[items[i].joint] = true;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* The blanks around what goes: those behind it; at the end of a line those before it, but for one before a backslash. */
static void tidy_line(struct rewriting *r, size_t from, size_t to)
{
	for (size_t at = from; at < to; at++) {
		size_t start = at;
		if (!r->gone[at])
			continue;
		while (at < to && (r->gone[at] || is_blank(r->text.at[at])))
			r->gone[at++] = true;
		if (at < to && r->text.at[at] != '\\' && r->text.at[at] != '\r')
			continue;
		while (start > from && (r->gone[start - 1] || is_blank(r->text.at[start - 1])))
			r->gone[--start] = true;
		if (at < to && r->text.at[at] == '\\' && is_blank(r->text.at[start]))
			r->gone[start] = false;
	}
}

static bool keeps_any(const struct rewriting *r, size_t from, size_t to)
{
	for (size_t at = from; at < to; at++)
		if (!r->gone[at] && !ascii_is_space(r->blank.at[at]) && r->blank.at[at] != '\\')
			return true;
	return false;
}

/* The backslash of what is now the last line would take the next statement in. */
static void tidy_end(struct rewriting *r, size_t from, size_t to)
{
	size_t at = to;
	while (at > from && (r->gone[at - 1] || ascii_is_space(r->blank.at[at - 1])))
		at--;
	if (at == from || at == to || r->blank.at[at - 1] != '\\')
		return;
	while (at > from && (r->gone[at - 1] || r->blank.at[at - 1] == '\\' || is_blank(r->blank.at[at - 1])))
		r->gone[--at] = true;
}

static void tidy(struct rewriting *r, const struct entry *e)
{
	size_t first = e->value;
	for (size_t at = e->value; at < e->value_end;) {
		size_t end = entry_line_end(r->blank, at);
		end = end < e->value_end ? end : e->value_end;
		if (rewrite_any_gone(r, at, end) && at > first && !keeps_any(r, at, end))
			rewrite_mark(r, at, end < r->text.len ? end + 1 : end);
		else if (rewrite_any_gone(r, at, end))
			tidy_line(r, at, end);
		at = end + 1;
	}
	tidy_end(r, e->value, e->value_end);
}

void rewrite_exim_mark(struct rewriting *r, const struct entry *e)
{
	struct exim_items items = explain_exim_items_of(r->blank, e->value, e->value_end);
	struct item *all;
	size_t count = 0;
	if (!rewrite_exim_keeps_any(r, e)) {
		mark_statement(r, e);
		return;
	}
	all = arena_alloc(r->arena, e->value_end - e->value + 1, sizeof(*all));
	if (!all) {
		r->error = -ENOMEM;
		return;
	}
	while (explain_exim_next_item(&items))
		all[count++] = (struct item){items.start, items.end, items.joint,
					     items.end > items.start && !is_gone(r, items.start)};
	mark_items(r, all, count, e->value_end);
	tidy(r, e);
}
