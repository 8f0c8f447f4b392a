/* SPDX-License-Identifier: BSD-2-Clause */
/* What one message takes from another: filter hops, forwards, notices. Only messages of one host are ever linked. */
#include "logjoin/join_parts.h"

/* Copy a text from one message's pool into another's. The pool may move, not the octets copied from: another message. */
static void take(struct join *j, struct open_message *to, struct text *field, const struct open_message *from,
		 struct text x)
{
	if (to != from)
		open_set(&j->open, to, field, open_span(from, x));
}

static void take_origin(struct join *j, struct open_message *later, const struct open_message *earlier)
{
	later->origin = earlier->origin;
	later->client = earlier->client;
	later->uid = earlier->uid;
	later->client_name = later->helo = later->login = later->method = later->user = (struct text){0, 0};
	take(j, later, &later->client_name, earlier, earlier->client_name);
	take(j, later, &later->helo, earlier, earlier->helo);
	take(j, later, &later->login, earlier, earlier->login);
	take(j, later, &later->method, earlier, earlier->method);
	take(j, later, &later->user, earlier, earlier->user);
	take(j, later, &later->directory, earlier, earlier->directory);
	take(j, later, &later->script, earlier, earlier->script);
	if (earlier->accept.number) {
		later->accept = earlier->accept;
		later->accept.text = open_text(&j->open, later, open_span(earlier, earlier->accept.text));
	}
}

void join_inherit(struct join *j, struct open_message *later, const struct open_message *earlier)
{
	if (later == earlier || later->linked)
		return;
	later->linked = true;
	if (earlier->origin != ORIGIN_UNKNOWN && later->origin != ORIGIN_LOGIN)
		take_origin(j, later, earlier);
	take(j, later, &later->subject, earlier, earlier->subject);
	if (earlier->link == LINK_FORWARD || earlier->link == LINK_NOTICE) {
		later->link = earlier->link;
		later->link_client = earlier->link_client;
		later->link_remote = earlier->link_remote;
		take(j, later, &later->link_address, earlier, earlier->link_address);
		take(j, later, &later->link_login, earlier, earlier->link_login);
	}
	if (earlier->first_ms < later->first_ms)
		later->first_ms = earlier->first_ms;
}

/* The message that `earlier` says it became. Made (a ghost) where its own lines have not come yet. */
static struct open_message *later_of(struct join *j, uint32_t earlier_index, uint32_t instance, struct span id)
{
	struct open_message *earlier = &j->open.message[earlier_index];
	uint32_t host = earlier->host;
	struct open_message *m = join_find(j, host, instance, id);
	if (!m) {
		m = join_make(j, host, instance, id);
		if (m)
			m->ghost = true;
	}
	return m;
}

/* The id alone does not tell the instance of a next hop: the same one first, then any whose message is open. */
uint32_t join_next_hop(struct join *j, struct open_message *earlier, struct span later_id, uint32_t later_instance)
{
	uint32_t index = open_index(&j->open, earlier);
	struct open_message *m = NULL;
	for (uint32_t i = 0; i < j->instances.count && i < INSTANCES_LOOKED_AT && !m; i++)
		if (i != later_instance)
			m = join_find(j, earlier->host, i, later_id);
	if (!m || join_find(j, earlier->host, later_instance, later_id))
		m = later_of(j, index, later_instance, later_id);
	if (!m)
		return OPEN_NONE;
	if (m->ghost) {
		m->made_by = index;
		m->made_by_generation = j->open.message[index].generation;
	}
	join_inherit(j, m, &j->open.message[index]);
	return open_index(&j->open, m);
}

void join_shows_itself(struct join *j, struct open_message *m)
{
	struct open_message *earlier = join_still(j, m->made_by, m->made_by_generation);
	uint32_t index = open_index(&j->open, m);
	for (uint32_t i = 0; earlier && earlier->may_hops && i < earlier->delivery_count; i++) {
		struct open_delivery *d = &earlier->delivery[i];
		if (!d->may_hop || d->later != index)
			continue;
		d->may_hop = false;
		d->hop = true;
		earlier->may_hops--;
	}
}

void join_link_origin(struct join *j, struct open_message *m, const struct open_message *earlier)
{
	m->link_client = earlier->client;
	take(j, m, &m->link_login, earlier, earlier->login);
}

void join_forward(struct join *j, uint32_t earlier_index, struct text by, struct span later_id)
{
	struct open_message *m = later_of(j, earlier_index, j->open.message[earlier_index].instance, later_id);
	const struct open_message *earlier = &j->open.message[earlier_index];
	if (!m || m == earlier || m->link == LINK_NOTICE)
		return;
	m->parent = OPEN_NONE; /* the log says it: no guess by the Message-ID is left */
	m->linked = true;
	if (m->link)
		return;
	m->link = LINK_FORWARD;
	join_link_origin(j, m, earlier);
	take(j, m, &m->link_address, earlier, by);
	if (m->origin == ORIGIN_UNKNOWN && earlier->origin != ORIGIN_UNKNOWN)
		take_origin(j, m, earlier);
}

static const struct open_delivery *last_failure(const struct open_message *m)
{
	for (uint32_t i = m->delivery_count; i > 0; i--)
		if (m->delivery[i - 1].outcome == OUTCOME_BOUNCED || m->delivery[i - 1].outcome == OUTCOME_EXPIRED)
			return &m->delivery[i - 1];
	return NULL;
}

/* What a mailbox server of ours says (LMTP, or SMTP inside) is our own word. */
static bool is_our_store(const struct open_delivery *d)
{
	return d->transport == TRANSPORT_LOCAL || (d->relay.family && join_is_inner(&d->relay));
}

static void notice_of(struct join *j, struct open_message *m, const struct open_message *earlier)
{
	const struct open_delivery *d = last_failure(earlier);
	if (m == earlier || m->link)
		return;
	m->link = LINK_NOTICE;
	m->origin = ORIGIN_NOTICE;
	m->linked = true;
	join_link_origin(j, m, earlier);
	if (d) {
		m->link_remote = d->remote_reply && !is_our_store(d);
		take(j, m, &m->link_address, earlier, d->original.len ? d->original : d->recipient);
	}
}

void join_notice(struct join *j, uint32_t earlier_index, struct span later_id)
{
	struct open_message *m = later_of(j, earlier_index, j->open.message[earlier_index].instance, later_id);
	if (m)
		notice_of(j, m, &j->open.message[earlier_index]);
}

/* orig_queue_id=, Exim's R=: this message names an earlier one. */
void join_link_back(struct join *j, struct open_message *m, const struct mail_event *e)
{
	struct open_message *earlier = join_find_any(j, m->host, e->related);
	if (!earlier) {
		if (e->link == LINK_NOTICE) {
			m->link = LINK_NOTICE;
			m->origin = ORIGIN_NOTICE;
		}
		return;
	}
	if (e->link == LINK_NOTICE)
		notice_of(j, m, earlier);
	else if (e->link == LINK_NEXT_HOP)
		join_inherit(j, m, earlier);
}
