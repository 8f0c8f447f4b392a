/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages in the queue: what is held, released, removed there, and what still waits when a message is handed over. */
#include "logjoin/join_parts.h"

/* The delivery that waits for this recipient, or a new one that no try was told of. */
static struct open_delivery *delivery_of(struct join *j, struct open_message *m, const struct mail_event *e)
{
	struct open_delivery *d = m->deferred ? join_tried_again(m, e->recipient) : NULL;
	if (d)
		return d;
	d = open_delivery_add(&j->open, m);
	if (d)
		*d = (struct open_delivery){.recipient = open_text(&j->open, m, e->recipient),
					    .outcome = OUTCOME_WAITING};
	return d;
}

/* Its address is known before any try: from the line of a rule or of the administrator. */
static void name_waiting(struct join *j, struct open_message *m, const struct mail_event *e)
{
	struct open_delivery *d = delivery_of(j, m, e);
	if (!d)
		return;
	d->at_ms = e->at_ms;
	join_waits(j, m, d, e->recipient);
}

/* One recipient is done with, and not by a delivery. */
static void end_one(struct join *j, struct open_message *m, const struct mail_event *e)
{
	struct open_delivery *d = delivery_of(j, m, e);
	if (!d)
		return;
	d->outcome = e->outcome;
	d->at_ms = e->at_ms;
}

void join_change(struct join *j, struct open_message *m, const struct mail_event *e)
{
	m->last_ms = e->at_ms;
	if (e->recipient.len && e->outcome == OUTCOME_REMOVED) {
		end_one(j, m, e);
		return;
	}
	if (e->recipient.len)
		name_waiting(j, m, e);
	if (e->outcome != OUTCOME_WAITING)
		m->rest = e->outcome;
	else if (m->format == FORMAT_EXIM && m->recipients) /* the administrator added it */
		m->recipients++;
}

static bool is_in_queue(const struct open_message *m)
{
	return !m->ended && !m->ghost && m->format == FORMAT_POSTFIX &&
	       (m->recipients > 0 || m->deferred > 0 || m->rest != OUTCOME_NONE);
}

static bool is_concerned(const struct open_message *m, uint32_t host, enum mail_outcome outcome)
{
	if (m->host != host || !is_in_queue(m))
		return false;
	return outcome == OUTCOME_REMOVED || (m->rest == OUTCOME_HELD) == (outcome == OUTCOME_NONE);
}

static uint64_t count_concerned(const struct join *j, uint32_t host, enum mail_outcome outcome)
{
	uint64_t count = 0;
	for (uint32_t i = j->open.oldest; i != OPEN_NONE; i = j->open.order[i].newer)
		count += is_concerned(&j->open.message[i], host, outcome);
	return count;
}

/* As many as there are: it was all of them. */
static void change_all(struct join *j, uint32_t host, const struct mail_event *e)
{
	uint32_t i = j->open.oldest, next;
	for (; i != OPEN_NONE; i = next) {
		struct open_message *m = &j->open.message[i];
		next = j->open.order[i].newer;
		if (!is_concerned(m, host, e->outcome))
			continue;
		m->rest = e->outcome;
		m->last_ms = e->at_ms;
		m->ended = e->outcome == OUTCOME_REMOVED;
	}
}

/* postsuper names each message that it is given, and then says how many there were; of ALL it says that alone. */
static void total(struct join *j, uint32_t host, const struct mail_event *e)
{
	struct admin *a = &j->admin;
	uint64_t named = a->host == host && a->pid == e->pid ? a->named[e->outcome] : 0, more = e->count - named;
	struct join_by_all *all = &j->by_all[e->outcome];
	a->named[e->outcome] = 0;
	if (e->count <= named || host == UINT32_MAX)
		return;
	all->messages += more;
	if (j->admin_scans++ < ADMIN_SCANS_MAX && more >= count_concerned(j, host, e->outcome))
		change_all(j, host, e);
	else
		all->unknown += more;
}

void join_admin_named(struct join *j, uint32_t host, const struct mail_event *e)
{
	struct admin *a = &j->admin;
	if (a->host != host || a->pid != e->pid)
		*a = (struct admin){.host = host, .pid = e->pid};
	a->named[e->outcome]++;
}

/* smtpd: the first recipient that is held comes before the queue file, in the same RCPT command. */
void join_change_nameless(struct join *j, const struct mail_event *e)
{
	struct rule *r = &j->rules[j->rule_next % RULES_MAX];
	uint32_t host = names_number(&j->hosts, e->host);
	if (e->count && !e->client.family)
		total(j, host, e);
	if (!e->pid || !e->recipient.len || e->recipient.len >= sizeof(r->recipient) || host == UINT32_MAX)
		return;
	j->rule_next++;
	j->rules_waiting += r->outcome == OUTCOME_NONE;
	*r = (struct rule){
		.at_ms = e->at_ms, .host = host, .pid = e->pid, .outcome = (uint8_t)e->outcome, .client = e->client};
	memcpy(r->recipient, e->recipient.at, e->recipient.len);
}

