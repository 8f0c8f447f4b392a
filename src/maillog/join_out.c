/* SPDX-License-Identifier: BSD-2-Clause */
/* Handing a message over: places in its pool become spans. */
#include <errno.h>
#include <stdlib.h>

#include "maillog/join_parts.h"

static struct line_copy line_out(const struct open_message *m, const struct open_line *l)
{
	return (struct line_copy){l->source, l->number, l->at_ms, open_span(m, l->text)};
}

static struct mail_delivery delivery_out(const struct open_message *m, const struct open_delivery *d)
{
	return (struct mail_delivery){
		.at_ms = d->at_ms,
		.outcome = d->outcome,
		.transport = d->transport,
		.hop = d->hop,
		.forwarded = d->forwarded,
		.tries = d->tries,
		.recipient = open_span(m, d->recipient),
		.original = open_span(m, d->original),
		.relay_name = open_span(m, d->relay_name),
		.relay = d->relay,
		.code = d->code,
		.status = open_span(m, d->status),
		.reply = open_span(m, d->reply),
		.remote_reply = d->remote_reply,
		.delay_ms = d->delay_ms,
		.line = line_out(m, &d->line),
	};
}

static struct mail_message message_out(const struct join *j, const struct open_message *m)
{
	return (struct mail_message){
		.format = m->format,
		.host = names_text(&j->hosts, m->host),
		.instance = names_text(&j->instances, m->instance),
		.id = span_of(m->id, m->id_len),
		.first_ms = m->first_ms,
		.last_ms = m->last_ms,
		.ended = m->ended,
		.origin = m->origin,
		.client = m->client,
		.client_name = open_span(m, m->client_name),
		.helo = open_span(m, m->helo),
		.login = open_span(m, m->login),
		.method = open_span(m, m->method),
		.user = open_span(m, m->user),
		.directory = open_span(m, m->directory),
		.script = open_span(m, m->script),
		.uid = m->uid,
		.has_sender = m->has_sender,
		.sender = open_span(m, m->sender),
		.message_id = open_span(m, m->message_id),
		.subject = open_span(m, m->subject),
		.size = m->size,
		.recipients = m->recipients,
		.link = m->link == LINK_NEXT_HOP ? LINK_NONE : m->link,
		.link_address = open_span(m, m->link_address),
		.link_client = m->link_client,
		.link_login = open_span(m, m->link_login),
		.link_remote = m->link_remote,
		.accept = line_out(m, &m->accept),
	};
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
		j->out[i] = message_out(j, m);
		j->out[i].delivery_count = m->delivery_count;
		j->out[i].deliveries = m->delivery_count ? &j->out_delivery[deliveries] : NULL;
		for (uint32_t k = 0; k < m->delivery_count; k++)
			j->out_delivery[deliveries++] = delivery_out(m, &m->delivery[k]);
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

void join_hand_over(struct join *j, struct open_message *m)
{
	join_settle(m);
	join_claim_php(j, m);
	open_take(&j->open, m);
	if (!m->accepted && !m->delivery_count) {
		open_free(&j->open, m);
		return;
	}
	j->pending[j->pending_count++] = open_index(&j->open, m);
	j->pending_deliveries += m->delivery_count;
	j->pending_octets += m->pool_len;
	if (j->pending_count == MAIL_MESSAGES_MAX || j->pending_deliveries > PENDING_DELIVERIES ||
	    j->pending_octets > PENDING_OCTETS)
		join_flush(j);
}
