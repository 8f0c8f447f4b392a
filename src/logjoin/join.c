/* SPDX-License-Identifier: BSD-2-Clause */
#include "logjoin/join.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "logjoin/join_parts.h"

enum {
	STEPS_BETWEEN_LOOKS = 256, /* events between looks at the oldest message */
	LOOKS = 8,                 /* messages looked at each time */
	OCTETS_MAX = 160 << 20,    /* of all open messages: a 10 GB log stays under 300 MiB */
	LIST_RECIPIENTS_MAX = 1000,
	RECIPIENT_MAX = 512, /* octets of an address; RFC 5321 4.5.3.1.3: 256 */
	LOGIN_MAX = 320,     /* octets of a login that is put together */
};

struct join *join_new(const struct mail_sink *sink, size_t open_max)
{
	struct join *j = calloc(1, sizeof(*j));
	if (!j)
		return NULL;
	j->sink = *sink;
	j->open_max = open_max ? open_max : JOIN_OPEN_MAX;
	j->now_ms = INT64_MIN;
	j->waiting_until_ms = INT64_MAX;
	j->sessions = calloc(SESSIONS, sizeof(*j->sessions));
	j->qmail = calloc(QMAIL_DELIVERIES, sizeof(*j->qmail));
	if (!j->sessions || !j->qmail || open_table_init(&j->open) < 0 || names_init(&j->hosts) < 0 ||
	    names_init(&j->instances) < 0) {
		join_free(j);
		return NULL;
	}
	return j;
}

void join_free(struct join *j)
{
	if (!j)
		return;
	open_table_release(&j->open);
	php_lines_release(&j->php);
	names_release(&j->hosts);
	names_release(&j->instances);
	free(j->sessions);
	free(j->qmail);
	free(j->out_delivery);
	free(j);
}

const struct join_by_all *join_by_all(const struct join *j, enum mail_outcome outcome)
{
	return &j->by_all[outcome];
}

uint64_t join_dropped_early(const struct join *j)
{
	return j->early;
}

bool join_is_inner(const struct addr *a)
{
	enum addr_kind kind = a->family ? addr_kind(a) : ADDR_PUBLIC;
	return kind == ADDR_LOOPBACK || kind == ADDR_PRIVATE || kind == ADDR_UNIQUE_LOCAL;
}

/* ---- what comes to an end ---- */

static bool lingers(const struct open_message *m)
{
	if (m->may_hops || m->may_return || m->delivery_count < m->recipients) /* lines may stand in any order */
		return true;
	if (m->linked)
		return false;
	if (m->origin == ORIGIN_LOCAL && !m->script.len) /* PHP's line of the same second may be read after it */
		return true;
	return m->origin == ORIGIN_UNKNOWN || (m->origin == ORIGIN_CLIENT && join_is_inner(&m->client)) ||
	       m->id_older != OPEN_NONE;
}

static void waiting_push(struct join *j, const struct open_message *m, int64_t until_ms)
{
	if (!j->waiting_count)
		j->waiting_until_ms = until_ms;
	j->waiting[(j->waiting_first + j->waiting_count++) % LINGER_MAX] =
		(struct waiting){open_index(&j->open, m), m->generation, until_ms};
}

/* @param more  it may go on waiting where another one is to be told of */
static void waiting_pop(struct join *j, bool more)
{
	struct waiting w = j->waiting[j->waiting_first];
	struct open_message *m = join_still(j, w.index, w.generation);
	j->waiting_first = (j->waiting_first + 1) % LINGER_MAX;
	j->waiting_count--;
	j->waiting_until_ms = j->waiting_count ? j->waiting[j->waiting_first].until_ms : INT64_MAX;
	if (m && more && m->may_return && join_awaits_another(j, m))
		waiting_push(j, m, j->now_ms + JOIN_LINGER_MS);
	else if (m)
		join_hand_over(j, m);
}

static void finish(struct join *j, struct open_message *m, int64_t at_ms)
{
	m->ended = true;
	m->last_ms = at_ms;
	if (!lingers(m)) {
		join_hand_over(j, m);
		return;
	}
	if (j->waiting_count == LINGER_MAX)
		waiting_pop(j, false);
	waiting_push(j, m, at_ms + JOIN_LINGER_MS);
}

