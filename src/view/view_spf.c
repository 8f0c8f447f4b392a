/* SPDX-License-Identifier: BSD-2-Clause */
#include "view/view_spf.h"

#include "base/json.h"

const char *view_spf_effect_text(enum spf_effect effect)
{
	static const char *const texts[] = {"no_match", "match", "broke", "modifier"};
	return texts[effect];
}

static void add_number(struct json *j, const char *key, int64_t value)
{
	json_key(j, key);
	json_int(j, value);
}

static void add_term(struct json *j, const struct spf_term *t)
{
	json_begin(j, '{');
	add_number(j, "depth", t->depth);
	json_member_str(j, "domain", t->domain);
	json_member_str(j, "term", t->text);
	json_member_str(j, "effect", view_spf_effect_text(t->effect));
	add_number(j, "lookups", t->lookups);
	add_number(j, "void_lookups", t->voids);
	json_member_str(j, "note", t->note);
	json_end(j, '}');
}

void view_spf(const struct view_spf *v, struct buf *out)
{
	const struct spf_report *r = v->report;
	struct json j = json_make(out);
	json_begin(&j, '{');
	json_member_str(&j, "schema", "offlist.explain.spf/1");
	json_member_str(&j, "domain", v->domain);
	json_member_str(&j, "ip", v->ip);
	json_member_str(&j, "sender", v->sender);
	json_member_str(&j, "helo", v->helo);
	json_member_str(&j, "result", spf_result_text(r->result));
	json_member_str(&j, "problem", r->problem);
	json_member_str(&j, "explanation", r->explanation);
	json_member_str(&j, "record", r->record);
	add_number(&j, "lookups", r->lookups);
	add_number(&j, "void_lookups", r->voids);
	json_key(&j, "terms");
	json_begin(&j, '[');
	for (size_t i = 0; i < r->term_count; i++)
		add_term(&j, &r->terms[i]);
	json_end(&j, ']');
	json_member_str(&j, "instead", v->instead);
	json_end(&j, '}');
	buf_add_char(out, '\n');
}
