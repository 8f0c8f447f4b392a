/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters on answer codes: read, asked what they take, and written anew. Postfix: postconf(5) postscreen_dnsbl_sites;
 * Exim: specification, "DNS lists". */
#include "base/ascii.h"
#include "explain/explain_parts.h"
#include "lists/record.h"

enum {
	RANGE_TRIED_MAX = 4096, /* of a wide range both ends tell enough */
	GAP_CLOSED = 4,         /* codes so near each other are written as one range: the list may well use them */
	EXIM_CODES_MAX = 16,
};

static void set_add(struct code_set *s, int octet, uint64_t first, uint64_t last)
{
	for (uint64_t v = first; v <= last && v < 256; v++)
		s->octet[octet][v / 32] |= UINT32_C(1) << (v % 32);
}

static bool set_has(const struct code_set *s, int octet, unsigned int value)
{
	return s->octet[octet][value / 32] >> (value % 32) & 1;
}

/* "2..11;30" */
static bool parse_values(struct span text, struct code_set *s, int octet)
{
	while (text.len) {
		size_t end = span_find(text, ';');
		struct span part = span_of(text.at, end), high;
		size_t dot = span_find(part, '.');
		uint64_t first, last;
		high = dot + 1 < part.len && part.at[dot + 1] == '.' ? span_from(part, dot + 2) : part;
		if (ascii_parse_u64(span_of(part.at, dot), 255, &first) < 0 || ascii_parse_u64(high, 255, &last) < 0 ||
		    last < first)
			return false;
		set_add(s, octet, first, last);
		text = span_from(text, end + 1);
	}
	return true;
}

static bool parse_set(struct span text, struct code_set *s)
{
	*s = (struct code_set){0};
	for (int i = 0; i < 4; i++) {
		bool bracket = text.len && text.at[0] == '[';
		size_t end = span_find(text, bracket ? ']' : '.');
		struct span values = bracket && end < text.len ? span_of(text.at + 1, end - 1) : span_of(text.at, end);
		if (values.len == 0 || !parse_values(values, s, i))
			return false;
		text = span_from(text, bracket ? end + 1 : end);
		if (i < 3 && (text.len == 0 || text.at[0] != '.'))
			return false;
		text = i < 3 ? span_from(text, 1) : text;
	}
	return text.len == 0;
}

static void parse_masks(struct span text, struct filter *f)
{
	while (text.len && f->count < FILTER_SETS_MAX) {
		size_t end = span_find(text, ',');
		struct addr a;
		if (addr_parse(span_trim(span_of(text.at, end)), &a) < 0 || a.family != 4)
			return;
		f->masks[f->count++] = (uint32_t)a.octets[0] << 24 | (uint32_t)a.octets[1] << 16 |
				       (uint32_t)a.octets[2] << 8 | a.octets[3];
		text = span_from(text, end + 1);
	}
	f->kind = f->count ? FILTER_MASK : FILTER_UNREADABLE;
}

static void parse_exim(struct span text, struct filter *f)
{
	f->kind = FILTER_UNREADABLE;
	f->negated = text.len && text.at[0] == '!';
	text = span_from(text, f->negated);
	if (text.len && text.at[0] == '&') {
		parse_masks(span_from(text, 1), f);
		return;
	}
	while (text.len && text.at[0] == '=')
		text = span_from(text, 1);
	while (text.len) {
		size_t end = span_find(text, ',');
		struct span part = span_trim(span_of(text.at, end));
		if (f->count == FILTER_SETS_MAX || span_find(part, '[') < part.len ||
		    !parse_set(part, &f->sets[f->count++]))
			return;
		text = span_from(text, end + 1);
	}
	f->kind = f->count ? FILTER_SETS : FILTER_UNREADABLE;
}

void filter_parse(enum syntax syntax, struct span text, struct filter *ret_filter)
{
	*ret_filter = (struct filter){.kind = FILTER_NONE};
	if (text.len == 0)
		return;
	if (syntax == SYNTAX_EXIM) {
		parse_exim(text, ret_filter);
		return;
	}
	ret_filter->count = 1;
	ret_filter->kind =
		text.at[0] == '=' && parse_set(span_from(text, 1), ret_filter->sets) ? FILTER_SETS : FILTER_UNREADABLE;
}

