/* SPDX-License-Identifier: BSD-2-Clause */
/* Words about blocklists: configuration, or answers and zones inside any text (an SMTP reply, output of host or dig). */
#include "explain/explain.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "explain/explain_lookup.h"
#include "explain/explain_rewrite.h"
#include "lists/list_zone.h"
#include "receivers/reply.h"
#include "lists/record.h"

enum { WORDS_OCTETS_MAX = 65536, PAGES_MAX = 64, NAME_SIZE = 256, NIBBLES = 32 };

struct words {
	const struct catalogue *c;
	struct arena *arena;
	struct explanation *out;
	struct explain_item **last;
	struct explain_item *named; /* the zone that a code which follows belongs to */
	const char *unknown;        /* a token that looks like a zone and is none of ours */
	bool orphan;
	uint32_t orphan_code; /* a code before any zone */
	int error;
};

static struct explain_item *add_item(struct words *w, const struct list *l)
{
	struct explain_item *item;
	if (w->out->count == EXPLAIN_ITEMS_MAX)
		return NULL;
	item = arena_alloc(w->arena, 1, sizeof(*item));
	if (!item) {
		w->error = -ENOMEM;
		return NULL;
	}
	item->kind = EXPLAIN_ZONE;
	item->list = l;
	item->zone = l ? l->zone : NULL;
	*w->last = item;
	w->last = &item->next;
	w->out->count++;
	return item;
}

static void set_code(struct words *w, struct explain_item *item, uint32_t code)
{
	const struct list *l = item->list;
	const struct list_answer *a;
	size_t state = 0;
	item->kind = EXPLAIN_ANSWER;
	item->has_code = true;
	item->code = code;
	item->refusal = l ? list_refusal_find(l, code) : NULL;
	item->refused = item->refusal || code >> 16 == 0x7fff;
	while (l && !item->refused && item->answer_count < EXPLAIN_REASONS_MAX &&
	       (a = list_answer_find(l, code, &state)))
		item->answers[item->answer_count++] = a;
	if (item->refused)
		explain_item_note(w->arena, item, false,
				  "this is not a listing: the list refuses to answer the resolver that sent the query");
	else if (item->answer_count == 0)
		explain_item_note(w->arena, item, false,
				  l ? "meaning not known; it counts as class %s"
				    : "meaning not known; no list of the catalogue is named",
				  l ? list_class_text(l->class) : "");
}

static void take_code(struct words *w, uint32_t code)
{
	struct explain_item *item = w->named;
	if (!item) {
		w->orphan = true;
		w->orphan_code = code;
		return;
	}
	if (item->has_code && item->code == code)
		return;
	if (item->has_code)
		item = add_item(w, w->named->list);
	if (item)
		set_code(w, item, code);
}

/* "4.0.0.127" before a zone is 127.0.0.4; nibbles are an IPv6 address; anything else a domain. */
static const char *asked_text(struct arena *arena, struct span name, struct addr *ret_addr)
{
	char text[ADDR_TEXT_SIZE], turned[NAME_SIZE];
	size_t len = 0;
	*ret_addr = (struct addr){0};
	if (name.len == 2 * NIBBLES - 1) {
		for (size_t i = 0; i < NIBBLES; i++) {
			turned[len++] = (char)name.at[name.len - 1 - 2 * i];
			if (i % 4 == 3 && i + 1 < NIBBLES)
				turned[len++] = ':';
		}
		if (addr_parse(span_of(turned, len), ret_addr) == 0) {
			addr_text(ret_addr, text);
			return arena_copy(arena, span_str(text));
		}
	}
	for (struct span rest = name; rest.len && name.len < sizeof(text);) {
		size_t start = rest.len;
		while (start > 0 && rest.at[start - 1] != '.')
			start--;
		memcpy(turned + len, rest.at + start, rest.len - start);
		len += rest.len - start;
		rest.len = start ? start - 1 : 0;
		if (rest.len)
			turned[len++] = '.';
	}
	if (len && addr_parse(span_of(turned, len), ret_addr) == 0 && ret_addr->family == 4) {
		addr_text(ret_addr, text);
		return arena_copy(arena, span_str(text));
	}
	return arena_copy(arena, name);
}

