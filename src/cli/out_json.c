/* SPDX-License-Identifier: BSD-2-Clause */
/* One JSON object a result (offlist.check/1). Keys stand as the outside contract has them; new ones go to the end. */
#include "base/clock.h"
#include "base/json.h"
#include "cli/check_report.h"

static void suggests(struct json *j, uint32_t bits)
{
	json_key(j, "suggests");
	json_begin(j, '[');
	for (unsigned c = 0; c < CAUSE_COUNT; c++)
		if (bits & 1u << c)
			json_str(j, cause_text((enum cause)c));
	json_end(j, ']');
}

static void reason(struct json *j, struct arena *scratch, const struct target *t, const struct reason *r)
{
	char code[sizeof("255.255.255.255")];
	report_code_text(r->code, code);
	json_begin(j, '{');
	json_member_str(j, "code", code);
	json_member_str(j, "class", list_class_text(r->class));
	json_member_str(j, "list", r->answer ? r->answer->list : NULL);
	json_member_str(j, "meaning", r->answer ? r->answer->meaning : "meaning not known");
	json_member_str(j, "impact", impact_text(r->impact));
	json_key(j, "scope");
	json_begin(j, '{');
	json_member_str(j, "kind", scope_text(r->scope));
	json_member_str(j, "value", report_scope_value(t, r, scratch));
	json_key(j, "neighbour");
	/* here literally: wider than the target; a /64 is one customer's all the same, and no neighbour's fault in words */
	json_bool(j, report_scope_neighbour(t, r) || (t->kind == TARGET_IP6 && status_scope_neighbour(r->scope)));
	json_end(j, '}');
	suggests(j, r->suggests);
	json_end(j, '}');
}

static void answers(struct json *j, const struct finding *f)
{
	char code[sizeof("255.255.255.255")];
	json_key(j, "answers");
	json_begin(j, '[');
	for (size_t i = 0; i < f->reason_count; i++) {
		/* bitmask lists give several reasons from one answer */
		if (i && f->reasons[i].code == f->reasons[i - 1].code)
			continue;
		report_code_text(f->reasons[i].code, code);
		json_str(j, code);
	}
	json_end(j, ']');
}

static void removal(struct json *j, struct arena *scratch, const char *asked, const struct removal *r)
{
	json_key(j, "removal");
	json_begin(j, '{');
	json_member_str(j, "method", removal_method_text(r->method));
	json_member_str(j, "who", removal_who_text(r->who));
	json_member_str(j, "url", list_template(scratch, r->url, asked));
	json_member_known(j, "expires_after_s", r->expires_after_s);
	json_member_str(j, "advice", r->advice);
	json_member_str(j, "address", r->address);
	json_member_strs(j, "first", r->first.at, r->first.count);
	json_member_strs(j, "steps", r->steps.at, r->steps.count);
	json_member_known(j, "cooldown_s", r->cooldown_s);
	json_key(j, "paid");
	json_bool(j, r->paid);
	json_key(j, "counts_removals");
	json_bool(j, r->counts_removals);
	json_end(j, '}');
}

static void row(struct json *j, struct arena *scratch, const struct target *t, const char *asked,
		const struct check_row *row)
{
	const struct finding *f = row->finding;
	const struct list *l = row->list;
	json_begin(j, '{');
	json_member_str(j, "zone", l->zone);
	json_member_str(j, "name", l->name);
	json_member_str(j, "class", list_class_text(l->class));
	json_member_str(j, "status", status_text(f->status));
	json_member_str(j, "why", status_why_text(f->why));
	json_member_str(j, "asked", row->asked);
	answers(j, f);
	json_key(j, "reasons");
	json_begin(j, '[');
	for (size_t i = 0; i < f->reason_count; i++)
		reason(j, scratch, t, &f->reasons[i]);
	json_end(j, ']');
	json_key(j, "txt");
	json_begin(j, '[');
	for (size_t i = 0; i < row->txt_count; i++)
		json_span(j, row->txt[i]);
	json_end(j, ']');
	json_member_str(j, "evidence_url", list_template(scratch, l->evidence, asked));
	json_member_str(j, "lookup_url", list_template(scratch, l->lookup, asked));
	json_member_str(j, "impact", impact_text(f->impact));
	json_key(j, "latency_ms");
	if (row->latency_us < 0)
		json_null(j);
	else
		json_real(j, (double)row->latency_us / 1000, 1);
	if (f->status == STATUS_LISTED) {
		removal(j, scratch, asked, report_removal(row));
	} else {
		json_key(j, "removal");
		json_null(j);
	}
	if (row->removed_until)
		json_member_str(j, "removed_until", row->removed_until);
	json_end(j, '}');
}

void report_json_fault(struct json *j, const struct check_fault *fault)
{
	if (!fault || !fault->kind)
		return;
	json_key(j, "resolver_fault");
	json_begin(j, '{');
	json_member_str(j, "kind", fault->kind);
	json_member_str(j, "address", fault->address);
	json_member_str(j, "sentence", fault->sentence);
	json_member_str(j, "remedy", fault->remedy);
	json_end(j, '}');
}