static void hand_over_oldest(struct join *j)
{
	struct open_message *m = &j->open.message[j->open.oldest];
	j->early += !m->ghost && !m->ended;
	join_hand_over(j, m);
}

/* The list is in the order in which messages came; one that is still in use goes to its end (a second chance). */
static void look_at_oldest(struct join *j)
{
	for (int i = 0; i < LOOKS && j->open.oldest != OPEN_NONE; i++) {
		struct open_message *m = &j->open.message[j->open.oldest];
		int64_t age = j->now_ms - m->last_ms;
		if (m->ghost ? age > GHOST_MS : age > JOIN_AGE_MS)
			join_hand_over(j, m);
		else if (j->now_ms - m->first_ms > JOIN_AGE_MS)
			open_touch(&j->open, m);
		else
			break;
	}
}

static bool too_much_is_open(const struct join *j)
{
	return j->open.in_use > j->open_max || j->open.octets > OCTETS_MAX;
}

static void keep_bounds(struct join *j)
{
	while (j->waiting_until_ms < j->now_ms)
		waiting_pop(j, true);
	if (++j->steps % STEPS_BETWEEN_LOOKS == 0)
		look_at_oldest(j);
	while (too_much_is_open(j) && j->open.oldest != OPEN_NONE) {
		size_t before = j->open.octets;
		hand_over_oldest(j);
		if (before > OCTETS_MAX)
			join_flush(j);
		if (j->open.in_use <= j->open_max && j->open.octets == before)
			break; /* the octets are of free places, and will be used again */
	}
}

void join_idle(struct join *j, int64_t before_ms)
{
	for (size_t left = j->open.in_use; left > 0 && j->open.oldest != OPEN_NONE; left--) {
		struct open_message *m = &j->open.message[j->open.oldest];
		if (m->last_ms < before_ms)
			join_hand_over(j, m);
		else
			open_touch(&j->open, m);
	}
	join_flush(j);
}

void join_end(struct join *j)
{
	while (j->waiting_count)
		waiting_pop(j, false);
	while (j->open.oldest != OPEN_NONE)
		join_hand_over(j, &j->open.message[j->open.oldest]);
	join_flush(j);
	open_table_release(&j->open); /* what comes after the last line needs the room */
	j->open.error = open_table_init(&j->open);
}

/* ---- what a message is told ---- */

/* Login, client, or a program of this host. */
static void take_source(struct open_table *t, struct open_message *m, const struct mail_event *e)
{
	if (e->login.len && !m->login.len) {
		open_set(t, m, &m->login, e->login);
		open_set(t, m, &m->method, e->method);
		m->origin = ORIGIN_LOGIN;
	}
	if (e->client.family && !m->client.family) {
		m->client = e->client;
		open_set(t, m, &m->client_name, e->client_name);
		if (m->origin == ORIGIN_UNKNOWN)
			m->origin = ORIGIN_CLIENT;
	}
	if (e->local && m->origin == ORIGIN_UNKNOWN)
		m->origin = ORIGIN_LOCAL;
	m->xforward |= e->xforward;
}

static void take_details(struct join *j, struct open_message *m, const struct mail_event *e)
{
	struct open_table *t = &j->open;
	open_set(t, m, &m->helo, e->helo);
	open_set(t, m, &m->user, e->user);
	open_set(t, m, &m->directory, e->directory);
	open_set(t, m, &m->script, e->script);
	open_set(t, m, &m->subject, e->subject);
	if (e->uid != MAIL_UID_NONE && m->uid == MAIL_UID_NONE)
		m->uid = e->uid;
	if (e->has_sender && !m->has_sender) {
		m->has_sender = true;
		open_set(t, m, &m->sender, e->sender);
	}
	if (e->size)
		m->size = e->size;
	if (e->recipients)
		m->recipients = e->recipients;
	take_source(t, m, e);
	if (e->message_id.len && !m->message_id.len) {
		open_set(t, m, &m->message_id, e->message_id);
		join_same_id(j, m);
	}
}

/* A filter's second sight of the client (rspamd, amavis): better than our own loopback. Of a login a webmail has it, which
 * tells whose message it was. */
