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
	out = reallocarray(j->out, count + count / 2, sizeof(*out));
	if (!out) {
		j->open.error = -ENOMEM;
		return false;
	}
	j->out = out;
	j->out_size = count + count / 2;
	return true;
}

void join_hand_over(struct join *j, struct open_message *m)
{
	join_settle(m);
	join_claim_php(j, m);
	if ((m->accepted || m->delivery_count) && out_room(j, m->delivery_count)) {
		struct mail_message out = message_out(j, m);
		for (uint32_t i = 0; i < m->delivery_count; i++)
			j->out[i] = delivery_out(m, &m->delivery[i]);
		out.deliveries = j->out;
		out.delivery_count = m->delivery_count;
		j->sink.messages(j->sink.arg, &out, 1);
	}
	open_remove(&j->open, m);
}