static bool is_for(const struct rule *r, const struct open_message *m, const struct mail_event *e)
{
	return r->outcome != OUTCOME_NONE && r->host == m->host && r->pid == e->pid &&
	       addr_equal(&r->client, &e->client) && e->at_ms - r->at_ms <= RULE_MS && r->at_ms - e->at_ms <= RULE_MS;
}

void join_claim_rule(struct join *j, struct open_message *m, const struct mail_event *e)
{
	for (uint32_t i = 0; i < RULES_MAX; i++) {
		struct rule *r = &j->rules[i];
		if (!is_for(r, m, e))
			continue;
		struct mail_event change = {
			.at_ms = e->at_ms, .outcome = r->outcome, .recipient = span_str(r->recipient)};
		join_change(j, m, &change);
		r->outcome = OUTCOME_NONE;
		j->rules_waiting--;
	}
}

/* Recipients that still wait go along; what is left is what was done under the old id. */
static void leave_done(struct join *j, struct open_message *m)
{
	uint32_t to = 0;
	for (uint32_t i = 0; i < m->delivery_count; i++)
		if (!join_is_waiting(&m->delivery[i]))
			m->delivery[to++] = m->delivery[i];
	m->delivery_count = to;
	m->deferred = 0;
	m->recipients = 0;
	m->rest = OUTCOME_NONE;
	m->accepted = to > 0;
	m->ended = true;
	join_hand_over(j, m);
}

bool join_requeue(struct join *j, const struct mail_event *e, struct span earlier_id, struct span later_id)
{
	uint32_t host = names_number(&j->hosts, e->host);
	struct open_message *m = join_find_any(j, host, earlier_id), *later;
	if (!m || m->ghost || !later_id.len || later_id.len > OPEN_ID_MAX)
		return false;
	later = join_find_any(j, host, later_id);
	if (later == m)
		return true;
	if (later && !later->ghost) { /* its lines were read first */
		join_inherit(j, later, m);
		leave_done(j, m);
		return true;
	}
	if (later)
		join_hand_over(j, later);
	open_rename(&j->open, m, later_id);
	m->done = 0;
	for (uint32_t i = 0; i < m->delivery_count; i++)
		m->done += !join_is_waiting(&m->delivery[i]);
	m->recipients = 0;
	m->rest = OUTCOME_NONE;
	m->ended = false;
	m->last_ms = e->at_ms;
	return true;
}

/* Postfix, Exim, qmail and Stalwart write when a message has left the queue; Haraka names its recipients before. */
static bool tells_end(const struct open_message *m)
{
	return m->format == FORMAT_POSTFIX || m->format == FORMAT_EXIM || m->format == FORMAT_QMAIL ||
	       m->format == FORMAT_HARAKA || m->format == FORMAT_STALWART;
}

/* It has left the queue, all its recipients done with. */
static bool is_over(const struct open_message *m)
{
	return m->ended && (m->rest == OUTCOME_NONE || m->rest == OUTCOME_HELD);
}

/* As many as the queue manager counted, less those whose outcome is told; before any try at least one. A message of which
 * the log has no arrival may have been delivered in part before the log begins. */
static uint32_t untold(const struct open_message *m, uint32_t told)
{
	uint32_t count = m->recipients + m->done;
	if (is_over(m) || m->format == FORMAT_FILTER || (!m->accepted && (told > 0 || !m->recipients)))
		return 0;
	if (told > 0 && !tells_end(m))
		return 0;
	if (!m->recipients) /* Postfix gives an id to what no queue ever took: the client may have gone */
		return told == 0 && (m->format != FORMAT_POSTFIX || m->rest);
	return count > told ? count - told : 0;
}

/* Addresses that only a rule's line names may have become others (aliases): they stand for recipients that no line tells
 * the outcome of, and no more than these. */
static uint32_t keep_named(struct open_message *m, uint32_t room)
{
	uint32_t to = 0, kept = 0;
	for (uint32_t i = 0; i < m->delivery_count; i++) {
		bool never_tried = m->delivery[i].outcome == OUTCOME_WAITING;
		if (never_tried && kept == room)
			continue;
		kept += never_tried;
		m->delivery[to++] = m->delivery[i];
	}
	m->delivery_count = to;
	return kept;
}

/* How many of the recipients that are only named stand. */
static uint32_t named_room(const struct open_message *m, uint32_t room, uint32_t named)
{
	if (is_over(m) || (m->format == FORMAT_HARAKA && !m->accepted)) /* refused before its end */
		return 0;
	return (m->format == FORMAT_POSTFIX || m->format == FORMAT_HARAKA) && m->recipients ? room : named;
}

void join_rest(struct open_message *m)
{
	uint32_t told = 0, room, named, kept;
	if (m->ended && !m->deferred && !m->rest)
		return;
	for (uint32_t i = 0; i < m->delivery_count; i++)
		told += m->delivery[i].outcome != OUTCOME_WAITING;
	named = m->delivery_count - told;
	room = untold(m, told);
	kept = named ? keep_named(m, named_room(m, room, named)) : 0;
	m->unnamed = room > kept ? room - kept : 0;
	for (uint32_t i = 0; m->rest && i < m->delivery_count; i++)
		if (join_is_waiting(&m->delivery[i]))
			m->delivery[i].outcome = m->rest;
}