/* A name about 127.0.0.4 asks for a test point; whoever hands it to us means the code. */
static void take_loopback(struct words *w, struct explain_item *item, const struct addr *a)
{
	explain_item_note(w->arena, item, false,
			  "the name is a query for %s itself; read here as an answer with that code", item->asked);
	item->asked = NULL;
	set_code(w, item,
		 UINT32_C(0x7f000000) | (uint32_t)a->octets[1] << 16 | (uint32_t)a->octets[2] << 8 | a->octets[3]);
}

static void take_zone(struct words *w, const struct list *l, struct span before)
{
	struct explain_item *item = NULL;
	struct addr a = {0};
	bool fresh;
	for (struct explain_item *at = w->out->items; at && !before.len; at = at->next)
		if (at->list == l)
			item = at;
	fresh = !item;
	if (!item)
		item = add_item(w, l);
	if (!item)
		return;
	w->named = item;
	if (before.len) {
		item->asked = asked_text(w->arena, before, &a);
		if (!item->asked) {
			w->error = -ENOMEM;
			return;
		}
		if (a.family == 4 && a.octets[0] == 127 && !w->orphan)
			take_loopback(w, item, &a);
	}
	if (fresh)
		explain_note_state(w->arena, item, l);
	if (w->orphan)
		take_code(w, w->orphan_code);
	w->orphan = false;
}

/* The longest end of the name that is a zone of the catalogue. */
static const struct list *zone_in(const struct words *w, struct span name, struct span *ret_before)
{
	char text[NAME_SIZE];
	if (name.len >= sizeof(text))
		return NULL;
	memcpy(text, name.at, name.len);
	text[name.len] = '\0';
	for (const char *at = text; at; at = strchr(at, '.')) {
		const struct list *l;
		at += *at == '.';
		l = catalogue_find(w->c, at);
		/* a label in a key's place may be one more octet of the address */
		if (l && l->key && at > text && strcspn(at, ".") <= 3)
			l = NULL;
		if (!l)
			continue;
		*ret_before = span_of(name.at, at > text ? (size_t)(at - text) - 1 : 0);
		return l;
	}
	return NULL;
}

static bool take_name(struct words *w, struct span name)
{
	struct span before;
	const struct list *l = zone_in(w, name, &before);
	if (l)
		take_zone(w, l, before);
	return l != NULL;
}

static void set_outcome(struct words *w, struct explain_item *item, const struct lookup *k)
{
	char text[ADDR_TEXT_SIZE];
	item->kind = EXPLAIN_LOOKUP;
	if (!item->list && (k->name.len || k->outcome != LOOKUP_TEXT))
		explain_item_note(w->arena, item, false, "no list of the catalogue is in this name");
	if (k->outcome == LOOKUP_ANSWER) {
		addr_text(&k->answer, text);
		item->outcome = OUTCOME_NO_LISTING;
		item->error = arena_copy(w->arena, span_str(text));
		if (!item->list)
			return;
		explain_item_note(
			w->arena, item, false,
			"no list answers with %s: the zone is parked, or something on the way rewrites answers", text);
		return;
	}
	if (k->outcome == LOOKUP_TEXT) {
		item->outcome = OUTCOME_TEXT;
		item->error = arena_copy(w->arena, k->error);
		if (!item->list && !k->name.len) {
			explain_item_note(w->arena, item, false,
					  "which list says so, if one does, is not told: ask again without +short");
			return;
		}
		explain_item_note(
			w->arena, item, false,
			"a list's own words, for a listing or for a resolver that it refuses; which of both, the "
			"name's A record tells (dig NAME A)");
		return;
	}
	item->outcome = k->outcome == LOOKUP_FAILED ? OUTCOME_NO_ANSWER : OUTCOME_NOT_LISTED;
	item->error = k->error.len ? arena_copy(w->arena, k->error) : NULL;
	if (item->outcome == OUTCOME_NO_ANSWER)
		explain_item_note(
			w->arena, item, false,
			"the resolver or the list's servers failed: nothing is listed and nothing is clear; try again, "
			"and look whether the resolver reaches other names");
}

