/* SPDX-License-Identifier: BSD-2-Clause */
/* A record over its base: operator's terms, list's terms, defaults; answers that inherit from their list. */
#include "lists/build.h"

#include <errno.h>

#include "lists/record_words.h"

enum {
	DEFAULT_RATE = 2,
	DEFAULT_BURST = 300,
	QUERY_IP = QUERY_IP4 | QUERY_IP6,
	QUERY_NAME = QUERY_DOMAIN | QUERY_REGISTRABLE
};

static const struct list new_list = {
	.name = "",
	.operator_name = "",
	.state = LIST_UNVERIFIED,
	.impact = IMPACT_LOW,
	.terms = {.per_day = -1, .rate = DEFAULT_RATE, .burst = DEFAULT_BURST},
	.removal = {.method = REMOVAL_UNKNOWN, .who = WHO_UNKNOWN, .cooldown_s = -1, .expires_after_s = -1},
};

static struct addr ip4(uint32_t host)
{
	return (struct addr){.family = 4, .octets = {host >> 24, host >> 16 & 0xff, host >> 8 & 0xff, host & 0xff}};
}

/* RFC 5782 section 5 names the standard points; over IPv6 few lists have them, so those must be said. */
static void standard_points(const struct build *b, struct list *l)
{
	struct list_test *t = &l->test;
	const struct schema_seen *seen = &b->record->test.seen;
	if (!b->base || (given(&b->record->seen, RECORD_ROW_QUERY) && !t->ip4 && !t->domain)) {
		if (l->query & QUERY_IP4 && !present(seen, TEST_ROW_IP4)) {
			t->ip4_listed = ip4(0x7f000002);
			t->ip4_clear = ip4(0x7f000001);
		}
		if (l->query & QUERY_NAME && !present(seen, TEST_ROW_DOMAIN)) {
			t->domain_listed = "test";
			t->domain_clear = "invalid";
		}
	}
}

static void point_over(struct addr *listed, struct addr *clear, const struct record_point *p, bool fresh,
		       const struct addr standard[2])
{
	if (fresh) {
		*listed = standard[0];
		*clear = standard[1];
	}
	if (given(&p->seen, POINT_ROW_LISTED))
		*listed = p->listed;
	if (given(&p->seen, POINT_ROW_CLEAR))
		*clear = p->clear;
	if (p->none)
		*listed = *clear = (struct addr){0};
}

static const char *no_none(const char *name)
{
	return strcmp(name, "none") == 0 ? NULL : name;
}

static void domain_over(struct list_test *t, const struct record_domain_point *p, bool fresh)
{
	if (fresh) {
		t->domain_listed = "test";
		t->domain_clear = "invalid";
	}
	if (given(&p->seen, POINT_ROW_LISTED))
		t->domain_listed = no_none(p->listed);
	if (given(&p->seen, POINT_ROW_CLEAR))
		t->domain_clear = no_none(p->clear);
	if (p->none)
		t->domain_listed = t->domain_clear = NULL;
}

static void test_over(const struct build *b, struct list *l)
{
	const struct record_test *r = &b->record->test;
	struct list_test *t = &l->test;
	const struct addr standard4[2] = {ip4(0x7f000002), ip4(0x7f000001)};
	struct addr standard6[2] = {{.family = 6, .octets = {[10] = 0xff, 0xff, 0x7f, 0, 0, 2}},
				    {.family = 6, .octets = {[10] = 0xff, 0xff, 0x7f, 0, 0, 1}}};
	if (given(&r->seen, TEST_ROW_IP4))
		point_over(&t->ip4_listed, &t->ip4_clear, &r->ip4, !t->ip4, standard4);
	if (given(&r->seen, TEST_ROW_IP6))
		point_over(&t->ip6_listed, &t->ip6_clear, &r->ip6, !t->ip6, standard6);
	if (given(&r->seen, TEST_ROW_DOMAIN))
		domain_over(t, &r->domain, !t->domain);
	if (given(&r->seen, TEST_ROW_ANSWER))
		t->answer = r->answer;
	if (given(&r->seen, TEST_ROW_NOTE))
		t->note = r->note;
	standard_points(b, l);
	t->ip4 = t->ip4_listed.family || t->ip4_clear.family;
	t->ip6 = t->ip6_listed.family || t->ip6_clear.family;
	t->domain = t->domain_listed || t->domain_clear;
}

/* What the answer does not say itself is the list's. */
static void inherit(const struct list *l, struct list_answer *a)
{
	struct removal own = a->removal;
	if (!(a->own & OWN_CLASS))
		a->class = l->class;
	if (!(a->own & OWN_IMPACT))
		a->impact = l->impact;
	if (!(a->own & OWN_SCOPE))
		a->scope = l->scope;
	if (!(a->own & OWN_SUGGESTS))
		a->suggests = l->suggests;
	a->removal = l->removal;
	removal_over(&a->removal, &own, a->own / OWN_REMOVAL);
}

static uint32_t own_bits(const struct record_answer *r)
{
	return (given(&r->seen, ANSWER_ROW_CLASS) ? OWN_CLASS : 0U) |
	       (given(&r->seen, ANSWER_ROW_IMPACT) ? OWN_IMPACT : 0U) |
	       (given(&r->seen, ANSWER_ROW_SCOPE) ? OWN_SCOPE : 0U) |
	       (given(&r->seen, ANSWER_ROW_SUGGESTS) ? OWN_SUGGESTS : 0U) |
	       (uint32_t)(r->removal.seen.given * OWN_REMOVAL);
}