static bool take_outer_client(struct join *j, struct open_message *m, const struct mail_event *e)
{
	bool own = m->origin != ORIGIN_LOGIN || (e->login.len && span_equal_nocase(open_span(m, m->login), e->login));
	if (!e->client.family || join_is_inner(&e->client) || !join_is_inner(&m->client) || !own)
		return false;
	m->client = e->client;
	m->client_name = open_text(&j->open, m, e->client_name);
	return true;
}

/* pickup takes a message that was in the queue before: it is no program's of this host. */
static void accept_again(struct join *j, const struct mail_event *e)
{
	struct open_message *m;
	if (join_requeue(j, e, e->related, e->id))
		return;
	m = join_message_of(j, e);
	if (m)
		m->accepted = true;
}

/* Lines without an id that may belong to it. */
static void claim_for(struct join *j, struct open_message *m, const struct mail_event *e)
{
	if (m->origin == ORIGIN_LOCAL && !m->directory.len)
		join_claim_submit(j, m);
	if (j->rules_waiting && e->pid)
		join_claim_rule(j, m, e);
	if (e->format == FORMAT_QMAIL)
		join_qmail_claim(j, m, e);
	else if (e->link == LINK_NONE && !m->login.len)
		join_claim_session(j, m, e);
}

static void accept_message(struct join *j, struct open_message *m, const struct mail_event *e,
			   const struct log_line *line)
{
	bool first = !m->accepted && !m->linked;
	struct text kept = {0, 0};
	if (first)
		kept = open_line_copy(&j->open, m, line);
	take_details(j, m, e);
	if (first && !m->linked) /* its Message-ID may have told an earlier message, with a line of its own */
		m->accept = open_line(line, kept);
	m->accepted = true;
	claim_for(j, m, e);
}

static void accept_event(struct join *j, const struct mail_event *e, const struct log_line *line)
{
	struct open_message *m;
	if (e->link == LINK_REQUEUE) {
		accept_again(j, e);
		return;
	}
	m = join_message_of(j, e);
	if (!m)
		return;
	m->pid = e->pid;
	if (e->format == FORMAT_FILTER) {
		take_details(j, m, e);
		if (take_outer_client(j, m, e) && m->origin == ORIGIN_LOGIN) /* it tells more than the mail server's */
			m->accept = open_line(line, open_line_copy(&j->open, m, line));
	} else {
		accept_message(j, m, e, line);
	}
	if (e->link != LINK_NONE && e->related.len)
		join_link_back(j, m, e);
	else if (e->format == FORMAT_QMAIL && e->related.len)
		join_qmail_notice(j, m, e);
}

static void detail_event(struct join *j, const struct mail_event *e, const struct log_line *line)
{
	struct open_message *m = join_message_of(j, e);
	if (!m)
		return;
	take_details(j, m, e);
	if (e->of_login && !m->login.len)
		join_claim_session(j, m, e);
	if (e->outcome != OUTCOME_NONE)
		join_change(j, m, e);
	if (!m->accept.number && e->has_sender)
		m->accept = open_line(line, open_line_copy(&j->open, m, line));
	if (e->format == FORMAT_QMAIL && e->related.len && e->recipient.len)
		join_qmail_start(j, m, e);
	else if (e->link != LINK_NONE && e->related.len)
		join_link_back(j, m, e);
}

/* ---- deliveries ---- */

static struct open_delivery *delivery_for(struct join *j, struct open_message *m, struct span recipient)
{
	struct open_delivery *d = m->deferred ? join_tried_again(m, recipient) : NULL;
	if (d)
		return d;
	d = open_delivery_add(&j->open, m);
	if (d)
		*d = (struct open_delivery){.recipient = open_text(&j->open, m, recipient)};
	return d;
}

/* Of some failures the whole line is kept: what it tells then lies in its copy. What is final has room of its own. */
static struct text failure_line(struct join *j, struct open_message *m, const struct mail_event *e,
				const struct log_line *line)
{
	if (m->lines_kept >= (e->outcome == OUTCOME_DEFERRED ? OPEN_LINES_KEPT : 2 * OPEN_LINES_KEPT))
		return (struct text){0, 0};
	m->lines_kept++;
	return open_line_copy(&j->open, m, line);
}

/* One delivery line, or one recipient of it. */
struct told {
	const struct mail_event *e;
	const struct log_line *line;
	struct span recipient;
	enum mail_transport transport;
};

