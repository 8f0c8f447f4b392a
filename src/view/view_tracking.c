/* SPDX-License-Identifier: BSD-2-Clause */
/* One offlist.log.message/1 object a message that was found, with all that belongs to it. */
#include "view/view_tracking.h"

#include <errno.h>

#include "logquery/tracking_order.h"
#include "view/view_coverage.h"

static const char *origin_text(enum mail_origin o)
{
	static const char *const words[] = {"unknown", "client", "login", "local", "notice"};
	return words[o];
}

static void member_span(struct json *j, const char *key, struct span value)
{
	json_key(j, key);
	if (value.len)
		json_span(j, value);
	else
		json_null(j);
}

static void member_addr(struct json *j, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_SIZE];
	if (a->family)
		addr_text(a, text);
	json_member_str(j, key, a->family ? text : NULL);
}

static void json_delivery(struct json *j, const struct mail_delivery *d)
{
	json_begin(j, '{');
	member_span(j, "recipient", d->recipient);
	member_span(j, "original", d->original);
	json_member_str(j, "outcome", mail_outcome_text(d->outcome));
	view_time(j, "at", d->at_ms);
	member_span(j, "relay", d->relay_name);
	member_addr(j, "relay_address", &d->relay);
	json_member_known(j, "code", d->code ? d->code : -1);
	member_span(j, "status", d->status);
	member_span(j, "reply", d->outcome == OUTCOME_SENT ? span_of(NULL, 0) : d->reply);
	member_span(j, "reply_before", d->outcome == OUTCOME_SENT ? d->reply : span_of(NULL, 0));
	json_key(j, "tries");
	json_int(j, d->tries);
	json_key(j, "delay_ms");
	json_int(j, d->delay_ms);
	json_member_bool(j, "hop", d->hop);
	json_member_bool(j, "forwarded", d->forwarded);
	json_end(j, '}');
}

void view_message(struct json *j, const struct mail_message *m)
{
	json_begin(j, '{');
	member_span(j, "id", m->id);
	member_span(j, "host", m->host);
	member_span(j, "instance", m->instance);
	json_member_str(j, "format", mail_format_text(m->format));
	json_member_str(j, "origin", origin_text(m->origin));
	member_addr(j, "client", &m->client);
	member_span(j, "client_name", m->client_name);
	member_span(j, "login", m->login);
	member_span(j, "user", m->user);
	member_span(j, "directory", m->directory);
	member_span(j, "script", m->script);
	json_key(j, "sender");
	if (m->has_sender)
		json_span(j, m->sender);
	else
		json_null(j);
	member_span(j, "message_id", m->message_id);
	member_span(j, "subject", m->subject);
	json_member_known(j, "octets", m->size ? (int64_t)m->size : -1);
	json_member_bool(j, "ended", m->ended);
	json_key(j, "deliveries");
	json_begin(j, '[');
	for (size_t i = 0; i < m->delivery_count; i++)
		json_delivery(j, &m->deliveries[i]);
	json_end(j, ']');
	json_key(j, "unnamed");
	json_int(j, m->unnamed);
	json_member_str(j, "unnamed_outcome", m->unnamed ? mail_outcome_text(m->unnamed_outcome) : NULL);
	json_end(j, '}');
}

void view_place(const struct view_tracking *v, struct buf *out, const struct tracking_line *l)
{
	buf_add_str(out, l->source < v->file_count ? v->files[l->source].name : "?");
	buf_printf(out, ":%llu", (unsigned long long)l->number);
}

static void json_group(const struct view_tracking *v, struct buf *out, const struct tracking_order *o, uint32_t group)
{
	size_t n;
	const struct tracking_life *lives = tracking_lives(v->trace, &n);
	const struct tracking_line *lines = tracking_lines(v->trace, &n);
	struct json j = json_make(out);
	bool first = true;
	json_begin(&j, '{');
	json_member_str(&j, "schema", "offlist.log.message/1");
	json_key(&j, "ids");
	json_begin(&j, '[');
	for (uint32_t at = o->lives[group]; at; at = o->next_life[at - 1])
		if (lives[at - 1].id.len)
			json_span(&j, lives[at - 1].id);
	json_end(&j, ']');
	json_key(&j, "messages");
	json_begin(&j, '[');
	for (uint32_t at = o->lives[group]; at; at = o->next_life[at - 1]) {
		if (!lives[at - 1].summary_json)
			continue;
		buf_add_str(out, first ? "" : ",");
		buf_add_str(out, lives[at - 1].summary_json);
		first = false;
	}
	json_end(&j, ']');
	json_key(&j, "lines");
	json_begin(&j, '[');
	for (uint32_t at = o->lines[group]; at; at = o->next_line[at - 1]) {
		struct buf where = buf_make(1 << 16);
		view_place(v, &where, &lines[at - 1]);
		json_begin(&j, '{');
		view_time(&j, "at", lines[at - 1].at_ms);
		json_member_str(&j, "source", buf_text(&where));
		json_key(&j, "line");
		json_span(&j, lines[at - 1].raw);
		json_end(&j, '}');
		buf_release(&where);
	}
	json_end(&j, ']');
	json_end(&j, '}');
	buf_add_char(out, '\n');
}

size_t view_tracking(const struct view_tracking *v, struct buf *out)
{
	struct tracking_order o;
	if (tracking_order_make(v->trace, &o) < 0)
		out->error = -ENOMEM;
	for (size_t i = 0; i < o.group_count && (v->top == 0 || i < v->top); i++)
		json_group(v, out, &o, o.groups[i]);
	tracking_order_release(&o);
	return o.group_count;
}