bool filter_takes(const struct filter *f, uint32_t code)
{
	bool takes = false;
	if (f->kind == FILTER_NONE || f->kind == FILTER_UNREADABLE)
		return true;
	for (size_t i = 0; i < f->count && !takes; i++) {
		takes = f->kind == FILTER_SETS || (code & f->masks[i]) == f->masks[i];
		if (f->kind == FILTER_MASK)
			continue;
		for (int octet = 0; octet < 4; octet++)
			takes = takes && set_has(&f->sets[i], octet, code >> (24 - 8 * octet) & 0xff);
	}
	return takes != f->negated;
}

bool filter_takes_answer(const struct filter *f, const struct list_answer *a)
{
	uint32_t step;
	switch (a->match) {
	case MATCH_BIT:
		/* it may stand beside other bits in the answer */
		for (size_t i = 0; f->kind == FILTER_MASK && !f->negated && i < f->count; i++)
			if (f->masks[i] & a->first)
				return true;
		return filter_takes(f, a->last | a->first);
	case MATCH_OCTETS:
		/* any octet: try what lists use there */
		return filter_takes(f, a->first) || filter_takes(f, a->first | (~a->last & UINT32_C(0x05050505)));
	case MATCH_RANGE:
		break;
	}
	step = a->last - a->first > RANGE_TRIED_MAX ? a->last - a->first : 1;
	for (uint64_t code = a->first; code <= a->last; code += step)
		if (filter_takes(f, (uint32_t)code))
			return true;
	return false;
}

static bool serves(const struct list_answer *a, enum purpose purpose)
{
	if (purpose == PURPOSE_WHITE)
		return a->class == CLASS_WHITE;
	return a->class == CLASS_BLOCK || a->class == CLASS_POLICY || a->class == CLASS_DOMAIN || a->class == CLASS_URL;
}

/* A code between two wanted ones may join them when the list gives it no other meaning. */
static bool is_free(const struct list *l, enum purpose purpose, uint32_t code)
{
	const struct list_answer *a = list_answer_find(l, code, NULL);
	return !list_refusal_find(l, code) && (!a || serves(a, purpose));
}

/* Codes that the record does not have, 127.0.0.1 apart, which no list gives: they count as the list itself. */
static void collect_unknown(const struct list *l, enum purpose purpose, uint32_t prefix, struct code_set *s)
{
	for (unsigned int v = 2; v < 255; v++)
		if (is_free(l, purpose, prefix | v))
			set_add(s, 3, v, v);
}

/* Last octets of the wanted answers below one prefix of three octets. */
static void collect(const struct list *l, enum purpose purpose, uint32_t prefix, struct code_set *s)
{
	uint32_t bits = 0;
	for (size_t i = 0; i < l->answer_count; i++) {
		const struct list_answer *a = &l->answers[i];
		if (!serves(a, purpose))
			continue;
		if (a->match == MATCH_BIT)
			bits |= a->last == prefix ? a->first : 0;
		else if (a->match == MATCH_RANGE && (a->first & ~UINT32_C(0xff)) == prefix)
			set_add(s, 3, a->first & 0xff, a->last > (prefix | 0xff) ? 0xff : a->last & 0xff);
	}
	for (unsigned int v = 1; v < 256; v++)
		if (v & bits)
			set_add(s, 3, v, v);
	if (l->more_codes && purpose != PURPOSE_WHITE)
		collect_unknown(l, purpose, prefix, s);
}

static void add_values(struct buf *out, const struct code_set *s)
{
	const char *between = "";
	unsigned int ranges = 0, last = 0;
	struct buf values = buf_make(2048);
	for (unsigned int v = 0; v < 256; v++) {
		if (!set_has(s, 3, v))
			continue;
		for (last = v; last < 255 && set_has(s, 3, last + 1);)
			last++;
		if (last > v)
			buf_printf(&values, "%s%u..%u", between, v, last);
		else
			buf_printf(&values, "%s%u", between, v);
		ranges += last > v ? 2 : 1;
		between = ";";
		v = last;
	}
	buf_printf(out, ranges > 1 ? "[%s]" : "%s", buf_text(&values));
	buf_release(&values);
}

