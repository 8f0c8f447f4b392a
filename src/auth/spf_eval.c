/* SPDX-License-Identifier: BSD-2-Clause */
/* check_host(), its mechanisms and limits (RFC 7208 sections 4 to 6). */
#include <errno.h>
#include <string.h>

#include "auth/spf_parts.h"

enum { NOTE_OCTETS_MAX = 300 };

/* Results, and one that is none: an answer is waited for. */
enum { WAITING = -1 };

/* One record being evaluated. */
struct level {
	struct span domain;
	unsigned int depth;
	const struct spf_record *record;
	struct spf_term *term; /* the one in work; NULL: the trace is full */
};

static const char *keep(struct spf *s, const char *before, struct span text, const char *after)
{
	int len = (int)(text.len < NOTE_OCTETS_MAX ? text.len : NOTE_OCTETS_MAX);
	const char *note = arena_printf(s->arena, "%s%.*s%s", before, len, text.at ? (const char *)text.at : "", after);
	if (!note)
		s->error = -ENOMEM;
	return note;
}

static const char *text_of(struct spf *s, struct span text)
{
	const char *copy = arena_copy(s->arena, text);
	if (!copy)
		s->error = -ENOMEM;
	return copy;
}

static struct spf_term *add_term(struct spf *s, const struct level *l, struct span text)
{
	size_t at = s->report.term_count % SPF_CHUNK_TERMS;
	struct spf_chunk **next = s->report.term_count ? &s->chunk->next : &s->chunks;
	if (s->report.term_count == SPF_TRACE_MAX)
		return NULL;
	if (at == 0) {
		if (!*next)
			*next = arena_alloc(s->arena, 1, sizeof(**next));
		if (!*next) {
			s->error = -ENOMEM;
			return NULL;
		}
		s->chunk = *next;
	}
	s->report.term_count++;
	s->chunk->terms[at] = (struct spf_term){.depth = l->depth};
	s->chunk->domains[at] = l->domain;
	s->chunk->texts[at] = text;
	return &s->chunk->terms[at];
}

/* The trace in one piece, with texts that last. */
static void tell_terms(struct spf *s)
{
	const struct spf_chunk *c = s->chunks;
	struct spf_term *terms = arena_alloc(s->arena, s->report.term_count + 1, sizeof(*terms));
	if (!terms) {
		s->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < s->report.term_count; i++) {
		size_t at = i % SPF_CHUNK_TERMS;
		if (i && at == 0)
			c = c->next;
		terms[i] = c->terms[at];
		terms[i].domain = text_of(s, c->domains[at]);
		terms[i].text = text_of(s, c->texts[at]);
	}
	s->report.terms = terms;
}

static void settle(const struct spf *s, struct spf_term *t, enum spf_effect effect, const char *note)
{
	if (!t)
		return;
	t->effect = effect;
	t->lookups = s->report.lookups;
	t->voids = s->report.voids;
	t->note = note ? note : t->note;
}

/* The whole evaluation ends by an error of the domain's records, or of the DNS. */
static int fail(struct spf *s, const struct level *l, enum spf_result result, const char *why)
{
	settle(s, l->term, SPF_BROKE, why);
	if (!s->report.problem)
		s->report.problem = why ? why : "memory is used up";
	return (int)result;
}

static int too_many(struct spf *s, const struct level *l, const char *what)
{
	return fail(s, l, SPF_PERMERROR, what);
}

/* ---- limits (4.6.4) ---- */

static bool count_lookup(struct spf *s)
{
	return ++s->report.lookups <= SPF_LOOKUPS_MAX;
}

static const char lookups_words[] = "more than 10 terms ask the DNS (RFC 7208 4.6.4)";
static const char voids_words[] = "more than 2 queries have found nothing (RFC 7208 4.6.4)";

/* ---- names ---- */

/* A name over 253 octets loses labels on the left (7.3). */
static struct span cut_left(struct span name)
{
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	while (name.len > SPF_NAME_MAX)
		name = span_from(name, span_find(name, '.') + 1);
	return name;
}

