/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong with one entry of a configuration, and what to write instead. */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "base/ascii.h"
#include "explain/explain_parts.h"
#include "lists/record.h"

enum { QUERY_ADDRESS = QUERY_IP4 | QUERY_IP6, QUERY_NAME = QUERY_DOMAIN | QUERY_REGISTRABLE | QUERY_URL };
enum { PART_OCTETS_MAX = 16384, NOTE_OCTETS_MAX = 2048 };

static const uint32_t refused_everywhere = 0x7fff0000; /* 127.255.0.0/16 */

void explain_item_note(struct arena *arena, struct explain_item *item, bool wrong, const char *format, ...)
{
	struct explain_note **last = &item->notes, *note = arena_alloc(arena, 1, sizeof(*note));
	char text[NOTE_OCTETS_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!note || !(note->text = arena_copy(arena, span_str(text))))
		return; /* the caller finds the arena full at its next step */
	note->wrong = wrong;
	while (*last)
		last = &(*last)->next;
	*last = note;
}

static const char *closed_text(const struct list *l)
{
	static const char *const how[][2] = {
		{"emptied", "nothing is listed there any more"},
		{"lists_the_world", "it now answers \"listed\" for every address: all mail is refused"},
		{"parked", "its domain is parked: whoever holds it may answer anything"},
		{"unreachable", "its servers do not answer: every query waits for a timeout"},
	};
	for (size_t i = 0; l->closed_how && i < sizeof(how) / sizeof(*how); i++)
		if (strcmp(l->closed_how, how[i][0]) == 0)
			return how[i][1];
	return "do not query it";
}

void explain_note_state(struct arena *arena, struct explain_item *item, const struct list *l)
{
	const char *since = l->since ? l->since : "", *word = l->since ? " since " : "";
	switch (l->state) {
	case LIST_CLOSED:
		explain_item_note(arena, item, true, "closed%s%s: %s", word, since,
				  l->closed_note ? l->closed_note : closed_text(l));
		if (l->closed_note && l->closed_how && strcmp(l->closed_how, "lists_the_world") == 0)
			explain_item_note(arena, item, false, "today: %s", closed_text(l));
		break;
	case LIST_FRAUDULENT:
		explain_item_note(arena, item, true, "fraudulent%s%s: %s", word, since,
				  l->closed_note ? l->closed_note : "never query it, never pay for it");
		break;
	case LIST_UNVERIFIED:
		explain_item_note(arena, item, false, "unverified: whether it still works is not confirmed%s%s",
				  l->qualified ? "; " : "", l->qualified ? l->qualified : "");
		break;
	case LIST_DISPUTED:
		explain_item_note(arena, item, false, "disputed%s%s", l->qualified ? ": " : "",
				  l->qualified ? l->qualified : "");
		break;
	case LIST_ACTIVE:
		if (l->qualified)
			explain_item_note(arena, item, false, "%s", l->qualified);
		break;
	}
	if (l->closed_instead)
		explain_item_note(arena, item, false, "query %s instead", l->closed_instead);
}

static bool takes_class(const struct filter *f, const struct list *l, bool white)
{
	for (size_t i = 0; i < l->answer_count; i++)
		if ((l->answers[i].class == CLASS_WHITE) == white && filter_takes_answer(f, &l->answers[i]))
			return true;
	return false;
}

/* Lists with white codes beside their others serve both ends: the filter tells which. */
static bool takes_only_white(const struct entry *e, const struct list *l)
{
	struct filter f;
	filter_parse(e->syntax, e->filter, &f);
	return f.kind != FILTER_NONE && f.kind != FILTER_UNREADABLE && takes_class(&f, l, true) &&
	       !takes_class(&f, l, false);
}