static void fill_delivery(struct join *j, struct open_message *m, struct open_delivery *d, const struct told *t)
{
	const struct mail_event *e = t->e;
	bool again = d->tries && d->at_ms == e->at_ms && d->delay_ms == e->delay_ms && d->outcome == e->outcome;
	struct span reply = e->reply.len > LINE_COPY_MAX ? span_of(e->reply.at, LINE_COPY_MAX) : e->reply;
	d->at_ms = e->at_ms;
	d->outcome = e->outcome;
	d->transport = t->transport;
	d->forwarded = e->forwarded;
	d->remote_reply = e->remote_reply;
	d->code = e->code;
	d->delay_ms = e->delay_ms;
	d->tries += !again && e->outcome != OUTCOME_WAITING;
	if (e->relay.family)
		d->relay = e->relay;
	d->relay_port = e->relay_port;
	open_set(&j->open, m, &d->original, e->original);
	if (e->relay_name.len)
		d->relay_name = open_text(&j->open, m, e->relay_name);
	if (e->status.len)
		d->status = open_text(&j->open, m, e->status);
	if (e->outcome != OUTCOME_SENT && e->outcome != OUTCOME_WAITING)
		d->reply = open_text(&j->open, m, reply);
	if (join_is_waiting(d))
		join_waits(j, m, d, t->recipient);
}

/* Another server (an internal relay, a tunnel) names its own id when it takes a message: only where a message with that
 * id shows itself in this log, and came from near by, did this one come back to us. */
static void next_hop(struct join *j, uint32_t index, uint32_t delivery, struct span later_id)
{
	struct open_message *m = &j->open.message[index];
	const struct open_message *known = join_find_any(j, m->host, later_id);
	struct open_delivery *d;
	uint32_t later;
	if (known && !known->ghost && !known->linked && join_nearness(known) == OPEN_OUTSIDE)
		return;
	later = join_next_hop(j, m, later_id, m->instance);
	d = &j->open.message[index].delivery[delivery];
	if (later == OPEN_NONE)
		return;
	j->open.message[later].by_reply |= !known;
	d->hop = !j->open.message[later].ghost;
	if (!d->hop && !d->may_hop) {
		d->may_hop = true;
		j->open.message[index].may_hops++;
	}
	d->later = later;
}

static void follow_link(struct join *j, uint32_t index, uint32_t delivery, const struct mail_event *e)
{
	struct open_message *m = &j->open.message[index];
	struct open_delivery *d = &m->delivery[delivery];
	if (e->link == LINK_NEXT_HOP) {
		next_hop(j, index, delivery, e->related);
	} else if (e->link == LINK_FORWARD) {
		struct text by = d->original.len ? d->original : d->recipient;
		d->hop = true;
		join_forward(j, index, by, e->related);
	} else if (e->link == LINK_NOTICE) {
		join_notice(j, index, e->related);
	}
}

/*
 * Sendmail's ctladdr= names the local user on whose behalf it is delivered: the one that sent it, or, where it came from
 * outside, the one whose .forward or alias sends it on.
 */
static void read_control(const struct open_message *m, struct open_delivery *d, const struct mail_event *e)
{
	bool own = m->origin != ORIGIN_CLIENT || join_is_inner(&m->client) ||
		   span_equal_nocase(open_span(m, m->sender), e->original);
	if (own)
		d->original = (struct text){0, 0};
	else if (e->transport == TRANSPORT_SMTP)
		d->forwarded = true;
}

static void one_delivery(struct join *j, struct open_message *m, const struct told *t)
{
	const struct mail_event *e = t->e;
	bool failed = e->outcome != OUTCOME_SENT && e->outcome != OUTCOME_WAITING;
	struct text kept = {0, 0};
	struct open_delivery *d;
	uint32_t index = open_index(&j->open, m), delivery;
	if (failed)
		kept = failure_line(j, m, e, t->line);
	d = delivery_for(j, m, t->recipient);
	if (!d)
		return;
	delivery = (uint32_t)(d - m->delivery);
	if (kept.len) /* a proof without its text is none */
		d->line = open_line(t->line, kept);
	fill_delivery(j, m, d, t);
	if (e->format == FORMAT_SENDMAIL && e->original.len)
		read_control(m, d, e);
	if (e->user.len && m->origin != ORIGIN_LOGIN)
		open_set(&j->open, m, &m->user, e->user);
	if (e->related.len)
		follow_link(j, index, delivery, e);
	if (e->outcome == OUTCOME_SENT)
		join_may_return(j, &j->open.message[index], &j->open.message[index].delivery[delivery]);
}

