/* SPDX-License-Identifier: BSD-2-Clause */
/* One JSON object a diagnosis (offlist.diagnose/1). Keys stand as the outside contract has them; new ones go to the end. */
#include "view/view_diagnosis.h"

#include "view/view_audit.h"
#include "view/view_coverage.h"

static void count(struct json *j, const char *key, uint64_t n)
{
	json_key(j, key);
	json_int(j, n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

static size_t shown(const struct view_diagnosis *v, size_t n)
{
	return v->top && v->top < n ? v->top : n;
}

static void mail(struct json *j, const struct diagnose_mail *m)
{
	json_key(j, "mail");
	json_begin(j, '{');
	count(j, "messages", m->messages);
	count(j, "recipients", m->recipients);
	count(j, "delivered", m->delivered);
	count(j, "rejected", m->rejected);
	count(j, "deferred", m->deferred);
	count(j, "failed", m->failed);
	count(j, "expired", m->expired);
	count(j, "waiting", m->waiting);
	count(j, "held", m->held);
	count(j, "removed", m->removed);
	count(j, "discarded", m->discarded);
	json_end(j, '}');
}

static void evidence(struct json *j, const struct cause_row *c)
{
	json_key(j, "evidence");
	json_begin(j, '[');
	for (size_t i = 0; i < c->evidence_count; i++) {
		const struct cause_evidence *e = &c->evidence[i];
		json_begin(j, '{');
		json_member_str(j, "what", e->what);
		view_time(j, "at", e->at_ms);
		json_member_str(j, "source", e->source);
		json_member_str(j, "line", e->line);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void hours(struct json *j, const struct cause_row *c)
{
	json_key(j, "hours");
	json_begin(j, '{');
	view_time(j, "from", c->hour_count ? c->hours_from_ms : CASE_TIME_NONE);
	json_key(j, "recipients");
	json_begin(j, '[');
	for (size_t i = 0; i < c->hour_count; i++)
		json_int(j, c->hours[i]);
	json_end(j, ']');
	json_end(j, '}');
}

static void signals(struct json *j, const struct cause_row *c)
{
	json_key(j, "signals");
	json_begin(j, '[');
	for (size_t i = 0; i < c->signal_count; i++) {
		const struct cause_signal *s = &c->signals[i];
		json_begin(j, '{');
		json_member_str(j, "name", s->name);
		json_member_str(j, "text", s->text);
		json_key(j, "value");
		json_real(j, s->value, 3);
		json_key(j, "weight");
		json_real(j, s->weight, 3);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void cause(struct json *j, const struct view_diagnosis *v, const struct cause_row *c)
{
	json_begin(j, '{');
	json_member_str(j, "kind", cause_text(c->kind));
	json_member_str(j, "subject", c->subject);
	json_key(j, "confidence");
	json_real(j, c->confidence, 3);
	view_time(j, "first_at", c->first_at_ms);
	view_time(j, "last_at", c->last_at_ms);
	count(j, "messages", c->messages);
	count(j, "recipients", c->recipients);
	count(j, "rejected", c->rejected);
	evidence(j, c);
	json_member_strs(j, "against", c->against, c->against_count);
	json_member_strs(j, "fix", c->fix, c->fix_count);
	json_member_bool(j, "running", c->running);
	json_member_str(j, "sentence", c->sentence);
	json_member_str(j, "host", c->host);
	count(j, "deferred", c->deferred);
	count(j, "unknown_users", c->unknown_users);
	count(j, "normal_per_hour", c->normal_per_hour);
	count(j, "waiting", c->waiting);
	count(j, "held", c->held);
	hours(j, c);
	json_member_strs(j, "networks", c->networks, c->network_count);
	if (v->explain & 1u << c->kind)
		signals(j, c);
	json_end(j, '}');
}

static void causes(struct json *j, const struct view_diagnosis *v, const char *key, const struct cause_row *at,
		   size_t n)
{
	json_key(j, key);
	json_begin(j, '[');
	for (size_t i = 0; i < shown(v, n); i++)
		cause(j, v, &at[i]);
	json_end(j, ']');
}

static void block(struct json *j, const struct private_block *b)
{
	json_begin(j, '{');
	json_member_str(j, "receiver", b->receiver);
	json_member_str(j, "reply", b->reply);
	view_time(j, "first_at", b->first_at_ms);
	view_time(j, "last_at", b->last_at_ms);
	count(j, "count", b->count);
	json_member_str(j, "removal_url", b->removal_url);
	json_member_str(j, "meaning", b->meaning);
	json_member_bool(j, "temporary", b->temporary);
	json_member_bool(j, "unknown_text", b->unknown_text);
	json_member_str(j, "procedure", b->procedure);
	json_member_str(j, "address", b->address);
	json_member_str(j, "zone", b->zone);
	json_member_str(j, "source", b->source);
	json_member_str(j, "line", b->line);
	json_end(j, '}');
}

static void blocks(struct json *j, const char *key, const struct private_block *at, size_t n)
{
	json_key(j, key);
	json_begin(j, '[');
	for (size_t i = 0; i < n; i++)
		block(j, &at[i]);
	json_end(j, ']');
}

static void listing(struct json *j, const struct case_listing *l)
{
	json_begin(j, '{');
	json_member_str(j, "target", l->target);
	json_member_str(j, "zone", l->zone);
	json_member_str(j, "list", l->list);
	json_member_str(j, "code", l->code);
	view_time(j, "checked_at", l->checked_ms);
	view_time(j, "from", l->from_ms);
	view_time(j, "to", l->to_ms);
	json_end(j, '}');
}

/* What the diagnosis started from: null where no check was read. */
static void listings(struct json *j, const struct view_diagnosis *v)
{
	json_key(j, "listings");
	if (!v->listings_known) {
		json_null(j);
		return;
	}
	json_begin(j, '[');
	for (size_t i = 0; i < v->listing_count; i++)
		listing(j, &v->listings[i]);
	json_end(j, ']');
}

void view_diagnosis(const struct view_diagnosis *v, struct buf *out)
{
	const struct diagnose_report *r = v->report;
	struct json j = json_make(out);
	json_begin(&j, '{');
	json_member_str(&j, "schema", "offlist.diagnose/1");
	view_window(&j, r->from_ms, r->to_ms);
	mail(&j, &r->mail);
	causes(&j, v, "causes", r->causes, r->cause_count);
	blocks(&j, "private_blocks", r->blocks, shown(v, r->block_count));
	view_audit_findings(&j, v->server, v->server ? audits_worse(v->server, SEVERITY_MEDIUM) : 0);
	view_coverage(&j, v->coverage);
	json_member_strs(&j, "unsure", r->unsure, r->unsure_count);
	json_member_strs(&j, "notes", r->notes, r->note_count);
	blocks(&j, "not_about_you", r->not_ours, shown(v, r->not_ours_count));
	listings(&j, v);
	view_time(&j, "listed_at", v->listed_at_ms);
	causes(&j, v, "also_seen", r->also_seen, r->also_count);
	json_member_str(&j, "quoted_address", r->quoted_address);
	if (v->unparsed)
		view_unparsed(&j, v->coverage, v->shapes, shown(v, v->shape_count));
	json_end(&j, '}');
	buf_add_char(out, '\n');
}