/* Why the list's class does not fit what the entry does with it. NULL: it fits. */
static const char *wrong_class(const struct entry *e, const struct list *l)
{
	bool tool = e->syntax == SYNTAX_SERVER || e->syntax == SYNTAX_PLAIN;
	bool refuses = e->purpose == PURPOSE_BLOCK && !e->weighted;
	switch (l->class) {
	case CLASS_WHITE:
		return e->purpose == PURPOSE_BLOCK || tool
			       ? "a whitelist used as a blocklist: an entry there is good news"
			       : NULL;
	case CLASS_INFORMATION:
		return refuses || tool ? "tells a fact about an address and nothing bad: no reason to refuse mail"
				       : NULL;
	case CLASS_SCORE:
		return refuses ? "meant to be weighed among other signs, not to refuse mail by itself" : NULL;
	default:
		return e->purpose == PURPOSE_WHITE && !takes_only_white(e, l)
			       ? "a blocklist used as a whitelist: it would let in what is listed"
			       : NULL;
	}
}

/* Why what the entry asks for is never found there. NULL: it can be. */
static const char *wrong_query(const struct entry *e, const struct list *l)
{
	if (l->query == 0)
		return "cannot be queried over DNS";
	if (!(l->query & (QUERY_ADDRESS | QUERY_NAME)))
		return e->hashed ? NULL : "is queried with hashes: a plain name or address finds nothing";
	if (e->asks == ASKS_ADDRESSES && !(l->query & QUERY_ADDRESS))
		return "holds domains, but is queried with addresses here";
	if (e->asks == ASKS_NAMES && !(l->query & QUERY_NAME))
		return "holds addresses, but is queried with names here";
	return NULL;
}

/* Notes what is wrong with the use of the list; true when the entry has to go. Refusing mail by a list of facts or scores
 * is the administrator's decision, and taking it out would let in what is refused now. */
static bool judge_use(struct arena *arena, struct explain_item *item, const struct entry *e, const struct list *l)
{
	const char *class = wrong_class(e, l), *query = wrong_query(e, l);
	bool decided = e->syntax <= SYNTAX_EXIM && (l->class == CLASS_INFORMATION || l->class == CLASS_SCORE);
	if (class)
		explain_item_note(arena, item, true, "%s", class);
	else if (l->class == CLASS_WHITE && e->syntax == SYNTAX_EXIM)
		explain_item_note(arena, item, false, "a whitelist: right where mail is accepted, wrong in a deny");
	if (query)
		explain_item_note(arena, item, true, "%s", query);
	return (class && !decided) || query;
}

/* The refusal that the filter lets through, the one about public resolvers first: it is the most common. */
static bool takes_refusal(const struct filter *f, const struct list *l, uint32_t *ret_code)
{
	const uint32_t common = refused_everywhere | 0xfffe;
	*ret_code = common;
	if (list_refusal_find(l, common) && filter_takes(f, common))
		return true;
	for (size_t i = 0; i < l->refusal_count; i++) {
		bool first = filter_takes(f, l->refusals[i].first);
		*ret_code = first ? l->refusals[i].first : l->refusals[i].last;
		if (filter_takes(f, *ret_code))
			return true;
	}
	return false;
}

static const char *takes_text(struct buf *out, const struct filter *f, const struct list *l)
{
	const char *comma = "";
	for (size_t i = 0; i < l->answer_count; i++) {
		const struct list_answer *a = &l->answers[i];
		if (!filter_takes_answer(f, a))
			continue;
		buf_printf(out, "%s%s", comma, a->list ? a->list : a->meaning);
		comma = ", ";
	}
	return buf_text(out);
}

/* More codes than the record has may be given: what they are is not known. */
static bool is_open(const struct list *l)
{
	return l->more_codes || l->answer_count == 0 || l->state == LIST_UNVERIFIED;
}

enum about_filter { FILTER_GOOD, FILTER_TO_WRITE, FILTER_TO_GO, FILTER_BY_HAND };

