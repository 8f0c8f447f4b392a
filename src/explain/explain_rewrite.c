/* SPDX-License-Identifier: BSD-2-Clause */
/* The text again, with entries changed or left out and the rest as it was. */
#include "base/ascii.h"
#include "explain/explain_parts.h"
#include "lists/list_zone.h"

static bool joins(enum syntax syntax, uint8_t c)
{
	if (syntax == SYNTAX_EXIM)
		return c == ':' || c == ';' || c == '\\' || ascii_is_space(c);
	return c == ',' || ascii_is_space(c);
}

/* What joins the entry to the next one of the same value; its end when none follows. */
static size_t skip_joint(struct span text, size_t at, enum syntax syntax)
{
	size_t start = at;
	while (at < text.len && joins(syntax, text.at[at])) {
		bool continued = at + 1 < text.len && (text.at[at + 1] == ' ' || text.at[at + 1] == '\t');
		if (text.at[at] == '\n' && !continued && !(syntax == SYNTAX_EXIM && at && text.at[at - 1] == '\\'))
			return start;
		at++;
	}
	return at < text.len ? at : start;
}

/* The first line of the parameter (postconf(5): what begins with a blank goes on; comments are blank already). */
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

static bool parameter_fits(enum syntax syntax, struct span name)
{
	static const char first[] = "smtpd_", last[] = "_restrictions";
	if (syntax == SYNTAX_POSTSCREEN)
		return span_equal(name, span_str("postscreen_dnsbl_sites"));
	return name.len > sizeof(first) + sizeof(last) && memcmp(name.at, first, sizeof(first) - 1) == 0 &&
	       memcmp(name.at + name.len - sizeof(last) + 1, last, sizeof(last) - 1) == 0;
}

struct span rewrite_prefix(struct span blank, const struct entry *e)
{
	static const char word[] = "warn_if_reject";
	size_t end = e->start, start;
	while (end && (blank.at[end - 1] == ',' || ascii_is_space(blank.at[end - 1])))
		end--;
	for (start = end; start && list_zone_octet(blank.at[start - 1]);)
		start--;
	return span_equal(span_of(blank.at + start, end - start), span_str(word))
		       ? span_of(blank.at + start, end - start)
		       : (struct span){0};
}

bool rewrite_is_safe(struct span blank, const struct entry *e)
{
	size_t start = parameter_start(blank, e->start), end = start, equals;
	if (e->syntax != SYNTAX_POSTSCREEN &&
	    (e->syntax != SYNTAX_RESTRICTION || strcmp(e->keyword, "reject_rbl_client") != 0))
		return false;
	while (end < e->start && list_zone_octet(blank.at[end]))
		end++;
	equals = explain_skip_blanks(blank, end);
	/* braces group words: what is one entry there is not known here */
	return equals < e->start && blank.at[equals] == '=' &&
	       parameter_fits(e->syntax, span_of(blank.at + start, end - start)) &&
	       !memchr(blank.at + equals, '{', e->start - equals) && !rewrite_prefix(blank, e).len;
}

static void trim_joint(struct buf *out, enum syntax syntax)
{
	while (out->len && joins(syntax, (uint8_t)out->at[out->len - 1]))
		out->len--;
	if (out->at)
		out->at[out->len] = '\0';
}

/* Where the text goes on behind an entry that is left out. */
static size_t leave_out(struct buf *out, struct span blank, const struct entry *e)
{
	size_t next;
	if (e->syntax == SYNTAX_SERVER || e->syntax == SYNTAX_PLAIN)
		return e->end < blank.len ? e->end + 1 : e->end;
	next = skip_joint(blank, e->end, e->syntax);
	if (next == e->end)
		trim_joint(out, e->syntax);
	return next;
}

const char *rewrite(struct arena *arena, struct span text, struct span blank, const struct judged *judged, size_t count)
{
	struct buf out = buf_make((size_t)8 * EXPLAIN_OCTETS_MAX);
	const char *result = NULL;
	size_t at = 0;
	for (size_t i = 0; i < count; i++) {
		const struct entry *e = judged[i].entry;
		if (e->start > at)
			buf_add(&out, span_of(text.at + at, e->start - at));
		if (judged[i].item->instead) {
			buf_add_str(&out, judged[i].item->instead);
			at = e->end;
		} else {
			at = leave_out(&out, blank, e);
		}
	}
	buf_add(&out, span_from(text, at));
	if (!out.error)
		result = arena_copy(arena, buf_span(&out));
	buf_release(&out);
	return result;
}
