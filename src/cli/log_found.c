/* SPDX-License-Identifier: BSD-2-Clause */
/* A message and all that belongs to it: what it says in short, then its lines. */
#include "cli/log_found.h"

#include <stdlib.h>

#include "cli/coverage.h"
#include "cli/quantity.h"
#include "cli/terminal.h"

enum { SUMMARY_OCTETS_MAX = 1 << 20, DELIVERIES_SHOWN = 50, ADDRESS_OCTETS = ADDR_TEXT_SIZE };

/* ---- what a joined message tells ---- */

static const char *origin_text(enum mail_origin o)
{
	static const char *const words[] = {"unknown", "client", "login", "local", "notice"};
	return words[o];
}

static void part(struct buf *out, const char *label, struct span value)
{
	if (value.len == 0)
		return;
	buf_add_str(out, label);
	terminal_add(out, value);
}

static void where_from(struct buf *out, const struct mail_message *m)
{
	char text[ADDRESS_OCTETS];
	buf_add_str(out, "    from <");
	terminal_add(out, m->sender);
	buf_add_char(out, '>');
	part(out, ", login ", m->login);
	part(out, ", script ", m->script);
	part(out, ", in ", m->directory);
	part(out, ", user ", m->user);
	if (m->client.family) {
		addr_text(&m->client, text);
		buf_printf(out, ", client %s", text);
	}
	part(out, " ", m->client_name);
	if (m->size) {
		buf_add_str(out, ", ");
		quantity_octets(out, m->size);
	}
	part(out, ", subject ", m->subject);
	part(out, ", Message-ID ", m->message_id);
	buf_add_char(out, '\n');
	part(out, "    sent on by ", m->link == LINK_FORWARD ? m->link_address : span_of(NULL, 0));
	part(out, "    about the mail to ", m->link == LINK_NOTICE ? m->link_address : span_of(NULL, 0));
	if (m->link_address.len && m->link != LINK_NONE)
		buf_add_char(out, '\n');
}

static void where_to(struct buf *out, const struct mail_delivery *d)
{
	bool another = d->hop && span_equal(d->relay_name, span_str("local"));
	buf_add_str(out, another ? "    sent on as another message: " : d->hop ? "    through a filter: " : "    to ");
	terminal_add(out, d->recipient);
	if (d->original.len && !span_equal(d->original, d->recipient))
		part(out, " for ", d->original);
	buf_printf(out, ": %s", mail_outcome_text(d->outcome));
	if (d->tries > 1)
		buf_printf(out, " after %u tries", d->tries);
	part(out, ", ", d->relay_name);
	/* of a good delivery no reply is kept: it is the one of the try before */
	part(out, d->outcome == OUTCOME_SENT ? "; before: " : ": ", d->reply);
	buf_add_char(out, '\n');
}