static void note_refusal(struct arena *arena, struct explain_item *item, const struct filter *f, const struct list *l,
			 uint32_t refusal)
{
	const struct list_refusal *r = list_refusal_find(l, refusal);
	char code[CODE_TEXT_SIZE];
	list_code_text(refusal, code);
	explain_item_note(arena, item, true, "%s also takes %s for a listing, which means \"I do not answer you\"%s%s",
			  f->kind == FILTER_NONE ? "without a filter it" : "its filter", code, r ? ": " : "",
			  r ? r->meaning : "");
}

/* A filter that takes refusals alone: a line for the log, or a gate that shuts on everybody. */
static enum about_filter judge_refusals_only(struct arena *arena, struct explain_item *item, const struct entry *e)
{
	bool harms = e->purpose == PURPOSE_BLOCK && !e->warns;
	explain_item_note(
		arena, item, harms,
		harms ? "its filter takes only answers that mean \"I do not answer you\": on the day they come, "
			"all mail is refused"
		      : "takes only answers that mean \"I do not answer you\": that is for the log");
	return harms ? FILTER_TO_GO : FILTER_GOOD;
}

/* Of a filter that takes no refusal. */
static enum about_filter judge_codes(struct arena *arena, struct explain_item *item, const struct entry *e,
				     const struct list *l, const struct filter *f)
{
	bool white = takes_class(f, l, true), other = takes_class(f, l, false);
	struct buf takes = buf_make(NOTE_OCTETS_MAX / 2);
	if (f->kind != FILTER_NONE && !white && !other) {
		explain_item_note(arena, item, !is_open(l),
				  is_open(l)
					  ? "its filter takes none of the codes known here; the list gives others, too"
					  : "its filter takes none of the codes that this list gives");
		return is_open(l) ? FILTER_GOOD : FILTER_TO_WRITE;
	}
	if (e->purpose == PURPOSE_BLOCK && white) {
		explain_item_note(arena, item, true, "%s also takes whitelist answers for a listing",
				  f->kind == FILTER_NONE ? "without a filter it" : "its filter");
		return FILTER_TO_WRITE;
	}
	if (f->kind != FILTER_NONE && l->answer_count)
		explain_item_note(arena, item, false, "takes %s", takes_text(&takes, f, l));
	buf_release(&takes);
	return FILTER_GOOD;
}

static enum about_filter judge_filter(struct arena *arena, struct explain_item *item, const struct entry *e,
				      const struct list *l)
{
	uint32_t refusal;
	struct filter f;
	filter_parse(e->syntax, e->filter, &f);
	if (f.kind == FILTER_UNREADABLE) {
		explain_item_note(
			arena, item, true, "%s",
			e->syntax == SYNTAX_EXIM
				? "its filter is none: Exim takes addresses with commas between them, no ranges"
				: "its filter is none: Postfix does not start with it");
		return FILTER_BY_HAND;
	}
	if (!takes_refusal(&f, l, &refusal))
		return judge_codes(arena, item, e, l, &f);
	if (f.kind == FILTER_SETS && !f.negated && !takes_class(&f, l, true) && !takes_class(&f, l, false) &&
	    !filter_takes(&f, UINT32_C(0x7f000002)))
		return judge_refusals_only(arena, item, e);
	note_refusal(arena, item, &f, l, refusal);
	return FILTER_TO_WRITE;
}

/* postconf(5): "*" and an integer. */
static bool is_weight(struct span text)
{
	uint64_t value;
	text = span_from(text, 1);
	text = span_from(text, text.len && (text.at[0] == '-' || text.at[0] == '+'));
	return ascii_parse_u64(text, INT32_MAX, &value) == 0;
}

