/* SPDX-License-Identifier: BSD-2-Clause */
/* Handing a message over: places in its pool become spans. */
#include <errno.h>
#include <stdlib.h>

#include "logjoin/join_parts.h"

static struct line_copy line_out(const struct open_message *m, const struct open_line *l)
{
	return (struct line_copy){l->source, l->number, l->at_ms, open_span(m, l->text)};
}

static void delivery_out(const struct open_message *m, const struct open_delivery *d, struct mail_delivery *out)
{
	out->at_ms = d->at_ms;
	out->outcome = d->outcome;
	out->transport = d->transport;
	out->hop = d->hop;
	out->forwarded = d->forwarded;
	out->tries = d->tries;
	out->recipient = open_span(m, d->recipient);
	out->original = open_span(m, d->original);
	out->relay_name = open_span(m, d->relay_name);
	out->relay = d->relay;
	out->code = d->code;
	out->status = open_span(m, d->status);
	out->reply = open_span(m, d->reply);
	out->remote_reply = d->remote_reply;
	out->delay_ms = d->delay_ms;
	out->line = line_out(m, &d->line);
}

static void origin_out(const struct open_message *m, struct mail_message *out)
{
	out->origin = m->origin;
	out->client = m->client;
	out->client_name = open_span(m, m->client_name);
	out->helo = open_span(m, m->helo);
	out->login = open_span(m, m->login);
	out->method = open_span(m, m->method);
	out->user = open_span(m, m->user);
	out->directory = open_span(m, m->directory);
	out->script = open_span(m, m->script);
	out->uid = m->uid;
	out->accept = line_out(m, &m->accept);
}

static void link_out(const struct open_message *m, struct mail_message *out)
{
	out->link = m->link == LINK_NEXT_HOP ? LINK_NONE : m->link;
	out->link_address = open_span(m, m->link_address);
	out->link_client = m->link_client;
	out->link_login = open_span(m, m->link_login);
	out->link_remote = m->link_remote;
}

/* Each field is set, so that nothing need be cleared before. */
static void message_out(const struct join *j, const struct open_message *m, struct mail_message *out)
{
	out->format = m->format;
	out->host = names_text(&j->hosts, m->host);
	out->instance = names_text(&j->instances, m->instance);
	out->id = span_of(m->id, m->id_len);
	out->first_ms = m->first_ms;
	out->last_ms = m->last_ms;
	out->ended = m->ended;
	out->has_sender = m->has_sender;
	out->sender = open_span(m, m->sender);
	out->message_id = open_span(m, m->message_id);
	out->subject = open_span(m, m->subject);
	out->size = m->size;
	out->recipients = m->recipients;
	out->unnamed = m->unnamed;
	out->unnamed_outcome = m->rest ? m->rest : OUTCOME_WAITING;
	origin_out(m, out);
	link_out(m, out);
}

static bool out_room(struct join *j, size_t count)
{
	struct mail_delivery *out;
	if (count <= j->out_size)
		return true;
	count += count / 2;
	out = reallocarray(j->out_delivery, count, sizeof(*out));
	if (!out) {
		j->open.error = -ENOMEM;
		return false;
	}
	j->out_delivery = out;
	j->out_size = count;
	return true;
}

static void convert_all(struct join *j)
{
	size_t deliveries = 0;
	for (uint32_t i = 0; i < j->pending_count; i++) {
		const struct open_message *m = &j->open.message[j->pending[i]];
		message_out(j, m, &j->out[i]);
		j->out[i].delivery_count = m->delivery_count;
		j->out[i].deliveries = m->delivery_count ? &j->out_delivery[deliveries] : NULL;
		for (uint32_t k = 0; k < m->delivery_count; k++)
			delivery_out(m, &m->delivery[k], &j->out_delivery[deliveries++]);
	}
}

void join_flush(struct join *j)
{
	if (!j->pending_count)
		return;
	if (out_room(j, j->pending_deliveries)) {
		convert_all(j);
		j->sink.messages(j->sink.arg, j->out, j->pending_count);
	}
	for (uint32_t i = 0; i < j->pending_count; i++)
		open_free(&j->open, &j->open.message[j->pending[i]]);
	j->pending_count = 0;
	j->pending_deliveries = j->pending_octets = 0;
}

/* What was not looked at for long and is needed soon. */
static void fetch(const struct open_message *m)
{
	const char *rest = (const char *)m;
	for (size_t i = 2 * OPEN_ALIGN; i < sizeof(*m); i += OPEN_ALIGN)
		__builtin_prefetch(rest + i);
	__builtin_prefetch(m->delivery);
}

void join_hand_over(struct join *j, struct open_message *m)
{
	join_drop_twice(m);
	join_settle(j, m);
	join_claim_php(j, m);
	join_rest(m);
	join_note_gone(j, m);
	open_take(&j->open, m);
	if (!m->accepted && !m->delivery_count && !m->unnamed) {
		open_free(&j->open, m);
		return;
	}
	fetch(m);
	j->pending[j->pending_count++] = open_index(&j->open, m);
	j->pending_deliveries += m->delivery_count;
	j->pending_octets += m->pool_len;
	if (j->pending_count == MAIL_MESSAGES_MAX || j->pending_deliveries > PENDING_DELIVERIES ||
	    j->pending_octets > PENDING_OCTETS)
		join_flush(j);
}
