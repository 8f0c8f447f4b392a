/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist.list/1 */
#include "view/view_list.h"

const struct view_list_kind view_list_kinds[] = {
	{QUERY_IP4, "ip4", "IPv4"},
	{QUERY_IP6, "ip6", "IPv6"},
	{QUERY_DOMAIN, "domain", "domain"},
	{QUERY_REGISTRABLE, "registrable", "registrable domain"},
	{QUERY_URL, "url", "URL"},
	{QUERY_EMAIL_HASH, "email_hash", "hash of a mail address"},
	{QUERY_URL_HASH, "url_hash", "hash of a URL"},
	{0},
};

void view_list_suggests(struct json *j, uint32_t suggests)
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
	json_member_str(j, "method", removal_method_text(r->method));
	json_member_str(j, "who", removal_who_text(r->who));
	json_member_str(j, "url", r->url);
	json_member_str(j, "address", r->address);
	json_member_strs(j, "first", r->first.at, r->first.count);
	json_member_strs(j, "steps", r->steps.at, r->steps.count);
	json_member_known(j, "cooldown_s", r->cooldown_s);
	json_member_known(j, "expires_after_s", r->expires_after_s);
	json_member_bool(j, "paid", r->paid);
	json_member_bool(j, "counts_removals", r->counts_removals);
	json_member_str(j, "advice", r->advice);
	json_end(j, '}');
}

void view_list_answer(struct json *j, const struct list_answer *a)
{
	char text[MATCH_TEXT_SIZE];
	const char *form = list_answer_form(a, text);
	json_member_str(j, form, text);
	json_member_str(j, "list", a->list);
	json_member_str(j, "meaning", a->meaning);
	json_member_str(j, "class", list_class_text(a->class));
	json_member_str(j, "impact", impact_text(a->impact));
	json_member_str(j, "scope", scope_word(a->scope));
	view_list_suggests(j, a->suggests);
}

static void answers(struct json *j, const struct list *l)
{
	json_key(j, "answers");
	json_begin(j, '[');
	for (size_t i = 0; i < l->answer_count; i++) {
		json_begin(j, '{');
		view_list_answer(j, &l->answers[i]);
		if (l->answers[i].own >= OWN_REMOVAL)
			removal(j, &l->answers[i].removal);
		json_end(j, '}');
	}
	json_end(j, ']');
	json_member_bool(j, "more_codes", l->more_codes);
	json_key(j, "refusals");
	json_begin(j, '[');
	for (size_t i = 0; i < l->refusal_count; i++) {
		char text[MATCH_TEXT_SIZE];
		const char *form = list_refusal_form(&l->refusals[i], text);
		json_begin(j, '{');
		json_member_str(j, form, text);
		json_member_str(j, "why", refusal_why_text(l->refusals[i].why));
		json_member_str(j, "meaning", l->refusals[i].meaning);
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
		json_member_str(j, "listed", t->domain_listed);
		json_member_str(j, "clear", t->domain_clear);
		json_end(j, '}');
	} else {
		json_null(j);
	}
	list_code_text(t->answer, text);
	json_member_str(j, "answer", t->answer ? text : NULL);
	json_member_str(j, "note", t->note);
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
	json_member_known(j, "per_day", t->per_day);
	json_key(j, "rate");
	if (t->unlimited)
		json_null(j);
	else
		json_real(j, t->rate, 3);
	json_member_known(j, "burst", t->unlimited ? -1 : t->burst);
	json_member_str(j, "public_resolvers", term(t->public_resolvers, "refused"));
	json_member_str(j, "registration", t->registration ? "required" : "none");
	json_member_str(j, "commercial", term(t->commercial, "forbidden"));
	json_member_str(j, "sweeps", term(t->sweeps, "forbidden"));
	json_member_str(j, "note", t->note);
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
	json_member_str(j, "how", l->closed_how);
	json_member_str(j, "note", l->closed_note);
	json_member_str(j, "instead", l->closed_instead);
	json_end(j, '}');
}

static void head(struct json *j, const struct list *l)
{
	json_member_str(j, "schema", "offlist.list/1");
	json_member_str(j, "zone", l->zone);
	json_member_str(j, "name", l->name);
	json_member_str(j, "operator", l->operator_name);
	json_member_str(j, "operator_url", l->operator_url);
	json_member_str(j, "class", list_class_text(l->class));
	json_member_str(j, "status", list_state_text(l->state));
	json_member_str(j, "qualified", l->qualified);
	json_member_str(j, "since", l->since);
	json_key(j, "query");
	json_begin(j, '[');
	for (const struct view_list_kind *k = view_list_kinds; k->bit; k++)
		if (l->query & k->bit)
			json_str(j, k->word);
	json_end(j, ']');
	json_member_str(j, "impact", impact_text(l->impact));
	json_member_str(j, "scope", scope_word(l->scope));
	json_member_str(j, "scope6", scope_word(l->scope6));
	view_list_suggests(j, l->suggests);
	json_member_bool(j, "enabled", l->enabled);
	json_member_strs(j, "part_of", l->part_of.at, l->part_of.count);
	json_member_str(j, "key", l->key);
}

void view_list(struct buf *out, const struct list *l)
{
	struct json j = json_make(out);
	json_begin(&j, '{');
	head(&j, l);
	answers(&j, l);
	test(&j, &l->test);
	terms(&j, &l->terms);
	json_member_str(&j, "evidence_url", l->evidence);
	json_member_str(&j, "lookup_url", l->lookup);
	removal(&j, &l->removal);
	closed(&j, l);
	json_member_strs(&j, "notes", l->notes.at, l->notes.count);
	json_member_strs(&j, "operator_notes", l->operator_notes.at, l->operator_notes.count);
	json_key(&j, "sources");
	json_begin(&j, '[');
	for (size_t i = 0; i < l->source_count; i++) {
		json_begin(&j, '{');
		json_member_str(&j, "name", l->sources[i].name);
		json_member_str(&j, "date", l->sources[i].date);
		json_end(&j, '}');
	}
	json_end(&j, ']');
	json_end(&j, '}');
	buf_add_char(out, '\n');
}