/* What the program does not start with, whatever list it is. */
static void judge_syntax(struct arena *arena, struct judged *j)
{
	const struct entry *e = j->entry;
	struct filter f;
	if (e->weight.len && (e->syntax == SYNTAX_RESTRICTION || !is_weight(e->weight))) {
		explain_item_note(arena, j->item, true,
				  e->syntax == SYNTAX_RESTRICTION
					  ? "a weight is for postscreen_dnsbl_sites alone: here it makes the name or "
					    "the filter wrong"
					  : "its weight is no number: Postfix does not start with it");
		j->changed = j->hand = true;
	}
	filter_parse(e->syntax, e->filter, &f);
	if (!e->list && f.kind == FILTER_UNREADABLE && e->syntax < SYNTAX_EXIM) {
		explain_item_note(arena, j->item, true, "its filter is none: Postfix does not start with it");
		j->changed = j->hand = true;
	}
}

static void judge_tool(struct arena *arena, struct explain_item *item, const struct entry *e, const struct list *l)
{
	if (l->refusal_count == 0 || e->filtered)
		return;
	if (e->syntax == SYNTAX_RSPAMD)
		explain_item_note(
			arena, item, true,
			"without returncodes it also takes refusals for a listing; name the codes (offlist lists %s)",
			l->zone);
	else if (e->syntax == SYNTAX_SPAMASSASSIN)
		explain_item_note(
			arena, item, true,
			"without a sub-test it also takes refusals for a listing; name the codes (offlist lists %s)",
			l->zone);
	else
		explain_item_note(
			arena, item, e->syntax == SYNTAX_SENDMAIL,
			e->syntax == SYNTAX_SENDMAIL
				? "without codes it also takes refusals for a listing: FEATURE(enhdnsbl) takes codes"
				: "a tool that counts every answer counts its refusals as listings");
}

static void judge_company(struct arena *arena, const struct catalogue *c, const struct entries *all,
			  struct explain_item *item)
{
	const struct list *l = item->list;
	for (size_t i = 0; i < l->part_of.count; i++) {
		const struct list *whole = catalogue_find(c, l->part_of.at[i]);
		for (const struct entry *e = all->first; whole && e; e = e->next)
			if (e->list == whole) {
				explain_item_note(arena, item, false,
						  "part of %s, which is queried here as well: it counts twice",
						  whole->zone);
				return;
			}
	}
}

/* The entry with its zone as shown and another filter (NULL: its own). */
static const char *part_text(struct arena *arena, const struct entries *all, const struct entry *e, const char *zone,
			     const char *filter)
{
	struct buf out = buf_make(PART_OCTETS_MAX);
	const uint8_t *start = all->text.at + e->start, *end = all->text.at + e->end;
	const uint8_t *after = e->zone.at + e->zone.len;
	const char *text = NULL;
	buf_add(&out, span_of(start, (size_t)(e->zone.at - start)));
	buf_add_str(&out, zone);
	if (filter) {
		buf_add_str(&out, filter);
		after = e->filter.len ? e->filter.at + e->filter.len : after;
		after += after < end && *after == '.';
	}
	buf_add(&out, span_of(after, (size_t)(end - after)));
	if (!out.error)
		text = arena_copy(arena, buf_span(&out));
	buf_release(&out);
	return text;
}

/* The key itself never stands in what comes out, and a text without it would ask nobody. */
static void judge_key(struct arena *arena, struct judged *j)
{
	const struct list *l = j->item->list;
	if (!l->key)
		return;
	j->secret = true;
	if (!span_equal_nocase(j->entry->zone, span_str(record_plain_zone(l->zone))))
		return;
	explain_item_note(arena, j->item, true, "needs your key in front of it: {key} stands for the key below");
	j->changed = j->hand = true;
}

static int write_filter(const struct entries *all, struct judged *j, struct buf *filter)
{
	const struct entry *e = j->entry;
	const struct list *l = e->list;
	filter_write(filter, e->syntax, l,
		     e->purpose == PURPOSE_WHITE || l->class == CLASS_WHITE ? PURPOSE_WHITE : PURPOSE_BLOCK);
	j->changed = true;
	j->hand |= filter->len == 0;
	if (filter->error || filter->len == 0)
		return filter->error;
	j->put = arena_copy(all->arena, buf_span(filter));
	j->put_from = (size_t)(e->zone.at - all->text.at) + e->zone.len;
	j->put_to = e->filter.len ? (size_t)(e->filter.at - all->text.at) + e->filter.len : j->put_from;
	if (j->put_to < e->end && all->text.at[j->put_to] == '.') /* at the end of the name */
		j->put_to++;
	return j->put ? 0 : -ENOMEM;
}