/* The name that a term is about. @return SPF_PASS: *ret_name is it, in `out`; or how it ends. */
static int target_name(struct spf *s, const struct level *l, struct span spec, struct buf *out, struct span *ret_name)
{
	enum spf_got got;
	if (spec.len == 0) {
		*ret_name = l->domain;
		return SPF_PASS;
	}
	got = spf_expand(s, spec, l->domain, out);
	if (got == SPF_LIMIT)
		return too_many(s, l, "its macros become too long");
	if (s->report.voids > SPF_VOID_LOOKUPS_MAX) /* of %{p} */
		return too_many(s, l, voids_words);
	*ret_name = cut_left(buf_span(out));
	return got == SPF_WAIT ? WAITING : SPF_PASS;
}

/* ---- mechanisms: SPF_PASS matches, SPF_NONE does not, else it ends there ---- */

static bool holds(const struct spf *s, const struct spf_answer *answer, const struct spf_directive *d)
{
	for (size_t i = 0; i < answer->count && answer->addrs; i++) {
		struct prefix p = {answer->addrs[i], (uint8_t)(s->query.ip.family == 4 ? d->bits4 : d->bits6)};
		if (prefix_contains(&p, &s->query.ip))
			return true;
	}
	return false;
}

/* Addresses of a name of `a` or `mx`. */
static int addresses_match(struct spf *s, const struct level *l, const struct spf_directive *d, struct span name)
{
	const struct spf_answer *answer;
	enum spf_got got;
	if (!spf_name_labels(name))
		return SPF_NONE; /* nothing can be asked for it */
	got = spf_look_up(s, name, s->query.ip.family == 4 ? SPF_TYPE_A : SPF_TYPE_AAAA, &answer);
	if (got != SPF_GOT)
		return got == SPF_WAIT ? WAITING : too_many(s, l, "too many DNS queries");
	if (answer->kind == SPF_ANSWER_FAILED)
		return fail(s, l, SPF_TEMPERROR, keep(s, "the address of ", name, " cannot be had"));
	if (!spf_count_void(s, answer))
		return too_many(s, l, voids_words);
	return holds(s, answer, d) ? SPF_PASS : SPF_NONE;
}

static int match_mx(struct spf *s, const struct level *l, const struct spf_directive *d, struct span name)
{
	const struct spf_answer *servers;
	enum spf_got got;
	int matched = SPF_NONE;
	if (!spf_name_labels(name))
		return SPF_NONE;
	got = spf_look_up(s, name, SPF_TYPE_MX, &servers);
	if (got != SPF_GOT)
		return got == SPF_WAIT ? WAITING : too_many(s, l, "too many DNS queries");
	if (servers->kind == SPF_ANSWER_FAILED)
		return fail(s, l, SPF_TEMPERROR, keep(s, "the MX of ", name, " cannot be had"));
	if (!spf_count_void(s, servers))
		return too_many(s, l, voids_words);
	if (servers->count > SPF_NAMES_MAX)
		return too_many(s, l, "more than 10 MX names (RFC 7208 4.6.4)");
	for (size_t i = 0; matched == SPF_NONE && i < servers->count; i++)
		matched = addresses_match(s, l, d, servers->texts[i]);
	return matched;
}

static int match_exists(struct spf *s, const struct level *l, struct span name)
{
	const struct spf_answer *answer;
	enum spf_got got;
	if (!spf_name_labels(name))
		return SPF_NONE;
	got = spf_look_up(s, name, SPF_TYPE_A, &answer); /* A also for IPv6 (5.7) */
	if (got != SPF_GOT)
		return got == SPF_WAIT ? WAITING : too_many(s, l, "too many DNS queries");
	if (answer->kind == SPF_ANSWER_FAILED)
		return fail(s, l, SPF_TEMPERROR, keep(s, "", name, " cannot be looked up"));
	if (!spf_count_void(s, answer))
		return too_many(s, l, voids_words);
	return answer->count ? SPF_PASS : SPF_NONE;
}

