/* SPDX-License-Identifier: BSD-2-Clause */
/* The text again, without the entries that have to go, with others changed, and all else octet for octet as it was.
 * Which octets go is marked first; here is what holds for Postfix. */
#include "explain/explain_rewrite.h"

#include <errno.h>

#include "base/ascii.h"

enum { REWRITTEN_OCTETS_MAX = 8 * EXPLAIN_OCTETS_MAX };

/* Parameters that are lists of restrictions and nothing else: an empty one restricts nothing. */
static const char *const restriction_lists[] = {
	"smtpd_client_restrictions",      "smtpd_helo_restrictions",      "smtpd_sender_restrictions",
	"smtpd_relay_restrictions",       "smtpd_recipient_restrictions", "smtpd_data_restrictions",
	"smtpd_end_of_data_restrictions", "smtpd_etrn_restrictions",
};

static bool may_be_empty(const struct entry *e)
{
	if (e->syntax == SYNTAX_POSTSCREEN)
		return span_equal(e->home, span_str(e->keyword));
	for (size_t i = 0; i < sizeof(restriction_lists) / sizeof(*restriction_lists); i++)
		if (span_equal(e->home, span_str(restriction_lists[i])))
			return true;
	return false;
}

static bool has_any(struct span s, const char *octets)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] && strchr(octets, s.at[i]))
			return true;
	return false;
}

/* Whether words of the value stay when all entries go that have to. */
static bool postfix_keeps_any(const struct rewriting *r, const struct entry *e)
{
	size_t at = e->value;
	for (size_t i = 0; i < r->count; i++) {
		const struct entry *gone = r->judged[i].entry;
		if (gone->value != e->value || !r->judged[i].item->remove)
			continue;
		for (; at < gone->prefix; at++)
			if (!explain_postfix_separates(r->blank.at[at]))
				return true;
		at = gone->end;
	}
	for (; at < e->value_end; at++)
		if (!explain_postfix_separates(r->blank.at[at]))
			return true;
	return false;
}

static bool postfix_can(const struct rewriting *r, const struct judged *j)
{
	const struct entry *e = j->entry;
	if (e->home.len == 0 || e->end > e->value_end)
		return false;
	if (j->item->remove && e->behind_defer) /* was it meant for this entry, or for all behind it? */
		return false;
	/* braces group words, quotes are another program's: what is one entry there is not known here */
	if (has_any(span_of(r->blank.at + e->value, e->value_end - e->value), "{}\"'"))
		return false;
	for (size_t i = 0; i < e->home.len; i++)
		if (ascii_is_upper(e->home.at[i])) /* a variable of something else */
			return false;
	return !j->item->remove || may_be_empty(e) || postfix_keeps_any(r, e);
}

bool rewrite_can(struct rewriting *r, const struct judged *j)
{
	if (j->hand)
		return false;
	if (j->entry->syntax == SYNTAX_EXIM)
		return rewrite_exim_can(r, j);
	return (j->entry->syntax == SYNTAX_POSTSCREEN || j->entry->syntax == SYNTAX_RESTRICTION) && postfix_can(r, j);
}

/* The octets of the entry's words; comments between them are blank, and stay. */
static void mark_words(struct rewriting *r, const struct entry *e)
{
	for (size_t at = e->prefix; at < e->end; at++)
		r->gone[at] = !explain_postfix_separates(r->blank.at[at]);
}

bool rewrite_any_gone(const struct rewriting *r, size_t from, size_t to)
{
	return memchr(r->gone + from, 1, to - from) != NULL; /* a bool that is true is 1 */
}

void rewrite_mark(struct rewriting *r, size_t from, size_t to)
{
	memset(r->gone + from, true, to - from);
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* The separators behind what goes, and before it where it was the last of its line. */
static void tidy_line(struct rewriting *r, size_t from, size_t to)
{
	while (to > from && r->text.at[to - 1] == '\r')
		to--;
	for (size_t at = from; at < to; at++) {
		size_t start = at;
		if (!r->gone[at])
			continue;
		while (at < to && (r->gone[at] || is_blank(r->text.at[at]) || r->text.at[at] == ','))
			r->gone[at++] = true;
		while (at == to && start > from && is_blank(r->text.at[start - 1]))
			r->gone[--start] = true;
	}
}

static bool keeps_word(const struct rewriting *r, size_t from, size_t to)
{
	for (size_t at = from; at < to; at++)
		if (!r->gone[at] && !explain_postfix_separates(r->blank.at[at]))
			return true;
	return false;
}

/* The comma behind what is now the last word, if the last one went. */
static void tidy_end(struct rewriting *r, const struct entry *e)
{
	size_t at = e->value_end;
	while (at > e->value && explain_postfix_separates(r->blank.at[at - 1]))
		at--;
	if (at == e->value || !r->gone[at - 1])
		return;
	while (at > e->value && (r->gone[at - 1] || explain_postfix_separates(r->blank.at[at - 1])))
		at--;
	for (; at > e->value && at < e->value_end && (is_blank(r->blank.at[at]) || r->blank.at[at] == ','); at++)
		if (r->text.at[at] == r->blank.at[at])
			r->gone[at] = true;
}

static void tidy_postfix(struct rewriting *r, const struct entry *e)
{
	for (size_t at = e->value; at < e->value_end;) {
		size_t end = entry_line_end(r->blank, at);
		end = end < e->value_end ? end : e->value_end;
		if (!rewrite_any_gone(r, at, end)) {
			at = end + 1;
			continue;
		}
		if (at > e->value && !keeps_word(r, at, end))
			rewrite_mark(r, at, end < r->text.len ? end + 1 : end);
		else
			tidy_line(r, at, end);
		at = end + 1;
	}
	tidy_end(r, e);
}

static void mark_all(struct rewriting *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct entry *e = r->judged[i].entry;
		if (r->judged[i].item->remove && e->syntax != SYNTAX_EXIM)
			mark_words(r, e);
	}
	for (size_t i = 0; i < r->count; i++) {
		const struct entry *e = r->judged[i].entry;
		if (!r->judged[i].item->remove ||
		    (i && r->judged[i - 1].item->remove && r->judged[i - 1].entry->value == e->value))
			continue; /* once a value */
		if (e->syntax == SYNTAX_EXIM)
			rewrite_exim_mark(r, e);
		else
			tidy_postfix(r, e);
	}
}

static const char *written(const struct rewriting *r)
{
	struct buf out = buf_make(REWRITTEN_OCTETS_MAX);
	const char *result = NULL;
	size_t at = 0;
	for (size_t i = 0; i <= r->count; i++) {
		const struct judged *j = i < r->count ? &r->judged[i] : NULL;
		size_t until = !j ? r->text.len : j->put ? j->put_from : at;
		for (size_t from = at; at < until; from = at) {
			while (at < until && !r->gone[at])
				at++;
			if (at > from)
				buf_add(&out, span_of(r->text.at + from, at - from));
			while (at < until && r->gone[at])
				at++;
		}
		if (!j || !j->put)
			continue;
		buf_add_str(&out, j->put);
		at = j->put_to;
	}
	if (!out.error)
		result = arena_copy(r->arena, buf_span(&out));
	buf_release(&out);
	return result;
}

const char *rewrite(struct rewriting *r)
{
	r->gone = arena_alloc(r->arena, r->text.len + 1, sizeof(*r->gone));
	if (!r->gone)
		return NULL;
	mark_all(r);
	return r->error ? NULL : written(r);
}