/* What is said of the list and of what was asked. */
static void name_lookup(struct words *w, struct explain_item *item, struct span before, const struct lookup *k)
{
	struct addr about = {0};
	if (!item->list && k->name.len)
		item->zone = arena_copy(w->arena, k->asked.len ? k->asked : k->name);
	if (!item->list)
		return;
	if (before.len)
		item->asked = asked_text(w->arena, before, &about);
	explain_note_state(w->arena, item, item->list);
	if (item->asked && about.family == 4 && about.octets[0] == 127)
		explain_item_note(
			w->arena, item, false,
			"%s is the list's own test point: the answer shows whether the list works; it lists nobody",
			item->asked);
}

/* A reply that names no zone but a page: the operator is known, the list is not always. */
static const struct list *next_page(const struct link_index *links, struct span text, size_t *at)
{
	for (; *at + 3 < text.len; ++*at) {
		struct span link;
		if (memcmp(text.at + *at, "://", 3) != 0)
			continue;
		*at += 3;
		link = span_from(text, *at);
		for (link.len = 0;
		     *at + link.len < text.len && !memchr(" \t\r\n<>\"'`)]", text.at[*at + link.len], 12);)
			link.len++;
		return link_list(links, link);
	}
	return NULL;
}

/* The list whose page stands in the text. */
static const struct list *list_of_text(struct words *w, struct span text)
{
	struct link_index *links = link_index_new(w->c);
	const struct list *l = NULL;
	size_t at = 0;
	if (!links) {
		w->error = -ENOMEM;
		return NULL;
	}
	for (int i = 0; i < PAGES_MAX && !l; i++)
		l = next_page(links, text, &at);
	link_index_free(links);
	return l;
}

/* Or whose zone does. */
static const struct list *list_of_answer(struct words *w, struct span text)
{
	const struct list *l = list_of_text(w, text);
	struct span before;
	for (size_t at = 0, end; at < text.len && !l; at = end + 1) {
		for (end = at; end < text.len && list_zone_octet(text.at[end]);)
			end++;
		struct span word = span_of(text.at + at, end - at);
		l = list_zone_is_likely(word) ? zone_in(w, word, &before) : NULL;
	}
	return l;
}

static void take_lookup(struct words *w, const struct lookup *k)
{
	struct span before = k->name;
	const struct list *l = k->name.len ? zone_in(w, k->name, &before) : NULL;
	if (!k->name.len && k->outcome == LOOKUP_TEXT)
		l = list_of_answer(w, k->error);
	if (!l && k->asked.len) {
		before = k->asked;
		l = zone_in(w, k->asked, &before);
	}
	struct explain_item *item = add_item(w, l);
	const uint8_t *o = k->answer.octets;
	uint32_t code = (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3];
	if (!item)
		return;
	name_lookup(w, item, before, k);
	if (k->outcome == LOOKUP_ANSWER && k->answer.family == 4 && o[0] == 127) {
		set_code(w, item, code);
		if (code != UINT32_C(0x7f000001) || item->answer_count || item->refused)
			return;
		item->notes = NULL;
		item->has_code = false;
	}
	set_outcome(w, item, k);
}

/* @return whether the text is output of a tool that looks names up. */
static bool take_lookups(struct words *w, struct span text)
{
	struct lookups *l = arena_alloc(w->arena, 1, sizeof(*l));
	if (!l) {
		w->error = -ENOMEM;
		return false;
	}
	w->last = &w->out->items;
	lookups_find(text, l);
	for (size_t i = 0; i < l->count && !w->error; i++)
		take_lookup(w, &l->at[i]);
	w->out->lookups = l->count > 0;
	return l->count > 0;
}

static void take_token(struct words *w, struct span token)
{
	uint32_t code;
	while (token.len && (token.at[token.len - 1] == '.' || token.at[token.len - 1] == '-'))
		token.len--;
	if (token.len == 0)
		return;
	if (record_code(token, &code)) {
		take_code(w, code);
		return;
	}
	if (!list_zone_is_likely(token) || take_name(w, token))
		return;
	if (!w->unknown)
		w->unknown = arena_copy(w->arena, token);
}