static int match_ptr(struct spf *s, const struct level *l, struct span name)
{
	struct span names[SPF_NAMES_MAX];
	size_t count;
	enum spf_got got = spf_validated(s, names, &count);
	if (got != SPF_GOT)
		return got == SPF_WAIT ? WAITING : too_many(s, l, "too many DNS queries");
	if (s->report.voids > SPF_VOID_LOOKUPS_MAX)
		return too_many(s, l, voids_words);
	for (size_t i = 0; i < count; i++) {
		struct span tail = span_from(names[i], names[i].len > name.len ? names[i].len - name.len : 0);
		bool below = names[i].len > name.len && names[i].at[names[i].len - name.len - 1] == '.';
		if (span_equal_nocase(tail, name) && (below || names[i].len == name.len))
			return SPF_PASS;
	}
	return SPF_NONE;
}

static int check_host(struct spf *s, struct span domain, unsigned int depth, struct span *ret_exp, struct span *exp_of);

static int match_include(struct spf *s, const struct level *l, struct span name)
{
	struct span exp, of;
	int result = check_host(s, name, l->depth + 1, &exp, &of);
	switch (result) {
	case SPF_PASS:
	case WAITING:
		return result;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_NEUTRAL:
		return SPF_NONE;
	case SPF_NONE:
		return fail(s, l, SPF_PERMERROR, keep(s, "", name, " has no SPF record (RFC 7208 5.2)"));
	default:
		return fail(s, l, (enum spf_result)result, "what it includes has an error");
	}
}

static int match_by_name(struct spf *s, const struct level *l, const struct spf_directive *d)
{
	struct buf room = buf_make(SPF_EXPANDED_MAX);
	struct span name = {0};
	int matched;
	if (!count_lookup(s)) {
		buf_release(&room);
		return too_many(s, l, lookups_words);
	}
	matched = target_name(s, l, d->spec, &room, &name);
	if (matched == SPF_PASS && d->spec.len && l->term)
		l->term->note = text_of(s, name);
	if (matched == SPF_PASS)
		matched = d->kind == SPF_INCLUDE ? match_include(s, l, name)
			  : d->kind == SPF_A     ? addresses_match(s, l, d, name)
			  : d->kind == SPF_MX    ? match_mx(s, l, d, name)
			  : d->kind == SPF_PTR   ? match_ptr(s, l, name)
						 : match_exists(s, l, name);
	buf_release(&room);
	return matched;
}

static int match(struct spf *s, const struct level *l, const struct spf_directive *d)
{
	switch (d->kind) {
	case SPF_ALL:
		return SPF_PASS;
	case SPF_IP4:
	case SPF_IP6:
		return d->network.addr.family == s->query.ip.family && prefix_contains(&d->network, &s->query.ip)
			       ? SPF_PASS
			       : SPF_NONE;
	default:
		return match_by_name(s, l, d);
	}
}

/* ---- records ---- */

/* The record of an answer, taken apart once. NULL: no memory. */
static const struct spf_lookup *taken_apart(struct spf *s, const struct spf_answer *answer, struct span text)
{
	struct spf_lookup *l = NULL;
	for (size_t i = 0; i < s->lookup_count; i++)
		if (&s->lookups[i]->answer == answer)
			l = s->lookups[i];
	if (l && !l->record) {
		size_t room = spf_record_terms(text);
		struct spf_record *r = arena_alloc(s->arena, 1, sizeof(*r));
		struct spf_directive *at = arena_alloc(s->arena, room, sizeof(*at));
		if (!r || !at)
			return NULL;
		*r = (struct spf_record){.at = at, .room = room};
		l->right = spf_record_read(text, r);
		l->record = r;
	}
	return l;
}

