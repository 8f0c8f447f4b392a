/* SPDX-License-Identifier: BSD-2-Clause */
/* Which message a line tells of. */
#include "logjoin/join_parts.h"

static bool is_key(uint32_t host, uint32_t instance, struct span id)
{
	return id.len && id.len <= OPEN_ID_MAX && host != UINT32_MAX && instance != UINT32_MAX;
}

static struct open_message *make(struct join *j, uint32_t host, uint32_t instance, struct span id)
{
	struct open_message *m = open_add(&j->open, host, instance, id);
	if (m)
		m->first_ms = m->last_ms = j->now_ms;
	return m;
}

struct open_message *join_find(struct join *j, uint32_t host, uint32_t instance, struct span id)
{
	return is_key(host, instance, id) ? open_find(&j->open, host, instance, id) : NULL;
}

struct open_message *join_make(struct join *j, uint32_t host, uint32_t instance, struct span id)
{
	return is_key(host, instance, id) ? make(j, host, instance, id) : NULL;
}

struct open_message *join_find_any(struct join *j, uint32_t host, struct span id)
{
	struct open_message *m = NULL;
	for (uint32_t i = 0; i < j->instances.count && i < INSTANCES_LOOKED_AT && !m; i++)
		m = join_find(j, host, i, id);
	return m;
}

/* No queue manager gives an id anew within a second; qmail's is an inode's number. What comes with such a stamp is a line
 * that the log has twice. */
static bool is_repeated(const struct open_message *m, const struct mail_event *e, int64_t since_ms)
{
	return m->format != FORMAT_QMAIL && e->at_ms < since_ms + SAME_ID_MS;
}

/* Is the id that a receiver named a message's of the world? Then it was none of a hop. */
static bool is_stranger(const struct open_message *ghost, const struct mail_event *e)
{
	return ghost->by_reply && e->kind == EVENT_ACCEPT && e->client.family && !e->xforward &&
	       !join_is_inner(&e->client);
}

static bool is_new_arrival(const struct open_message *m, const struct mail_event *e)
{
	/* lines of filters may come late: amavis', and smtpd's own of a filter before the queue */
	if (m->ended)
		return e->format != FORMAT_FILTER && !(e->kind == EVENT_DETAIL && e->login.len) &&
		       !is_repeated(m, e, m->last_ms);
	if (m->ghost)
		return e->at_ms - m->first_ms > GHOST_MS || is_stranger(m, e);
	if (e->kind != EVENT_ACCEPT || !m->accepted || m->format != e->format || e->format == FORMAT_FILTER ||
	    is_repeated(m, e, m->first_ms))
		return false;
	return m->delivery_count || e->at_ms - m->first_ms > JOIN_LINGER_MS;
}

/* master.cf may give a name of its own to one daemon (-o syslog_name=postfix-out for the smtpd behind a filter): the same
 * message is then told of under two names. Ids hold the queue file's inode, so instances on one host share none. */
static struct open_message *of_another_name(struct join *j, uint32_t host, uint32_t instance, struct span id)
{
	struct open_message *m = NULL;
	for (uint32_t i = 0; i < j->instances.count && i < INSTANCES_LOOKED_AT && !m; i++) {
		m = i == instance ? NULL : open_find(&j->open, host, i, id);
		if (m && !m->accepted)
			m = NULL;
	}
	return m;
}

struct open_message *join_message_of(struct join *j, const struct mail_event *e)
{
	uint32_t host = names_number(&j->hosts, e->host), instance = names_number(&j->instances, e->instance);
	struct open_message *m;
	if (!is_key(host, instance, e->id))
		return NULL;
	m = open_find(&j->open, host, instance, e->id);
	if (!m && e->kind != EVENT_ACCEPT)
		m = of_another_name(j, host, instance, e->id);
	if (m && is_new_arrival(m, e)) {
		join_hand_over(j, m);
		m = NULL;
	}
	if (!m && join_is_gone(j, host, e))
		return NULL;
	if (!m)
		m = make(j, host, instance, e->id);
	if (m) {
		if (!m->accepted && m->delivery_count == 0)
			m->format = e->format;
		if (e->at_ms < m->first_ms)
			m->first_ms = e->at_ms;
		if (e->at_ms > m->last_ms)
			m->last_ms = e->at_ms;
		if (m->ghost)
			join_shows_itself(j, m);
		m->ghost = false;
	}
	return m;
}

struct open_message *join_message_at(struct join *j, const struct mail_event *e)
{
	uint32_t host = names_number(&j->hosts, e->host), instance = names_number(&j->instances, e->instance);
	struct open_message *m;
	if (!is_key(host, instance, e->id))
		return NULL;
	m = open_find(&j->open, host, instance, e->id);
	return m ? m : of_another_name(j, host, instance, e->id);
}
