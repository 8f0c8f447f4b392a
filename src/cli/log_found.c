/* SPDX-License-Identifier: BSD-2-Clause */
/* A message and all that belongs to it: what it says in short, then its lines. */
#include "cli/log_found.h"

#include <errno.h>

#include "cli/quantity.h"
#include "cli/terminal.h"
#include "logquery/tracking_order.h"

enum { SUMMARY_OCTETS_MAX = 1 << 20, DELIVERIES_SHOWN = 50, ADDRESS_OCTETS = ADDR_TEXT_SIZE };

/* ---- what a joined message tells ---- */

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

static void found(struct tracking *t, const struct mail_message *m)
{
	uint32_t life = tracking_life_of(t, m);
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
	view_message(&j, m);
	if (text.error == 0 && json.error == 0)
		tracking_summary(t, life, &text, &json);
	buf_release(&text);
	buf_release(&json);
}

void log_found_messages(void *arg, const struct mail_message *m, size_t count)
{
	for (size_t i = 0; i < count; i++)
		found(arg, m + i);
}

/* ---- what is printed ---- */

static void text_heading(const struct log_found_text *v, struct buf *out, const struct tracking_order *o,
			 uint32_t group)
{
	size_t n;
	const struct tracking_life *lives = tracking_lives(v->of.trace, &n);
	buf_add_str(out, v->colour ? "\033[1m" : "");
	for (uint32_t at = o->lives[group]; at; at = o->next_life[at - 1]) {
		const struct tracking_life *life = &lives[at - 1];
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

static void text_group(const struct log_found_text *v, struct buf *out, const struct tracking_order *o, uint32_t group)
{
	size_t n;
	const struct tracking_line *lines = tracking_lines(v->of.trace, &n);
	if (!v->lines_only)
		text_heading(v, out, o, group);
	for (uint32_t at = o->lines[group]; at; at = o->next_line[at - 1]) {
		struct buf where = buf_make(1 << 16);
		view_place(&v->of, &where, &lines[at - 1]);
		buf_add_str(out, v->lines_only ? "" : "    ");
		terminal_add(out, buf_span(&where));
		buf_add_str(out, ": ");
		terminal_add(out, lines[at - 1].raw);
		buf_add_char(out, '\n');
		buf_release(&where);
	}
	buf_add_char(out, '\n');
}

size_t log_found_text(const struct log_found_text *v, struct buf *out)
{
	struct tracking_order o;
	if (tracking_order_make(v->of.trace, &o) < 0)
		out->error = -ENOMEM;
	for (size_t i = 0; i < o.group_count && (v->of.top == 0 || i < v->of.top); i++)
		text_group(v, out, &o, o.groups[i]);
	tracking_order_release(&o);
	return o.group_count;
}