/* @return SPF_PASS: there is one, in *ret_lookup and *ret_text; or how it ends. */
static int find_record(struct spf *s, struct level *l, const struct spf_lookup **ret_lookup, struct span *ret_text)
{
	const struct spf_answer *answer;
	enum spf_got got = spf_look_up(s, l->domain, SPF_TYPE_TXT, &answer);
	size_t found = 0;
	if (got != SPF_GOT)
		return got == SPF_WAIT ? WAITING : too_many(s, l, "too many DNS queries");
	if (answer->kind == SPF_ANSWER_FAILED) {
		l->term = add_term(s, l, (struct span){0});
		return fail(s, l, SPF_TEMPERROR, keep(s, "the TXT of ", l->domain, " cannot be had"));
	}
	for (size_t i = 0; i < answer->count; i++)
		if (spf_is_record(answer->texts[i])) {
			*ret_text = answer->texts[i];
			found++;
		}
	if (found == 1) {
		*ret_lookup = taken_apart(s, answer, *ret_text);
		if (!*ret_lookup)
			s->error = -ENOMEM;
		return *ret_lookup ? SPF_PASS : WAITING;
	}
	l->term = add_term(s, l, (struct span){0});
	if (found > 1)
		return fail(s, l, SPF_PERMERROR,
			    keep(s, "", l->domain, " has more than one SPF record (RFC 7208 4.5)"));
	s->report.no_name |= l->depth == 0 && answer->kind == SPF_ANSWER_NO_NAME;
	settle(s, l->term, SPF_NO_MATCH, answer->kind == SPF_ANSWER_NO_NAME ? "no such name" : "no SPF record");
	return SPF_NONE;
}

static int redirect(struct spf *s, struct level *l, struct span *ret_exp, struct span *exp_of)
{
	const struct spf_directive *d = l->record->redirect;
	struct buf room = buf_make(SPF_EXPANDED_MAX);
	struct span name = {0};
	int result;
	l->term = add_term(s, l, d->text);
	if (!count_lookup(s)) {
		buf_release(&room);
		return too_many(s, l, lookups_words);
	}
	settle(s, l->term, SPF_MODIFIER, NULL);
	result = target_name(s, l, d->spec, &room, &name);
	if (result == SPF_PASS) {
		const char *copy = text_of(s, name);
		result = copy ? check_host(s, span_str(copy), l->depth + 1, ret_exp, exp_of) : SPF_PERMERROR;
	}
	if (result == SPF_NONE)
		result = fail(s, l, SPF_PERMERROR, keep(s, "", name, " has no SPF record (RFC 7208 6.1)"));
	buf_release(&room);
	return result;
}

static int evaluate(struct spf *s, struct level *l, struct span *ret_exp, struct span *exp_of)
{
	const struct spf_record *r = l->record;
	for (size_t i = 0; i < r->count; i++) {
		const struct spf_directive *d = &r->at[i];
		int matched;
		if (d->kind >= SPF_REDIRECT)
			continue;
		l->term = add_term(s, l, d->text);
		struct spf_term *term = l->term;
		matched = match(s, l, d);
		if (matched != SPF_PASS && matched != SPF_NONE)
			return matched;
		settle(s, term, matched == SPF_PASS ? SPF_MATCH : SPF_NO_MATCH, NULL);
		if (matched == SPF_PASS) {
			*ret_exp = r->exp ? r->exp->spec : (struct span){0};
			*exp_of = l->domain;
			return (int)d->result;
		}
	}
	return r->redirect ? redirect(s, l, ret_exp, exp_of) : SPF_NEUTRAL;
}

static int check_host(struct spf *s, struct span domain, unsigned int depth, struct span *ret_exp, struct span *exp_of)
{
	struct level l = {.depth = depth};
	const char *own = text_of(s, domain);
	const struct spf_lookup *lookup;
	struct span text = {0};
	int result;
	*ret_exp = *exp_of = (struct span){0};
	if (!own)
		return WAITING;
	l.domain = span_str(own);
	if (depth > SPF_DEPTH_MAX || !spf_domain_valid(l.domain))
		return SPF_NONE;
	result = find_record(s, &l, &lookup, &text);
	if (result != SPF_PASS)
		return result;
	l.record = lookup->record;
	if (depth == 0)
		s->report.record = text_of(s, text);
	if (!lookup->right) {
		l.term = add_term(s, &l, l.record->wrong);
		return fail(s, &l, SPF_PERMERROR,
			    keep(s, "\"", l.record->wrong, keep(s, "\" ", span_str(l.record->why), "")));
	}
	return evaluate(s, &l, ret_exp, exp_of);
}

