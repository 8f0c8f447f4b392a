/* SPDX-License-Identifier: BSD-2-Clause */
/* A record as people read it. */
#include <inttypes.h>

#include "cli/lists_text.h"
#include "cli/terminal.h"
#include "view/view_list.h"

enum { INDENT = 2, LABEL = 16, LINE_MAX_OCTETS = 1 << 16, MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

struct page {
	struct buf *out;
	unsigned int width;
	struct buf line; /* the value being put together */
};

/* "  label           value", filled under itself */
static void put(struct page *p, const char *label)
{
	struct buf filled = buf_make(LINE_MAX_OCTETS);
	terminal_fill(&filled, buf_text(&p->line), LABEL, p->width);
	buf_printf(p->out, "%*s%-*s", INDENT, "", LABEL - INDENT, label);
	buf_add(p->out, span_from(buf_span(&filled), LABEL));
	buf_release(&filled);
	buf_clear(&p->line);
}

static void put_text(struct page *p, const char *label, const char *text)
{
	if (!text)
		return;
	buf_add_str(&p->line, text);
	put(p, label);
}

static void put_texts(struct page *p, const char *label, const struct texts *t)
{
	for (size_t i = 0; i < t->count; i++)
		put_text(p, i ? "" : label, t->at[i]);
}

static void heading(struct page *p, const char *text)
{
	buf_printf(p->out, "\n%s\n", text);
}

void lists_add_word(struct buf *out, const char *word)
{
	for (; *word; word++)
		buf_add_char(out, *word == '_' ? ' ' : *word);
}

void lists_query_text(struct buf *out, const struct list *l)
{
	const char *comma = "";
	for (const struct view_list_kind *k = view_list_kinds; k->bit; k++)
		if (l->query & k->bit) {
			buf_printf(out, "%s%s", comma, k->text);
			comma = ", ";
		}
	if (!l->query)
		buf_add_str(out, "nothing: it cannot be queried over DNS");
}

bool lists_is_named(const struct list *l, const char *word)
{
	return strcasestr(l->operator_name, word) || strcasestr(l->name, word);
}

static void add_duration(struct buf *out, int64_t seconds)
{
	int64_t unit = seconds % DAY_S == 0      ? DAY_S
		       : seconds % HOUR_S == 0   ? HOUR_S
		       : seconds % MINUTE_S == 0 ? MINUTE_S
						 : 1;
	const char *name = unit == DAY_S ? "day" : unit == HOUR_S ? "hour" : unit == MINUTE_S ? "minute" : "second";
	buf_printf(out, "%" PRId64 " %s%s", seconds / unit, name, seconds == unit ? "" : "s");
}

static void add_suggests(struct buf *out, uint32_t suggests)
{
	const char *comma = "";
	for (unsigned int i = 0; i < CAUSE_COUNT; i++)
		if (suggests >> i & 1) {
			buf_add_str(out, comma);
			lists_add_word(out, cause_text((enum cause)i));
			comma = ", ";
		}
}

static void add_scope(struct buf *out, enum scope_kind scope)
{
	static const char *const words[] = {
		"the address", "its /24", "its /64", "the whole allocation", "the whole autonomous system",
		"the domain",  "the URL"};
	buf_add_str(out, words[scope]);
}

static void add_points(struct page *p, const struct addr *listed, const struct addr *clear)
{
	char text[ADDR_TEXT_SIZE];
	addr_text(listed, text);
	buf_printf(&p->line, "%s%s", listed->family ? text : "", listed->family ? " is listed" : "none is listed");
	addr_text(clear, text);
	if (clear->family)
		buf_printf(&p->line, ", %s is not", text);
}

static void show_state(struct page *p, const struct list *l)
{
	buf_add_str(&p->line, list_state_text(l->state));
	if (l->since)
		buf_printf(&p->line, " since %s", l->since);
	if (l->qualified)
		buf_printf(&p->line, " (%s)", l->qualified);
	put(p, "status");
	if (l->closed_how) {
		lists_add_word(&p->line, l->closed_how);
		put(p, "what it does");
	}
	put_text(p, "", l->closed_note);
	put_text(p, "use instead", l->closed_instead);
}

static void show_head(struct page *p, const struct list *l)
{
	buf_printf(p->out, "%s  %s\n\n", l->zone, l->name);
	buf_printf(&p->line, "%s%s%s", l->operator_name, l->operator_url ? ", " : "",
		   l->operator_url ? l->operator_url : "");
	put(p, "operator");
	put_text(p, "class", list_class_text(l->class));
	show_state(p, l);
	lists_query_text(&p->line, l);
	put(p, "queried with");
	put_text(p, "queried", l->enabled ? "by default" : "not by default");
	put_text(p, "needs the key", l->key);
	put_text(p, "impact", impact_text(l->impact));
	add_scope(&p->line, l->scope);
	if (l->query & QUERY_IP6 && l->scope6 != l->scope) {
		buf_add_str(&p->line, "; of IPv6 ");
		add_scope(&p->line, l->scope6);
	}
	put(p, "affects");
	if (l->suggests) {
		add_suggests(&p->line, l->suggests);
		put(p, "suggests");
	}
	put_texts(p, "part of", &l->part_of);
}

static void show_answer(struct page *p, const struct list *l, const struct list_answer *a)
{
	char text[MATCH_TEXT_SIZE];
	const char *form = list_answer_form(a, text);
	buf_printf(p->out, "%*s%s%s  %s%s%s, %s\n", INDENT, "", form[0] == 'b' ? "bit " : "", text,
		   a->list ? a->list : "", a->list ? ": " : "", list_class_text(a->class), impact_text(a->impact));
	terminal_fill(p->out, a->meaning, INDENT * 2, p->width);
	if (a->own & OWN_SUGGESTS && a->suggests && a->suggests != l->suggests) {
		buf_add_str(&p->line, "suggests ");
		add_suggests(&p->line, a->suggests);
		terminal_fill(p->out, buf_text(&p->line), INDENT * 2, p->width);
		buf_clear(&p->line);
	}
	if (a->own & OWN_SCOPE && a->scope != l->scope) {
		buf_add_str(&p->line, "affects ");
		add_scope(&p->line, a->scope);
		terminal_fill(p->out, buf_text(&p->line), INDENT * 2, p->width);
		buf_clear(&p->line);
	}
}

static void show_answers(struct page *p, const struct list *l)
{
	if (l->answer_count)
		heading(p, "Answers");
	for (size_t i = 0; i < l->answer_count; i++)
		show_answer(p, l, &l->answers[i]);
	if (l->refusal_count)
		heading(p, "Answers that are no listings: the list refuses to answer");
	for (size_t i = 0; i < l->refusal_count; i++) {
		char text[MATCH_TEXT_SIZE];
		list_refusal_form(&l->refusals[i], text);
		buf_printf(p->out, "%*s%s  ", INDENT, "", text);
		lists_add_word(p->out, refusal_why_text(l->refusals[i].why));
		buf_add_char(p->out, '\n');
		terminal_fill(p->out, l->refusals[i].meaning, INDENT * 2, p->width);
	}
}

static void show_test(struct page *p, const struct list_test *t)
{
	char text[CODE_TEXT_SIZE];
	if (!t->ip4 && !t->ip6 && !t->domain && !t->note)
		return;
	heading(p, "Test points");
	if (t->ip4) {
		add_points(p, &t->ip4_listed, &t->ip4_clear);
		put(p, "IPv4");
	}
	if (t->ip6) {
		add_points(p, &t->ip6_listed, &t->ip6_clear);
		put(p, "IPv6");
	}
	if (t->domain) {
		buf_printf(&p->line, "%s is listed", t->domain_listed ? t->domain_listed : "none");
		if (t->domain_clear)
			buf_printf(&p->line, ", %s is not", t->domain_clear);
		put(p, "domain");
	}
	list_code_text(t->answer, text);
	put_text(p, "answer", t->answer ? text : NULL);
	put_text(p, "note", t->note);
}

static void show_terms(struct page *p, const struct list_terms *t)
{
	static const char *const words[] = {NULL, "allowed", "not allowed"};
	heading(p, "Terms");
	if (t->per_day >= 0) {
		buf_printf(&p->line, "%" PRId64 " for all lists of the operator", t->per_day);
		put(p, "queries a day");
	}
	if (t->unlimited)
		buf_add_str(&p->line, "as fast as possible");
	else
		buf_printf(&p->line, "%" PRId64 " at once, then %g a second", t->burst, t->rate);
	put(p, "query rate");
	put_text(p, "public resolvers", t->public_resolvers == TERM_NO ? "refused" : words[t->public_resolvers]);
	put_text(p, "registration", t->registration ? "required" : NULL);
	put_text(p, "commercial", words[t->commercial]);
	put_text(p, "sweeps", words[t->sweeps]);
	put_text(p, "note", t->note);
}

static void show_removal(struct page *p, const struct removal *r)
{
	heading(p, "Removal");
	if (r->method == REMOVAL_NONE)
		buf_add_str(&p->line, "there is nothing to ask for");
	else
		lists_add_word(&p->line, removal_method_text(r->method));
	if (r->method != REMOVAL_NONE && r->who != WHO_UNKNOWN) {
		buf_add_str(&p->line, ", by ");
		if (r->who != WHO_ANYONE)
			buf_add_str(&p->line, "the ");
		lists_add_word(&p->line, removal_who_text(r->who));
	}
	put(p, "how");
	put_text(p, "where", r->url);
	put_text(p, "address", r->address);
	put_texts(p, "first leave", &r->first);
	for (size_t i = 0; i < r->steps.count; i++) {
		buf_printf(&p->line, "%zu. %s", i + 1, r->steps.at[i]);
		put(p, i ? "" : "steps");
	}
	if (r->expires_after_s >= 0) {
		add_duration(&p->line, r->expires_after_s);
		buf_add_str(&p->line, " after the last event");
		put(p, "expires");
	}
	if (r->cooldown_s >= 0) {
		buf_add_str(&p->line, "after ");
		add_duration(&p->line, r->cooldown_s);
		put(p, "ask again");
	}
	put_text(p, "repeated", r->counts_removals ? "requests are counted against you" : NULL);
	put_text(p, "money", r->paid ? "is asked for a faster removal: do not pay" : NULL);
	put_text(p, "advice", r->advice);
}

void lists_show(struct buf *out, const struct list *l, unsigned width)
{
	struct page p = {.out = out, .width = width, .line = buf_make(LINE_MAX_OCTETS)};
	show_head(&p, l);
	show_answers(&p, l);
	show_test(&p, &l->test);
	if (l->state <= LIST_UNVERIFIED) {
		show_terms(&p, &l->terms);
		show_removal(&p, &l->removal);
	} else if (l->removal.steps.count || l->removal.advice) {
		show_removal(&p, &l->removal);
	}
	if (l->evidence || l->lookup) {
		heading(&p, "Links");
		put_text(&p, "evidence", l->evidence);
		put_text(&p, "look up", l->lookup);
	}
	if (l->notes.count || l->operator_notes.count) {
		heading(&p, "Notes");
		for (size_t i = 0; i < l->notes.count; i++)
			terminal_fill(out, l->notes.at[i], INDENT, width);
		for (size_t i = 0; i < l->operator_notes.count; i++)
			terminal_fill(out, l->operator_notes.at[i], INDENT, width);
	}
	heading(&p, "Sources");
	for (size_t i = 0; i < l->source_count; i++) {
		buf_printf(&p.line, "%s%s%s", l->sources[i].name, l->sources[i].date ? ", " : "",
			   l->sources[i].date ? l->sources[i].date : "");
		terminal_fill(out, buf_text(&p.line), INDENT, width);
		buf_clear(&p.line);
	}
	buf_release(&p.line);
}
