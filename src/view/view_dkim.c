/* SPDX-License-Identifier: BSD-2-Clause */
#include "view/view_dkim.h"

#include "base/clock.h"
#include "base/json.h"

static void add_number(struct json *j, const char *key, uint64_t value)
{
	json_key(j, key);
	json_int(j, (int64_t)value);
}

static void add_time(struct json *j, const char *key, bool has, int64_t at_s)
{
	char text[CLOCK_TEXT_SIZE];
	clock_text(has ? at_s * 1000 : 0, text);
	json_member_str(j, key, has ? text : NULL);
}

static void add_key(struct json *j, enum dkim_key_kind kind, unsigned int bits, bool testing)
{
	json_begin(j, '{');
	json_member_str(j, "type", bits ? dkim_record_kind_text(kind) : NULL);
	json_member_known(j, "bits", bits ? (int64_t)bits : -1);
	json_member_bool(j, "testing", testing);
	json_end(j, '}');
}

static void add_signature(struct json *j, const struct dkim_verdict *v)
{
	const struct dkim_signature *s = v->signature;
	json_member_str(j, "domain", v->domain);
	json_member_str(j, "selector", v->selector);
	json_member_str(j, "identity", v->identity);
	json_member_str(j, "algorithm", v->algorithm);
	json_member_str(j, "header_form", s->header_relaxed ? "relaxed" : "simple");
	json_member_str(j, "body_form", s->body_relaxed ? "relaxed" : "simple");
	add_time(j, "signed_at", s->has_time, s->time_s);
	add_time(j, "expires_at", s->has_expiry, s->expiry_s);
	json_key(j, "key");
	add_key(j, v->kind, v->bits, v->testing);
	json_key(j, "headers");
	json_begin(j, '[');
	for (size_t i = 0; i < v->cover_count; i++) {
		json_begin(j, '{');
		json_member_str(j, "name", v->covers[i].name);
		add_number(j, "listed", v->covers[i].listed);
		add_number(j, "present", v->covers[i].present);
		json_end(j, '}');
	}
	json_end(j, ']');
	add_number(j, "body_octets", v->body_octets);
	json_member_known(j, "length", s->has_length && s->length < INT64_MAX ? (int64_t)s->length : -1);
	json_member_strs(j, "notes", v->notes, v->note_count);
}

static void add_one(const struct dkim_report *r, size_t at, struct buf *out)
{
	struct json j = json_make(out);
	const struct dkim_verdict *v = at < r->count ? &r->verdicts[at] : NULL;
	json_begin(&j, '{');
	json_member_str(&j, "schema", "offlist.explain.dkim/1");
	add_number(&j, "signature", v ? at + 1 : 0);
	add_number(&j, "signatures", r->count + r->left_out);
	json_member_str(&j, "result", dkim_result_text(v ? v->result : DKIM_NONE));
	json_member_str(&j, "why", v ? v->why : "the message has no DKIM signature");
	json_member_bool(&j, "intact", v && v->intact);
	if (v)
		add_signature(&j, v);
	json_end(&j, '}');
	buf_add_char(out, '\n');
}

void view_dkim(const struct dkim_report *r, struct buf *out)
{
	for (size_t i = 0; i < (r->count ? r->count : 1); i++)
		add_one(r, i, out);
}

void view_dkim_key(const struct view_dkim_key *v, struct buf *out)
{
	static const struct dkim_record none = {0};
	const struct dkim_record *r = v->record ? v->record : &none;
	struct json j = json_make(out);
	json_begin(&j, '{');
	json_member_str(&j, "schema", "offlist.explain.dkim_key/1");
	json_member_str(&j, "name", v->name);
	json_member_str(&j, "state", v->state);
	json_member_str(&j, "problem", v->problem);
	json_member_str(&j, "record", v->text);
	add_number(&j, "records", v->texts);
	json_key(&j, "key");
	add_key(&j, r->kind, r->bits, r->testing);
	json_member_strs(&j, "notes", r->notes, r->note_count);
	json_member_str(&j, "private_key_matches", v->matches);
	json_member_str(&j, "publish", v->publish);
	json_end(&j, '}');
	buf_add_char(out, '\n');
}
