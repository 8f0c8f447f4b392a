/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qmail's queue names no client and no login, and an outcome names a delivery's number alone. What the door has told
 * before is joined where it can be one message's only: by the envelope's sender, by a login that is the sender's name,
 * or where a login is the only one that was there. Where two could be meant it is nobody's.
 */
#include "logjoin/join_parts.h"

enum {
	LOGIN_MS = 20000,     /* a message follows its login so soon, or the last one of the same name */
	ENVELOPE_MS = 600000, /* between RCPT and the queue lies the time that its data takes */
	ALONE_MS = 300000,    /* whoever came so long before may still be there: RFC 5321 section 4.5.3.2 */
	PROVED = 3,           /* messages of a uid that the door's lines explain */
	SHARE = 20,           /* one of so many of its messages is explained so, at least */
};

/* ---- under which user the door queues ---- */

static struct qmail_uid *uid_of(struct join *j, uint32_t host, int32_t uid)
{
	struct qmail_uid *free = NULL;
	for (uint32_t i = 0; i < QMAIL_UIDS; i++) {
		struct qmail_uid *u = &j->qmail_uids[i];
		if (u->seen && u->host == host && u->uid == uid)
			return u;
		if (!free && !u->seen)
			free = u;
	}
	if (free)
		*free = (struct qmail_uid){.host = host, .uid = uid};
	return free;
}

/* A script may by chance write in somebody's name while he logs in: not often. */
static bool is_doors(const struct qmail_uid *u)
{
	return u && u->explained >= PROVED && (uint64_t)u->explained * SHARE >= u->seen;
}

/* ---- who is there ---- */

static uint64_t name_key(struct span name, uint32_t host)
{
	return name.len ? hash_name(name, (uint64_t)host + 3) | 1 : 0;
}

static struct session *session_of(struct join *j, uint64_t key)
{
	return &j->sessions[(key >> 1) % SESSIONS];
}

static bool is_over(const struct session *s, int64_t at_ms)
{
	return at_ms - s->at_ms > (s->envelope ? ENVELOPE_MS : LOGIN_MS);
}

/* Two at once under one name: of one login that is certain, and where it is from is not. */
static void meet(struct session *s, const struct mail_event *e)
{
	bool other_client = s->client.family && e->client.family && !addr_equal(&s->client, &e->client);
	bool same_login = e->login.len && span_equal_nocase(span_str(s->login), e->login);
	if (s->login[0] && e->login.len && !same_login)
		s->doubtful = true;
	else if (other_client && !same_login)
		s->doubtful = true;
	else if (other_client)
		s->client = (struct addr){0};
}

static void note_named(struct join *j, const struct mail_event *e, uint64_t key)
{
	struct session *s = session_of(j, key);
	bool known = s->hash == key && !is_over(s, e->at_ms);
	if (known)
		meet(s, e);
	else
		join_session_begin(s, key);
	s->envelope |= e->kind == EVENT_ENVELOPE;
	s->at_ms = e->at_ms;
	if (!known)
		s->client = e->client;
	if (e->client_name.len)
		join_keep(s->client_name, sizeof(s->client_name), e->client_name);
	if (e->login.len)
		join_keep(s->login, sizeof(s->login), e->login);
}

static void note_caller(struct join *j, const struct mail_event *e, uint32_t host)
{
	struct qmail_caller *last = &j->qmail_callers[(j->qmail_caller_next - 1) % QMAIL_CALLERS], *c;
	bool same = last->at_ms && last->host == host && addr_equal(&last->client, &e->client) &&
		    span_equal(span_str(last->login), e->login);
	c = same ? last : &j->qmail_callers[j->qmail_caller_next++ % QMAIL_CALLERS];
	*c = (struct qmail_caller){.at_ms = e->at_ms, .host = host, .client = e->client};
	join_keep(c->login, sizeof(c->login), e->login);
}

void join_qmail_session(struct join *j, const struct mail_event *e)
{
	uint32_t host = names_number(&j->hosts, e->host);
	uint64_t key = name_key(e->kind == EVENT_ENVELOPE ? e->sender
				: e->of_login             ? e->login
							  : (struct span){0},
				host);
	if (e->kind == EVENT_LOGIN && (!e->good || !e->of_login))
		return;
	if (key)
		note_named(j, e, key);
	if (e->client.family)
		note_caller(j, e, host);
}

/* ---- whose message it is ---- */

static void take(struct join *j, struct open_message *m, struct span login, const struct addr *client)
{
	open_set(&j->open, m, &m->login, login);
	if (!m->client.family)
		m->client = *client;
	if (m->login.len)
		m->origin = ORIGIN_LOGIN;
	else if (m->client.family)
		m->origin = ORIGIN_CLIENT;
}

/* @return whether one line of the door, or those of one sender, are of this message. */
static bool claim_named(struct join *j, struct open_message *m, const struct mail_event *e)
{
	uint64_t key = name_key(e->sender, m->host);
	struct session *s = session_of(j, key);
	if (!key || s->hash != key || is_over(s, e->at_ms) || s->doubtful)
		return false;
	open_set(&j->open, m, &m->client_name, span_str(s->client_name));
	take(j, m, span_str(s->login), &s->client);
	s->at_ms = e->at_ms;
	if (s->envelope) /* the next message has its own */
		s->hash = 0;
	return true;
}

void join_qmail_claim(struct join *j, struct open_message *m, const struct mail_event *e)
{
	struct qmail_uid *u = e->uid == MAIL_UID_NONE ? NULL : uid_of(j, m->host, e->uid);
	bool explained = claim_named(j, m, e);
	if (u) {
		u->seen++;
		u->explained += explained;
	}
	if (m->origin == ORIGIN_LOCAL && is_doors(u))
		m->origin = ORIGIN_UNKNOWN;
}