static size_t recipient_end(const struct mail_event *e, struct span rest)
{
	return span_find(rest, e->format == FORMAT_KUMOMTA ? LINE_ITEM : ',');
}

/* Sendmail and KumoMTA name several recipients in one line. */
static void each_recipient(struct join *j, struct open_message *m, struct told *t)
{
	struct span rest = t->recipient;
	uint32_t index = open_index(&j->open, m);
	for (int i = 0; i < LIST_RECIPIENTS_MAX && rest.len; i++) {
		size_t end = recipient_end(t->e, rest);
		struct span one = span_trim(span_of(rest.at, end < rest.len ? end : rest.len));
		if (one.len > 2 && one.at[0] == '<' && one.at[one.len - 1] == '>')
			one = span_of(one.at + 1, one.len - 2);
		rest = span_from(rest, end + 1);
		t->recipient = one;
		one_delivery(j, &j->open.message[index], t);
	}
}

/* A part of Haraka's: what no line names before stands for itself by its domain. */
static void each_of_part(struct join *j, struct open_message *m, struct told *t)
{
	struct haraka_part part = join_haraka_part(m, t->e);
	uint32_t index = open_index(&j->open, m), told = 0;
	char recipient[RECIPIENT_MAX];
	while (join_haraka_next(&j->open.message[index], t->e, &part, &t->recipient)) {
		if (t->recipient.len > sizeof(recipient))
			continue;
		memcpy(recipient, t->recipient.at, t->recipient.len); /* what it lies in may move */
		t->recipient.at = (const uint8_t *)recipient;
		one_delivery(j, &j->open.message[index], t);
		told++;
	}
	t->recipient = t->e->recipient;
	if (!told && t->recipient.len)
		one_delivery(j, &j->open.message[index], t);
}

/* Stalwart tells of a failure where it happens and once more when it makes the notice about it. */
static bool is_told_already(const struct open_message *m, const struct mail_event *e)
{
	if (e->format != FORMAT_STALWART || e->link != LINK_NOTICE)
		return false;
	for (uint32_t i = 0; i < m->delivery_count && i < LIST_RECIPIENTS_MAX; i++)
		if (!join_is_waiting(&m->delivery[i]) &&
		    span_equal_nocase(open_span(m, m->delivery[i].recipient), e->recipient))
			return true;
	return false;
}

static void delivery_event(struct join *j, const struct mail_event *e, const struct log_line *line)
{
	struct told t = {.e = e, .line = line, .recipient = e->recipient, .transport = e->transport};
	struct open_message *m;
	if (e->format == FORMAT_QMAIL && !e->id.len)
		m = join_qmail_find(j, e, &t.recipient, &t.transport);
	else
		m = join_message_of(j, e);
	if (!m || is_told_already(m, e))
		return;
	m->last_ms = e->at_ms;
	if (m->deferred) /* it waited for long: what is written next and what may be tried again */
		__builtin_prefetch(&m->delivery[m->next_try], 1);
	if (e->format == FORMAT_HARAKA && span_find(e->recipient, '@') == e->recipient.len)
		each_of_part(j, m, &t);
	else if (e->count > 1)
		each_recipient(j, m, &t);
	else
		one_delivery(j, m, &t);
}

/* Haraka handed it to the next server before it said yes to the client. */
static void taken_at_once(struct join *j, const struct mail_event *e, const struct log_line *line)
{
	struct told t = {.e = e, .line = line, .transport = e->transport};
	struct open_message *m = join_message_at(j, e);
	if (m)
		each_of_part(j, m, &t);
}

/* A link line without a delivery: bounce's "sender non-delivery notification", amavis' "queued_as". */
static void link_event(struct join *j, const struct mail_event *e)
{
	struct open_message *m;
	if (e->link == LINK_REQUEUE) {
		join_requeue(j, e, e->id, e->related);
		return;
	}
	m = join_message_of(j, e);
	if (!m)
		return;
	if (e->client.family)
		take_outer_client(j, m, e);
	if (e->format == FORMAT_QMAIL)
		join_qmail_bounce(j, m, e);
	else if (e->link == LINK_NEXT_HOP)
		join_next_hop(j, m, e->related, m->instance);
	else if (e->link == LINK_NOTICE)
		join_notice(j, open_index(&j->open, m), e->related);
	else if (e->link == LINK_FORWARD)
		join_forward(j, open_index(&j->open, m), (struct text){0, 0}, e->related);
}