static void summary(struct json *j, const struct verdict_tally *tally)
{
	static const enum status order[] = {STATUS_LISTED, STATUS_CLEAR,       STATUS_REFUSED,
					    STATUS_BROKEN, STATUS_UNREACHABLE, STATUS_NOT_ASKED};
	json_key(j, "summary");
	json_begin(j, '{');
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		json_key(j, status_text(order[i]));
		json_int(j, tally->by_status[order[i]]);
	}
	json_end(j, '}');
}

/* Lists whose answer is another one than at the last check. */
static void add_changes(struct json *j, const struct changes *c)
{
	char since[CLOCK_TEXT_SIZE];
	if (!c)
		return;
	json_key(j, "changes");
	clock_text(c->since_ms, since);
	json_begin(j, '{');
	json_member_str(j, "since", since);
	json_key(j, "listed");
	json_begin(j, '[');
	for (size_t i = 0; i < c->listed.count; i++)
		json_str(j, c->listed.at[i]->zone);
	json_end(j, ']');
	json_key(j, "removed");
	json_begin(j, '[');
	for (size_t i = 0; i < c->removed.count; i++)
		json_str(j, c->removed.at[i]->zone);
	json_end(j, ']');
	json_end(j, '}');
}

static void add_reverse(struct json *j, const struct report *r)
{
	if (!r->reverse)
		return;
	json_key(j, "reverse");
	json_begin(j, '{');
	json_member_str(j, "state", reverse_state_text(r->reverse->state));
	json_member_str(j, "name", r->reverse->name[0] ? r->reverse->name : NULL);
	json_member_str(j, "helo", r->helo);
	json_member_str(j, "helo_state", r->helo ? reverse_state_text(r->reverse->helo) : NULL);
	json_end(j, '}');
}

void report_json_object(struct buf *out, struct report *r, const struct check_result *result)
{
	struct json j = json_make(out);
	struct arena *scratch = &r->scratch;
	const struct target *t = result->target;
	const char *asked = report_asked_name(t, scratch);
	char at[CLOCK_TEXT_SIZE];
	clock_text(result->checked_at_ms, at);
	json_begin(&j, '{');
	json_member_str(&j, "schema", "offlist.check/1");
	json_member_str(&j, "target", t->text);
	json_member_str(&j, "kind", report_kind(t));
	json_member_str(&j, "via", t->via);
	json_member_str(&j, "checked_at", at);
	json_member_str(&j, "resolver", result->resolver);
	json_member_str(&j, "verdict", verdict_text(result->verdict));
	summary(&j, &result->tally);
	json_key(&j, "lists");
	json_begin(&j, '[');
	for (size_t i = 0; i < result->row_count; i++)
		row(&j, scratch, t, asked, &result->rows[i]);
	json_end(&j, ']');
	report_json_fault(&j, result->fault);
	if (result->unaskable)
		json_member_str(&j, "unaskable", result->unaskable);
	if (t->origin)
		json_member_str(&j, "origin", t->origin);
	if (result->not_yours) {
		json_key(&j, "not_yours");
		json_bool(&j, true);
	}
	add_changes(&j, r->changes);
	add_reverse(&j, r);
	json_end(&j, '}');
}

static void json_result(struct report *r, const struct check_result *result)
{
	report_json_object(&r->out, r, result);
	buf_add_char(&r->out, '\n');
}

static void json_finish(struct report *r, const struct check_totals *totals)
{
	struct json j = json_make(&r->out);
	if (!r->fleet)
		return;
	json_begin(&j, '{');
	json_member_str(&j, "schema", "offlist.check.summary/1");
	json_member_str(&j, "checked_at", r->now);
	json_member_str(&j, "resolver", r->resolver);
	json_key(&j, "targets");
	json_int(&j, (int64_t)totals->targets);
	json_key(&j, verdict_text(VERDICT_LISTED));
	json_int(&j, (int64_t)totals->listed);
	json_key(&j, verdict_text(VERDICT_CLEAR));
	json_int(&j, (int64_t)totals->clear);
	json_key(&j, verdict_text(VERDICT_UNKNOWN));
	json_int(&j, (int64_t)totals->unknown);
	json_key(&j, "answers");
	json_begin(&j, '{');
	for (int s = 0; s < STATUS_COUNT; s++) {
		json_key(&j, status_text((enum status)s));
		json_int(&j, (int64_t)totals->by_status[s]);
	}
	json_end(&j, '}');
	json_key(&j, "queries");
	json_int(&j, (int64_t)totals->queries);
	json_key(&j, "interrupted");
	json_bool(&j, totals->interrupted);
	json_key(&j, "resumed");
	json_bool(&j, totals->resumed);
	report_json_fault(&j, &r->fault);
	json_end(&j, '}');
	buf_add_char(&r->out, '\n');
}

const struct report_format report_json = {.name = "json", .result = json_result, .end = json_finish};
