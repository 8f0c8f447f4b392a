/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist.list/1 */
#include "cli/lists.h"

const struct lists_kind lists_kinds[] = {
	{QUERY_IP4, "ip4", "IPv4"},
	{QUERY_IP6, "ip6", "IPv6"},
	{QUERY_DOMAIN, "domain", "domain"},
	{QUERY_REGISTRABLE, "registrable", "registrable domain"},
	{QUERY_URL, "url", "URL"},
	{QUERY_EMAIL_HASH, "email_hash", "hash of a mail address"},
	{QUERY_URL_HASH, "url_hash", "hash of a URL"},
	{0},
};

static void member(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_str(j, text);
}

static void texts(struct json *j, const char *key, const struct texts *t)
{
	json_key(j, key);
	json_begin(j, '[');
	for (size_t i = 0; i < t->count; i++)
		json_str(j, t->at[i]);
	json_end(j, ']');
}

static void seconds(struct json *j, const char *key, int64_t value)
{
	json_key(j, key);
	if (value < 0)
		json_null(j);
	else
		json_int(j, value);
}

static void truth(struct json *j, const char *key, bool value)
{
	json_key(j, key);
	json_bool(j, value);
}

void lists_json_suggests(struct json *j, uint32_t suggests)
{
	json_key(j, "suggests");
	json_begin(j, '[');
	for (unsigned int i = 0; i < CAUSE_COUNT; i++)
		if (suggests >> i & 1)
			json_str(j, cause_text((enum cause)i));
	json_end(j, ']');
}

static void removal(struct json *j, const struct removal *r)
{
	json_key(j, "removal");
	json_begin(j, '{');
	member(j, "method", removal_method_text(r->method));
	member(j, "who", removal_who_text(r->who));
	member(j, "url", r->url);
	member(j, "address", r->address);
	texts(j, "first", &r->first);
	texts(j, "steps", &r->steps);
	seconds(j, "cooldown_s", r->cooldown_s);
	seconds(j, "expires_after_s", r->expires_after_s);
	truth(j, "paid", r->paid);
	truth(j, "counts_removals", r->counts_removals);
	member(j, "advice", r->advice);
	json_end(j, '}');
}

void lists_json_answer(struct json *j, const struct list_answer *a)
{
	char text[MATCH_TEXT_SIZE];
	const char *form = list_answer_form(a, text);
	member(j, form, text);
	member(j, "list", a->list);
	member(j, "meaning", a->meaning);
	member(j, "class", list_class_text(a->class));
	member(j, "impact", impact_text(a->impact));
	member(j, "scope", scope_word(a->scope));
	lists_json_suggests(j, a->suggests);
}