static void close_gaps(const struct list *l, enum purpose purpose, uint32_t prefix, struct code_set *s)
{
	unsigned int before = 256;
	for (unsigned int v = 0; v < 256; v++) {
		bool join = before < v && v - before <= GAP_CLOSED + 1;
		if (list_refusal_find(l, prefix | v)) /* bits may have put it in */
			s->octet[3][v / 32] &= ~(UINT32_C(1) << (v % 32));
		if (!set_has(s, 3, v))
			continue;
		for (unsigned int gap = before + 1; join && gap < v; gap++)
			join = is_free(l, purpose, prefix | gap);
		if (join)
			set_add(s, 3, before, v);
		before = v;
	}
}

static bool first_prefix(const struct list *l, enum purpose purpose, uint32_t *ret_prefix)
{
	for (size_t i = 0; i < l->answer_count; i++) {
		const struct list_answer *a = &l->answers[i];
		if (!serves(a, purpose) || a->match == MATCH_OCTETS)
			continue;
		*ret_prefix = a->match == MATCH_BIT ? a->last : a->first & ~UINT32_C(0xff);
		return true;
	}
	return false;
}

bool filter_octet_refuses(const struct list *l, const struct list_answer *a)
{
	for (size_t i = 0; i < l->refusal_count; i++)
		if (((l->refusals[i].first ^ a->first) & a->last) == 0)
			return true;
	return false;
}

/* Lists that pack two things into one code: 127.0.[0..255].[1..3] */
static bool write_pattern(struct buf *out, const struct list *l, enum purpose purpose)
{
	struct code_set s = {0};
	uint32_t prefix = 0;
	for (size_t i = 0; i < l->answer_count; i++) {
		const struct list_answer *a = &l->answers[i];
		if (a->match != MATCH_OCTETS || a->last != UINT32_C(0xffff00ff) || !serves(a, purpose))
			continue;
		prefix = a->first >> 16;
		if (filter_octet_refuses(l, a))
			continue;
		set_add(&s, 3, a->first & 0xff, a->first & 0xff);
	}
	if (!prefix)
		return false;
	buf_printf(out, "=%u.%u.[0..255].", prefix >> 8, prefix & 0xff);
	add_values(out, &s);
	return true;
}

/* All but the refusals: 127.255.255.0/24 everywhere, and the list's own. */
static void write_exim_negative(struct buf *out, const struct list *l)
{
	char text[CODE_TEXT_SIZE];
	buf_add_str(out, "!=127.255.255.252,127.255.255.254,127.255.255.255");
	for (size_t i = 0; i < l->refusal_count; i++)
		if (l->refusals[i].first == l->refusals[i].last && l->refusals[i].first >> 16 != 0x7fff) {
			list_code_text(l->refusals[i].first, text);
			buf_printf(out, ",%s", text);
		}
}

static void write_exim(struct buf *out, const struct list *l, uint32_t prefix, const struct code_set *s)
{
	char text[CODE_TEXT_SIZE];
	uint32_t bits = 0;
	unsigned int count = 0;
	for (size_t i = 0; i < l->answer_count; i++)
		if (l->answers[i].match == MATCH_BIT)
			bits |= l->answers[i].first;
	for (unsigned int v = 0; v < 256; v++)
		count += set_has(s, 3, v);
	if (bits || count > EXIM_CODES_MAX) {
		write_exim_negative(out, l); /* too many to name them */
		return;
	}
	for (unsigned int v = 0, any = 0; v < 256; v++)
		if (set_has(s, 3, v)) {
			list_code_text(prefix | v, text);
			buf_printf(out, "%c%s", any ? ',' : '=', text);
			any = 1;
		}
}

void filter_write(struct buf *out, enum syntax syntax, const struct list *l, enum purpose purpose)
{
	struct code_set s = {0};
	uint32_t prefix;
	if (!first_prefix(l, purpose, &prefix)) {
		if (syntax == SYNTAX_EXIM)
			write_exim_negative(out, l);
		else
			write_pattern(out, l, purpose);
		return;
	}
	collect(l, purpose, prefix, &s);
	if (syntax == SYNTAX_EXIM) {
		write_exim(out, l, prefix, &s);
		return;
	}
	close_gaps(l, purpose, prefix, &s);
	buf_printf(out, "=%u.%u.%u.", prefix >> 24, prefix >> 16 & 0xff, prefix >> 8 & 0xff);
	add_values(out, &s);
}