/* Removed by the administrator: no other line tells that it has ended. */
static void change_event(struct join *j, const struct mail_event *e)
{
	struct open_message *m = e->id.len ? join_message_of(j, e) : NULL;
	if (!e->id.len)
		join_change_nameless(j, e);
	if (!m)
		return;
	if (e->pid && !e->recipient.len)
		join_admin_named(j, m->host, e);
	take_details(j, m, e);
	if (e->format == FORMAT_OPENSMTPD)
		join_own_user(j, m);
	join_change(j, m, e);
	if (e->outcome == OUTCOME_REMOVED && !e->recipient.len)
		finish(j, m, e->at_ms);
}

static void end_event(struct join *j, const struct mail_event *e)
{
	struct open_message *m = join_message_at(j, e);
	if (m && !m->ended)
		finish(j, m, e->at_ms);
}

static void tell(struct join *j, const struct mail_event *e, const struct log_line *line)
{
	struct span raw = line->raw.len > LINE_COPY_MAX ? span_of(line->raw.at, LINE_COPY_MAX) : line->raw;
	struct line_copy copy = {line->source, line->number, line->at_ms, raw};
	if (j->sink.event)
		j->sink.event(j->sink.arg, e, &copy);
}

/* OpenSMTPD and Haraka name the client in the first line of a session alone. */
static void tell_of_session(struct join *j, const struct mail_event *e, const struct log_line *line)
{
	struct mail_event whole;
	if ((e->format != FORMAT_OPENSMTPD && e->format != FORMAT_HARAKA) || e->client.family || !e->related.len) {
		tell(j, e, line);
		return;
	}
	whole = *e;
	join_session_client(j, &whole);
	tell(j, &whole, line);
}

/* A login whose domain stands apart from its name is told with it. */
static void session_event(struct join *j, const struct mail_event *e, const struct log_line *line)
{
	char room[LOGIN_MAX];
	struct mail_event whole = *e;
	if (e->login_domain.len && e->login.len + e->login_domain.len < sizeof(room)) {
		int n = snprintf(room, sizeof(room), "%.*s@%.*s", (int)e->login.len, e->login.at,
				 (int)e->login_domain.len, e->login_domain.at);
		whole.login = span_of(room, (size_t)n);
	}
	if (e->format == FORMAT_QMAIL)
		join_qmail_session(j, &whole);
	else
		join_session(j, &whole);
	tell_of_session(j, &whole, line);
}

int join_event(struct join *j, const struct mail_event *e, const struct log_line *line)
{
	if (e->at_ms > j->now_ms)
		j->now_ms = e->at_ms;
	open_next_line(&j->open);
	if (e->message_id.len)
		open_expect_message_id(&j->open, e->message_id);
	switch (e->kind) {
	case EVENT_ACCEPT:
		accept_event(j, e, line);
		if (e->outcome != OUTCOME_NONE)
			taken_at_once(j, e, line);
		break;
	case EVENT_DETAIL:
		detail_event(j, e, line);
		break;
	case EVENT_DELIVERY:
		delivery_event(j, e, line);
		break;
	case EVENT_LINK:
		link_event(j, e);
		break;
	case EVENT_END:
		end_event(j, e);
		break;
	case EVENT_CHANGE:
		change_event(j, e);
		break;
	case EVENT_SUBMIT:
		join_submit(j, e);
		tell(j, e, line);
		break;
	case EVENT_LOGIN:
	case EVENT_CONNECT:
	case EVENT_ENVELOPE:
		session_event(j, e, line);
		break;
	case EVENT_DISCONNECT:
		if (e->format == FORMAT_HARAKA && e->good)
			join_haraka_allowed(j, e);
		tell_of_session(j, e, line);
		break;
	case EVENT_REFUSAL:
	case EVENT_WOULD_REFUSE:
	case EVENT_WARNING:
	case EVENT_SUPPRESSED:
		tell_of_session(j, e, line);
		break;
	}
	keep_bounds(j);
	return j->open.error ? j->open.error : j->php.error;
}