static void unnamed(struct buf *out, const struct mail_message *m)
{
	if (!m->unnamed)
		return;
	buf_add_str(out, "    to ");
	quantity_of(out, m->unnamed, "recipient");
	buf_printf(out, " that no line names: %s\n", mail_outcome_text(m->unnamed_outcome));
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
	char text[ADDRESS_OCTETS];
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
	coverage_json_time(j, "at", d->at_ms);
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

static void json_message(struct json *j, const struct mail_message *m)
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

static void found(struct log_trace *t, const struct mail_message *m)
{
	uint32_t life = log_trace_life_of(t, m);
	struct buf text = buf_make(SUMMARY_OCTETS_MAX), json = buf_make((size_t)16 * SUMMARY_OCTETS_MAX);
	struct json j = json_make(&json);
	if (life == UINT32_MAX)
		return;
	where_from(&text, m);
	for (size_t i = 0; i < m->delivery_count && i < DELIVERIES_SHOWN; i++)
		where_to(&text, &m->deliveries[i]);
	if (m->delivery_count > DELIVERIES_SHOWN)
		buf_printf(&text, "    and %zu more recipients\n", m->delivery_count - DELIVERIES_SHOWN);
	unnamed(&text, m);
	json_message(&j, m);
	if (text.error == 0 && json.error == 0)
		log_trace_summary(t, life, &text, &json);
	buf_release(&text);
	buf_release(&json);
}

void log_found_messages(void *arg, const struct mail_message *m, size_t count)
{
	for (size_t i = 0; i < count; i++)
		found(arg, m + i);
}

/* ---- what is printed ---- */

/* Lives and lines in the order of their groups' first lines, so that one walk prints group by group. */
struct order {
	uint32_t *groups; /* of groups that match */
	size_t group_count;
	uint32_t *lives, *lines; /* heads of chains by group, then next of each; index + 1 */
	uint32_t *next_life, *next_line;
};

static void order_release(struct order *o)
{
	free(o->groups);
	free(o->lives);
	free(o->lines);
	free(o->next_life);
	free(o->next_line);
}

static int by_first_line(const void *pa, const void *pb, void *arg)
{
	const struct log_trace_life *lives = arg;
	size_t a = lives[*(const uint32_t *)pa].first_line, b = lives[*(const uint32_t *)pb].first_line;
	return (a > b) - (a < b);
}

static bool order_make(const struct log_trace *t, struct order *o)
{
	size_t life_count, line_count;
	const struct log_trace_life *lives = log_trace_lives(t, &life_count);
	const struct log_trace_line *lines = log_trace_lines(t, &line_count);
	o->groups = calloc(life_count + 1, sizeof(*o->groups));
	o->lives = calloc(life_count + 1, sizeof(*o->lives));
	o->lines = calloc(life_count + 1, sizeof(*o->lines));
	o->next_life = calloc(life_count + 1, sizeof(*o->next_life));
	o->next_line = calloc(line_count + 1, sizeof(*o->next_line));
	if (!o->groups || !o->lives || !o->lines || !o->next_life || !o->next_line)
		return false;
	for (size_t i = life_count; i-- > 0;) { /* backwards: a chain begins with what came first */
		uint32_t g = lives[i].group;
		o->next_life[i] = o->lives[g];
		o->lives[g] = (uint32_t)i + 1;
		if (g == i && log_trace_group_matched(t, g))
			o->groups[o->group_count++] = g;
	}
	for (size_t i = line_count; i-- > 0;) {
		uint32_t g = lives[lines[i].life].group;
		o->next_line[i] = o->lines[g];
		o->lines[g] = (uint32_t)i + 1;
	}
	if (o->group_count)
		qsort_r(o->groups, o->group_count, sizeof(*o->groups), by_first_line, (void *)(uintptr_t)lives);
	return true;
}

static void place(const struct log_found_view *v, struct buf *out, const struct log_trace_line *l)
{
	buf_add_str(out, l->source < v->file_count ? v->files[l->source].name : "?");
	buf_printf(out, ":%llu", (unsigned long long)l->number);
}

static void text_heading(const struct log_found_view *v, struct buf *out, const struct order *o, uint32_t group)
{
	size_t n;
	const struct log_trace_life *lives = log_trace_lives(v->trace, &n);
	buf_add_str(out, v->colour ? "\033[1m" : "");
	for (uint32_t at = o->lives[group]; at; at = o->next_life[at - 1]) {
		const struct log_trace_life *life = &lives[at - 1];
		size_t host = span_find(life->key, '\0');
		if (at != o->lives[group])
			buf_add_str(out, ", ");
		terminal_add(out, life->id.len ? life->id : span_str("of no message"));
		if (host && host < life->key.len && at == o->lives[group]) {
			buf_add_str(out, " on ");
			terminal_add(out, span_of(life->key.at, host));
		}
	}
	buf_add_str(out, v->colour ? "\033[0m\n" : "\n");
	for (uint32_t at = o->lives[group]; at; at = o->next_life[at - 1])
		if (lives[at - 1].summary)
			buf_add_str(out, lives[at - 1].summary);
}

static void text_group(const struct log_found_view *v, struct buf *out, const struct order *o, uint32_t group)
{
	size_t n;
	const struct log_trace_line *lines = log_trace_lines(v->trace, &n);
	if (!v->lines_only)
		text_heading(v, out, o, group);
	for (uint32_t at = o->lines[group]; at; at = o->next_line[at - 1]) {
		struct buf where = buf_make(1 << 16);
		place(v, &where, &lines[at - 1]);
		buf_add_str(out, v->lines_only ? "" : "    ");
		terminal_add(out, buf_span(&where));
		buf_add_str(out, ": ");
		terminal_add(out, lines[at - 1].raw);
		buf_add_char(out, '\n');
		buf_release(&where);
	}
	buf_add_char(out, '\n');
}

static void json_group(const struct log_found_view *v, struct buf *out, const struct order *o, uint32_t group)
{
	size_t n;
	const struct log_trace_life *lives = log_trace_lives(v->trace, &n);
	const struct log_trace_line *lines = log_trace_lines(v->trace, &n);
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
		place(v, &where, &lines[at - 1]);
		json_begin(&j, '{');
		coverage_json_time(&j, "at", lines[at - 1].at_ms);
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

static size_t each(const struct log_found_view *v, struct buf *out,
		   void (*print)(const struct log_found_view *, struct buf *, const struct order *, uint32_t))
{
	struct order o = {0};
	if (!order_make(v->trace, &o))
		out->error = -12; /* ENOMEM */
	else
		for (size_t i = 0; i < o.group_count && (v->top == 0 || i < v->top); i++)
			print(v, out, &o, o.groups[i]);
	order_release(&o);
	return o.group_count;
}

size_t log_found_json(const struct log_found_view *v, struct buf *out)
{
	return each(v, out, json_group);
}

size_t log_found_text(const struct log_found_view *v, struct buf *out)
{
	return each(v, out, text_group);
}