static int answers_over(const struct build *b, struct list *l)
{
	const struct record *r = b->record;
	bool own = given(&r->seen, RECORD_ROW_ANSWERS);
	size_t count = own ? r->answer_count : l->answer_count;
	struct list_answer *answers = arena_alloc(b->arena, count, sizeof(*answers));
	if (!answers)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		answers[i] = own ? r->answers[i].v : l->answers[i];
		if (own) {
			answers[i].removal = r->answers[i].removal.v;
			answers[i].own = own_bits(&r->answers[i]);
		}
		if (!answers[i].meaning)
			answers[i].meaning = "";
		inherit(l, &answers[i]);
	}
	l->answers = answers;
	l->answer_count = count;
	return 0;
}

static int refusals_over(const struct build *b, struct list *l)
{
	const struct record *r = b->record;
	struct list_refusal *refusals;
	if (!given(&r->seen, RECORD_ROW_REFUSALS))
		return 0;
	refusals = arena_alloc(b->arena, r->refusal_count, sizeof(*refusals));
	if (!refusals)
		return -ENOMEM;
	for (size_t i = 0; i < r->refusal_count; i++) {
		refusals[i] = r->refusals[i].v;
		if (!refusals[i].meaning)
			refusals[i].meaning = "";
	}
	l->refusals = refusals;
	l->refusal_count = r->refusal_count;
	return 0;
}

static int sources_over(const struct build *b, struct list *l)
{
	const struct record *r = b->record;
	struct list_source *sources;
	if (!given(&r->seen, RECORD_ROW_SOURCES))
		return 0;
	sources = arena_alloc(b->arena, r->source_count, sizeof(*sources));
	if (!sources)
		return -ENOMEM;
	for (size_t i = 0; i < r->source_count; i++)
		sources[i] = r->sources[i].v;
	l->sources = sources;
	l->source_count = r->source_count;
	return 0;
}

static void scope_over(const struct build *b, struct list *l)
{
	const struct schema_seen *seen = &b->record->seen;
	if (given(seen, RECORD_ROW_SCOPE))
		l->scope = b->record->v.scope;
	else if (!b->base && !(l->query & QUERY_IP))
		l->scope = l->query & QUERY_NAME ? SCOPE_DOMAIN : l->query ? SCOPE_URL : SCOPE_ADDRESS;
	if (given(seen, RECORD_ROW_SCOPE6))
		l->scope6 = b->record->v.scope6;
	else if (!b->base || given(seen, RECORD_ROW_SCOPE)) /* a /24 means nothing to IPv6 */
		l->scope6 = l->scope == SCOPE_PREFIX24 ? SCOPE_PREFIX64 : l->scope;
}

static void closed_over(const struct build *b, struct list *l)
{
	const struct record_closed *c = &b->record->closed;
	if (l->state != LIST_CLOSED && l->state != LIST_FRAUDULENT)
		l->closed_how = l->closed_note = l->closed_instead = NULL;
	if (given(&c->seen, CLOSED_ROW_HOW))
		l->closed_how = schema_word_text(catalogue_words_closed, c->how);
	if (given(&c->seen, CLOSED_ROW_NOTE))
		l->closed_note = c->note;
	if (given(&c->seen, CLOSED_ROW_INSTEAD))
		l->closed_instead = c->instead;
}

static void operator_over(const struct build *b, struct list *l)
{
	const struct record_operator *o = b->operator;
	if (!o)
		return;
	if (o->name)
		l->operator_name = o->name;
	if (o->url)
		l->operator_url = o->url;
	if (o->notes.count)
		l->operator_notes = o->notes;
	terms_over(&l->terms, &o->terms);
}

static void plain_over(const struct build *b, struct list *to)
{
	const struct list *from = &b->record->v;
	uint64_t rows = b->record->seen.given;
#define TAKE(row, member)                                                                                              \
	if ((rows >> (row)) & 1)                                                                                       \
	to->member = from->member
	TAKE(RECORD_ROW_ZONE, zone);
	TAKE(RECORD_ROW_KEY, key);
	TAKE(RECORD_ROW_NAME, name);
	TAKE(RECORD_ROW_CLASS, class);
	TAKE(RECORD_ROW_QUERY, query);
	TAKE(RECORD_ROW_STATUS, state);
	if (rows >> RECORD_ROW_STATUS & 1) /* they were said of the status before */
		to->qualified = to->since = NULL;
	TAKE(RECORD_ROW_QUALIFIED, qualified);
	TAKE(RECORD_ROW_SINCE, since);
	TAKE(RECORD_ROW_MORE_CODES, more_codes);
	TAKE(RECORD_ROW_PART_OF, part_of);
	TAKE(RECORD_ROW_IMPACT, impact);
	TAKE(RECORD_ROW_SUGGESTS, suggests);
	TAKE(RECORD_ROW_EVIDENCE, evidence);
	TAKE(RECORD_ROW_LOOKUP, lookup);
	TAKE(RECORD_ROW_PAGES, pages);
	TAKE(RECORD_ROW_NOTES, notes);
#undef TAKE
}

int build_list(const struct build *b, struct list *ret_list)
{
	struct list l = b->base ? *b->base : new_list;
	int rc;
	record_check(b);
	plain_over(b, &l);
	operator_over(b, &l);
	terms_over(&l.terms, &b->record->terms);
	scope_over(b, &l);
	closed_over(b, &l);
	removal_over(&l.removal, &b->record->removal.v, b->record->removal.seen.given);
	test_over(b, &l);
	l.enabled = (l.state == LIST_ACTIVE || l.state == LIST_DISPUTED) && l.query;
	l.file = b->file;
	l.line = b->record->seen.start.line;
	rc = answers_over(b, &l);
	if (rc == 0)
		rc = refusals_over(b, &l);
	if (rc == 0)
		rc = sources_over(b, &l);
	if (rc == 0)
		*ret_list = l;
	return rc;
}