static void answers(struct json *j, const struct list *l)
{
	json_key(j, "answers");
	json_begin(j, '[');
	for (size_t i = 0; i < l->answer_count; i++) {
		json_begin(j, '{');
		lists_json_answer(j, &l->answers[i]);
		if (l->answers[i].own >= OWN_REMOVAL)
			removal(j, &l->answers[i].removal);
		json_end(j, '}');
	}
	json_end(j, ']');
	json_key(j, "refusals");
	json_begin(j, '[');
	for (size_t i = 0; i < l->refusal_count; i++) {
		char text[MATCH_TEXT_SIZE];
		const char *form = list_refusal_form(&l->refusals[i], text);
		json_begin(j, '{');
		member(j, form, text);
		member(j, "why", refusal_why_text(l->refusals[i].why));
		member(j, "meaning", l->refusals[i].meaning);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void address(struct json *j, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_SIZE];
	json_key(j, key);
	if (!a->family) {
		json_null(j);
		return;
	}
	addr_text(a, text);
	json_str(j, text);
}

static void points(struct json *j, const char *key, bool has, const struct addr *listed, const struct addr *clear)
{
	json_key(j, key);
	if (!has) {
		json_null(j);
		return;
	}
	json_begin(j, '{');
	address(j, "listed", listed);
	address(j, "clear", clear);
	json_end(j, '}');
}

static void test(struct json *j, const struct list_test *t)
{
	char text[CODE_TEXT_SIZE];
	json_key(j, "test");
	json_begin(j, '{');
	points(j, "ip4", t->ip4, &t->ip4_listed, &t->ip4_clear);
	points(j, "ip6", t->ip6, &t->ip6_listed, &t->ip6_clear);
	json_key(j, "domain");
	if (t->domain) {
		json_begin(j, '{');
		member(j, "listed", t->domain_listed);
		member(j, "clear", t->domain_clear);
		json_end(j, '}');
	} else {
		json_null(j);
	}
	list_code_text(t->answer, text);
	member(j, "answer", t->answer ? text : NULL);
	member(j, "note", t->note);
	json_end(j, '}');
}

static const char *term(enum term t, const char *no)
{
	return t == TERM_YES ? "allowed" : t == TERM_NO ? no : "unknown";
}

static void terms(struct json *j, const struct list_terms *t)
{
	json_key(j, "terms");
	json_begin(j, '{');
	seconds(j, "per_day", t->per_day);
	json_key(j, "rate");
	if (t->unlimited)
		json_null(j);
	else
		json_real(j, t->rate, 3);
	seconds(j, "burst", t->unlimited ? -1 : t->burst);
	member(j, "public_resolvers", term(t->public_resolvers, "refused"));
	member(j, "registration", t->registration ? "required" : "none");
	member(j, "commercial", term(t->commercial, "forbidden"));
	member(j, "sweeps", term(t->sweeps, "forbidden"));
	member(j, "note", t->note);
	json_end(j, '}');
}

static void closed(struct json *j, const struct list *l)
{
	json_key(j, "closed");
	if (!l->closed_how && !l->closed_note && !l->closed_instead) {
		json_null(j);
		return;
	}
	json_begin(j, '{');
	member(j, "how", l->closed_how);
	member(j, "note", l->closed_note);
	member(j, "instead", l->closed_instead);
	json_end(j, '}');
}

static void head(struct json *j, const struct list *l)
{
	member(j, "schema", "offlist.list/1");
	member(j, "zone", l->zone);
	member(j, "name", l->name);
	member(j, "operator", l->operator_name);
	member(j, "operator_url", l->operator_url);
	member(j, "class", list_class_text(l->class));
	member(j, "status", list_state_text(l->state));
	member(j, "qualified", l->qualified);
	member(j, "since", l->since);
	json_key(j, "query");
	json_begin(j, '[');
	for (const struct lists_kind *k = lists_kinds; k->bit; k++)
		if (l->query & k->bit)
			json_str(j, k->word);
	json_end(j, ']');
	member(j, "impact", impact_text(l->impact));
	member(j, "scope", scope_word(l->scope));
	member(j, "scope6", scope_word(l->scope6));
	lists_json_suggests(j, l->suggests);
	truth(j, "enabled", l->enabled);
	texts(j, "part_of", &l->part_of);
	member(j, "key", l->key);
}

void lists_json(struct buf *out, const struct list *l)
{
	struct json j = json_make(out);
	json_begin(&j, '{');
	head(&j, l);
	answers(&j, l);
	test(&j, &l->test);
	terms(&j, &l->terms);
	member(&j, "evidence_url", l->evidence);
	member(&j, "lookup_url", l->lookup);
	removal(&j, &l->removal);
	closed(&j, l);
	texts(&j, "notes", &l->notes);
	texts(&j, "operator_notes", &l->operator_notes);
	json_key(&j, "sources");
	json_begin(&j, '[');
	for (size_t i = 0; i < l->source_count; i++) {
		json_begin(&j, '{');
		member(&j, "name", l->sources[i].name);
		member(&j, "date", l->sources[i].date);
		json_end(&j, '}');
	}
	json_end(&j, ']');
	json_end(&j, '}');
	buf_add_char(out, '\n');
}