/* ---- explanations (6.2): whatever goes wrong, there is none ---- */

static bool printable(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < 0x20 || text.at[i] > 0x7e)
			return false;
	return true;
}

/* @return whether an answer is waited for. */
static bool explain(struct spf *s, struct span spec, struct span of)
{
	struct buf name = buf_make(SPF_EXPANDED_MAX), text = buf_make(SPF_EXPANDED_MAX);
	const struct spf_answer *answer = NULL;
	unsigned int voids = s->report.voids; /* a %{p} of an explanation is not counted: the result stands */
	enum spf_got got = spf_expand(s, spec, of, &name);
	if (got == SPF_GOT && spf_domain_valid(cut_left(buf_span(&name))))
		got = spf_look_up(s, cut_left(buf_span(&name)), SPF_TYPE_TXT, &answer);
	if (got == SPF_GOT && answer && answer->kind == SPF_ANSWER_RECORDS && answer->count == 1 &&
	    printable(answer->texts[0]) && spf_macro_valid(answer->texts[0], false, true))
		got = spf_expand(s, answer->texts[0], of, &text);
	if (got == SPF_GOT && text.len && printable(buf_span(&text)))
		s->report.explanation = text_of(s, buf_span(&text));
	s->report.voids = voids;
	buf_release(&name);
	buf_release(&text);
	return got == SPF_WAIT;
}

/* ---- steps ---- */

static int copied(struct arena *arena, struct span *text)
{
	const char *copy = arena_copy(arena, *text);
	*text = span_of(copy, copy ? text->len : 0);
	return copy ? 0 : -ENOMEM;
}

int spf_begin(const struct spf_query *query, struct arena *arena, struct spf **ret_spf)
{
	struct spf *s = arena_alloc(arena, 1, sizeof(*s));
	size_t at;
	if (!s)
		return -ENOMEM;
	s->arena = arena;
	s->query = *query;
	if (copied(arena, &s->query.domain) < 0 || copied(arena, &s->query.sender) < 0 ||
	    copied(arena, &s->query.helo) < 0 || copied(arena, &s->query.receiver) < 0)
		return -ENOMEM;
	/* the last "@" parts it: a local part may be quoted */
	for (at = s->query.sender.len; at && s->query.sender.at[at - 1] != '@';)
		at--;
	s->local = at > 1 ? span_of(s->query.sender.at, at - 1) : span_str("postmaster");
	s->sender_domain = at ? span_from(s->query.sender, at) : s->query.sender;
	if (s->sender_domain.len == 0)
		s->sender_domain = s->query.domain;
	*ret_spf = s;
	return 0;
}

int spf_step(struct spf *s, struct spf_question *ret_question)
{
	struct span exp, of;
	int result;
	s->wanted = NULL;
	s->report = (struct spf_report){0};
	result = check_host(s, s->query.domain, 0, &exp, &of);
	if (result == SPF_FAIL && exp.len && explain(s, exp, of))
		result = WAITING;
	if (s->error)
		return s->error;
	if (result == WAITING) {
		*ret_question = (struct spf_question){s->wanted->name, s->wanted->type};
		return 0;
	}
	s->report.result = (enum spf_result)result;
	tell_terms(s);
	return s->error ? s->error : 1;
}

const struct spf_report *spf_report(const struct spf *s)
{
	return &s->report;
}

const char *spf_result_text(enum spf_result result)
{
	static const char *const texts[] = {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"};
	return texts[result];
}