static int judge_asked(const struct entries *all, struct judged *j, struct buf *filter)
{
	const struct entry *e = j->entry;
	enum about_filter about = FILTER_GOOD;
	if (e->syntax > SYNTAX_EXIM)
		judge_tool(all->arena, j->item, e, e->list);
	else
		about = judge_filter(all->arena, j->item, e, e->list);
	if (about == FILTER_TO_GO)
		j->changed = j->item->remove = true;
	if (about == FILTER_BY_HAND)
		j->changed = j->hand = true;
	return about == FILTER_TO_WRITE ? write_filter(all, j, filter) : 0;
}

static int judge_known(const struct catalogue *c, const struct entries *all, struct judged *j)
{
	struct explain_item *item = j->item;
	const struct entry *e = j->entry;
	const struct list *l = item->list;
	struct buf filter = buf_make(NOTE_OCTETS_MAX);
	bool dead = l->state == LIST_CLOSED || l->state == LIST_FRAUDULENT;
	int rc;
	explain_note_state(all->arena, item, l);
	judge_key(all->arena, j);
	if (dead || judge_use(all->arena, item, e, l)) {
		j->changed = item->remove = true;
		return 0;
	}
	judge_company(all->arena, c, all, item);
	if (l->terms.registration)
		explain_item_note(all->arena, item, false, "answers only resolvers that are registered with %s",
				  l->operator_name);
	rc = judge_asked(all, j, &filter);
	if (rc == 0 && !item->remove) {
		item->instead = part_text(all->arena, all, e, item->zone, filter.len ? buf_text(&filter) : NULL);
		rc = item->instead ? 0 : -ENOMEM;
	}
	buf_release(&filter);
	return rc;
}

int entry_identify(const struct catalogue *c, struct arena *arena, struct entry *e, const char **ret_zone)
{
	struct span name = e->zone;
	char *zone;
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	zone = arena_copy(arena, name);
	if (!zone)
		return -ENOMEM;
	ascii_lower_all(zone);
	e->list = catalogue_find(c, zone);
	*ret_zone = e->list ? e->list->zone : zone;
	return 0;
}

/* smtpd_check.c of Postfix 3: at the end of a value a warning with each client, and no look-up. */
static void note_nameless(struct arena *arena, struct explain_item *item)
{
	if (item->zone && *item->zone)
		explain_item_note(arena, item, true,
				  "no list is named: Postfix takes the next word, %s, for its name, and does not do "
				  "what that says; name a list before it, or take out %s alone",
				  item->zone, item->syntax);
	else
		explain_item_note(arena, item, true,
				  "no list is named behind it: Postfix asks none, and warns in its log of each client "
				  "(\"restriction %s requires domain name argument\"); name a list, or take it out",
				  item->syntax);
}

int judge_entry(const struct catalogue *c, const struct entries *all, struct judged *j)
{
	struct explain_item *item = j->item;
	item->kind = EXPLAIN_CONFIG;
	item->syntax = j->entry->keyword;
	item->list = j->entry->list;
	item->given = part_text(all->arena, all, j->entry, item->zone, NULL);
	if (!item->given)
		return -E2BIG;
	if (j->entry->nameless) {
		note_nameless(all->arena, item);
		j->changed = j->hand = true;
		return 0;
	}
	judge_syntax(all->arena, j);
	if (item->list)
		return judge_known(c, all, j);
	explain_item_note(all->arena, item, false, "not in the catalogue: nothing is known about it; kept as it is");
	item->instead = item->given;
	return 0;
}