/* Was this one there, at most so long before the message? */
static bool was_there(const struct qmail_caller *c, const struct open_message *m)
{
	int64_t before_ms = m->first_ms - c->at_ms;
	return c->at_ms && c->host == m->host && before_ms >= 0 && before_ms <= ALONE_MS;
}

static bool may_be_one(const struct qmail_caller *a, const struct qmail_caller *b)
{
	return addr_equal(&a->client, &b->client) && (!a->login[0] || !b->login[0] || strcmp(a->login, b->login) == 0);
}

/* The one login of those who were there before a message. NULL: none, or others could have sent it. Nobody else may have
 * come for long, and its own connection is told of: a log without connections hides who else was there. */
static const struct qmail_caller *only_login(const struct join *j, const struct open_message *m)
{
	const struct qmail_caller *one = NULL;
	bool connected = false;
	for (uint32_t i = 0; i < QMAIL_CALLERS; i++) {
		const struct qmail_caller *c = &j->qmail_callers[i];
		if (!was_there(c, m))
			continue;
		if (one && !may_be_one(one, c))
			return NULL;
		connected |= !c->login[0];
		if (!one || c->login[0])
			one = c;
	}
	return one && connected && one->login[0] && m->first_ms - one->at_ms <= LOGIN_MS ? one : NULL;
}

static bool more_than_kept(const struct join *j, const struct open_message *m)
{
	return was_there(&j->qmail_callers[j->qmail_caller_next % QMAIL_CALLERS], m);
}

/* It is still there. */
static void goes_on(struct join *j, const struct open_message *m)
{
	for (uint32_t i = 0; i < QMAIL_CALLERS; i++)
		if (was_there(&j->qmail_callers[i], m))
			j->qmail_callers[i].at_ms = m->first_ms;
}

/* What the door's user sends elsewhere is of somebody who may: a login, though its sender is another name. Not while
 * somebody else does so whom no line explains: an open relay's client. */
static void claim_alone(struct join *j, struct open_message *m)
{
	struct qmail_uid *u = m->uid == MAIL_UID_NONE ? NULL : uid_of(j, m->host, m->uid);
	const struct qmail_caller *c;
	if (!is_doors(u) || m->linked || !m->has_sender || !m->sender.len)
		return;
	c = more_than_kept(j, m) ? NULL : only_login(j, m);
	if (!c || (u->nobody_ms && m->first_ms - u->nobody_ms <= ALONE_MS)) {
		u->nobody_ms = m->first_ms;
		return;
	}
	take(j, m, span_str(c->login), &c->client);
	goes_on(j, m);
}

/* ---- deliveries ---- */

static struct qmail_delivery *qmail_place(struct join *j, const struct mail_event *e, uint32_t host)
{
	return &j->qmail[hash_octets(e->related, host) % QMAIL_DELIVERIES];
}

/* "starting delivery D: msg N to remote R": what D comes to is told later without N. */
struct open_message *join_qmail_start(struct join *j, struct open_message *m, const struct mail_event *e)
{
	struct qmail_delivery *q = qmail_place(j, e, m->host);
	*q = (struct qmail_delivery){.used = true,
				     .host = m->host,
				     .index = open_index(&j->open, m),
				     .generation = m->generation,
				     .number = hash_octets(e->related, m->host),
				     .transport = e->transport};
	join_keep(q->recipient, sizeof(q->recipient), e->recipient);
	if (e->transport == TRANSPORT_SMTP && m->origin == ORIGIN_UNKNOWN && j->qmail_caller_next)
		claim_alone(j, m);
	return m;
}

/* Bounces share the place of deliveries; the number of a qmail-queue process is no delivery's. */
static uint64_t qmail_queue_number(const struct mail_event *e, uint32_t host)
{
	return hash_octets(e->related, ~(uint64_t)host);
}

/* "bounce msg N qp Q": what process Q queues is the notice about N. Its "info msg" line follows. */
void join_qmail_bounce(struct join *j, const struct open_message *m, const struct mail_event *e)
{
	uint64_t number = qmail_queue_number(e, m->host);
	j->qmail[number % QMAIL_DELIVERIES] = (struct qmail_delivery){.used = true,
								      .host = m->host,
								      .index = open_index(&j->open, m),
								      .generation = m->generation,
								      .number = number};
}

/* "info msg K: .. qp Q ..": was a notice announced under Q? */
void join_qmail_notice(struct join *j, struct open_message *m, const struct mail_event *e)
{
	uint64_t number = qmail_queue_number(e, m->host);
	struct qmail_delivery *q = &j->qmail[number % QMAIL_DELIVERIES];
	struct open_message *earlier;
	if (!q->used || q->host != m->host || q->number != number)
		return;
	q->used = false;
	m->link = LINK_NOTICE;
	m->origin = ORIGIN_NOTICE;
	earlier = join_still(j, q->index, q->generation);
	if (!earlier || earlier == m) /* it has ended, and is handed over */
		return;
	m->link = LINK_NONE;
	join_notice(j, q->index, span_of(m->id, m->id_len));
}

struct open_message *join_qmail_find(struct join *j, const struct mail_event *e, struct span *ret_recipient,
				     enum mail_transport *ret_transport)
{
	uint32_t host = names_number(&j->hosts, e->host);
	struct qmail_delivery *q = qmail_place(j, e, host);
	if (!q->used || q->host != host || q->number != hash_octets(e->related, host))
		return NULL;
	q->used = false;
	*ret_recipient = span_str(q->recipient);
	*ret_transport = q->transport;
	return join_still(j, q->index, q->generation);
}