static void take_tokens(struct words *w, struct span text)
{
	for (size_t at = 0; at < text.len && !w->error;) {
		size_t end = at;
		while (end < text.len && (list_zone_octet(text.at[end]) || text.at[end] == '{' || text.at[end] == '}'))
			end++;
		take_token(w, span_of(text.at + at, end - at));
		at = end + 1;
	}
}

/* Spamhaus's refusals reach senders as a link in the reply of a receiver that asks through an open resolver. */
static void take_return_links(struct words *w, struct span text)
{
	static const struct {
		const char *link;
		uint32_t code;
	} links[] = {{"returnc/pub", 0x7ffffffe}, {"returnc/vol", 0x7fffffff}, {"Error: open resolver", 0x7ffffffe}};
	const struct list *l = catalogue_find(w->c, "zen.spamhaus.org");
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		struct explain_item *item;
		if (!memmem(text.at, text.len, links[i].link, strlen(links[i].link)))
			continue;
		item = w->named ? w->named : add_item(w, l);
		if (!item || item->has_code)
			return;
		set_code(w, item, links[i].code);
		explain_item_note(
			w->arena, item, false,
			"the receiving server is refused, not you: tell its postmaster that its resolver is the "
			"problem");
		return;
	}
}

static void take_pages(struct words *w, struct span text)
{
	const struct list *l = list_of_text(w, text);
	if (l)
		take_zone(w, l, (struct span){0});
}

static int nothing(const struct words *w, struct error *err)
{
	static const char examples[] =
		"try: offlist explain zen.spamhaus.org 127.0.0.4, a zone, an SMTP reply, or a line "
		"of Postfix, Exim or rspamd";
	if (w->error)
		return error_set(err, w->error, "out of memory");
	if (w->unknown)
		return error_set(err, -EINVAL, "no list \"%s\" in the catalogue; %s", w->unknown, examples);
	if (w->orphan)
		return error_set(err, -EINVAL, "an answer means something only together with its list; %s", examples);
	return error_set(err, -EINVAL, "it holds nothing that offlist knows; %s", examples);
}

static int explain_words(struct words *w, struct span text, struct error *err)
{
	w->last = &w->out->items;
	if (text.len > WORDS_OCTETS_MAX)
		return error_set(
			err, -E2BIG,
			"no list and no bounce in it, and longer than %d octets; a mail log is for offlist diagnose",
			WORDS_OCTETS_MAX);
	take_tokens(w, text);
	if (!w->error)
		take_return_links(w, text);
	if (!w->error && w->out->count == 0 && w->orphan && w->orphan_code >> 16 == 0x7fff) {
		struct explain_item *item = add_item(w, NULL);
		if (item)
			set_code(w, item, w->orphan_code);
	}
	if (!w->error && w->out->count == 0)
		take_pages(w, text);
	return w->error || w->out->count == 0 ? nothing(w, err) : 0;
}

static int identify(const struct catalogue *c, const struct entries *e, struct judged *judged, struct explanation *out)
{
	struct explain_item **last = &out->items;
	size_t line = 1, counted = 0;
	for (struct entry *at = e->first; at; at = at->next) {
		struct judged *j = &judged[out->count++];
		int rc;
		*last = arena_alloc(e->arena, 1, sizeof(**last));
		if (!*last)
			return -ENOMEM;
		*j = (struct judged){.entry = at, .item = *last};
		for (; counted < at->start; counted++)
			line += e->text.at[counted] == '\n';
		j->item->line = line;
		last = &(*last)->next;
		rc = entry_identify(c, e->arena, at, &j->item->zone);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* What goes with an entry that is taken out by hand. */
static void note_company(struct rewriting *r, const struct judged *j)
{
	const struct entry *e = j->entry;
	struct arena *arena = r->arena;
	if (e->syntax == SYNTAX_RSPAMD)
		explain_item_note(arena, j->item, true, "the block { } around it goes with it");
	if (e->syntax == SYNTAX_SPAMASSASSIN)
		explain_item_note(
			arena, j->item, true,
			"its score, describe and tflags go with it, and what a meta makes of it: spamassassin --lint "
			"names what is left");
	if (e->syntax == SYNTAX_POLICYD)
		explain_item_note(arena, j->item, true, "the three values behind it go with it");
	if (e->syntax == SYNTAX_RESTRICTION && e->prefix < e->start)
		explain_item_note(arena, j->item, true, "the warn_if_reject before it goes with it");
	if (e->behind_defer)
		explain_item_note(arena, j->item, true,
				  "the defer_if_reject before it is not its own: it makes all later refusals here "
				  "temporary (450); "
				  "keep it only if you want that");
	if (e->syntax != SYNTAX_EXIM || e->nested || rewrite_exim_keeps_any(r, e))
		return;
	explain_item_note(
		arena, j->item, true, "%s",
		e->negated ? "no other list stands in this condition, and it is negated: without the list it is always "
			     "true; decide what its statement is to do"
			   : "no other list stands in this condition: take out the whole statement (deny, warn, accept "
			     "...) and never the condition alone, or the statement holds for all mail");
}

static int make_text(struct rewriting *r, struct judged *judged, struct explanation *out)
{
	bool changed = false;
	for (size_t i = 0; i < out->count; i++) {
		bool can = !judged[i].changed || rewrite_can(r, &judged[i]);
		changed |= judged[i].changed;
		out->by_hand |= !can;
		if (can)
			continue;
		judged[i].item->instead = NULL;
		if (judged[i].item->remove)
			note_company(r, &judged[i]);
	}
	for (size_t i = 0; i < out->count && changed; i++)
		out->by_hand |= judged[i].secret;
	if (r->error || !changed || out->by_hand)
		return r->error;
	out->instead = rewrite(r);
	return out->instead ? 0 : -ENOMEM;
}

static int explain_config(const struct catalogue *c, const struct entries *e, struct span text, struct explanation *out)
{
	struct judged *judged = arena_alloc(e->arena, e->count, sizeof(*judged));
	struct rewriting r = {.arena = e->arena, .text = text, .blank = e->text, .judged = judged};
	int rc = judged ? identify(c, e, judged, out) : -ENOMEM;
	for (size_t i = 0; i < out->count && rc == 0; i++)
		rc = judge_entry(c, e, &judged[i]);
	out->config = true;
	r.count = out->count;
	return rc == 0 ? make_text(&r, judged, out) : rc;
}

static bool anything_wrong(const struct explanation *x)
{
	for (const struct explain_item *i = x->items; i; i = i->next)
		for (const struct explain_note *n = i->notes; n; n = n->next)
			if (n->wrong)
				return true;
	return false;
}

int explain(const struct catalogue *c, struct span text, struct arena *arena, struct explanation *ret_explanation,
	    struct error *err)
{
	struct explanation out = {0};
	struct words w = {.c = c, .arena = arena, .out = &out};
	struct entries e = {.arena = arena, .text = text};
	const char *unread;
	int rc;
	if (text.len > EXPLAIN_OCTETS_MAX)
		return error_set(err, -E2BIG, "longer than %d octets", EXPLAIN_OCTETS_MAX);
	if (take_lookups(&w, text)) {
		*ret_explanation = out;
		return w.error ? error_set(err, w.error, "out of memory") : 0;
	}
	unread = explain_unread(text);
	if (unread)
		return error_set(err, -EINVAL, "this is configuration of %s, which is not read yet", unread);
	entries_find(&e);
	rc = e.error ? e.error : w.error;
	if (rc == -E2BIG)
		return error_set(err, rc, "more than %d lists in one text", EXPLAIN_ITEMS_MAX);
	if (rc == 0 && e.count)
		rc = explain_config(c, &e, text, &out);
	else if (rc == 0)
		rc = explain_words(&w, text, err);
	if (rc == -ENOMEM)
		error_set(err, rc, "out of memory");
	if (rc == -E2BIG && e.count)
		error_set(err, rc, "a part of it is too long");
	if (rc < 0)
		return rc;
	out.wrong = anything_wrong(&out);
	*ret_explanation = out;
	return 0;
}
