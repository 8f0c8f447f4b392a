/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines that carry no queue id and yet say who a message is from: cwd=, PHP's mail(), logins. */
#include "logjoin/join_parts.h"

void join_keep(char *to, size_t size, struct span s)
{
	size_t n = s.len < size ? s.len : size - 1;
	if (n)
		memcpy(to, s.at, n);
	to[n] = '\0';
}

void join_submit(struct join *j, const struct mail_event *e)
{
	struct submit *s;
	if (e->format == FORMAT_PHP) {
		php_lines_note(&j->php, e);
		return;
	}
	s = &j->submits[j->submit_next++ % SUBMITS_MAX];
	s->used = false;
	s->has_sender = e->has_sender;
	s->at_ms = e->at_ms;
	s->host = names_number(&j->hosts, e->host);
	s->pid = e->pid;
	join_keep(s->directory, sizeof(s->directory), e->directory);
	join_keep(s->sender, sizeof(s->sender), e->sender);
}

static bool is_near(const struct submit *s, const struct open_message *m, int64_t within_ms)
{
	return !s->used && s->at_ms <= m->first_ms && m->first_ms - s->at_ms <= within_ms;
}

/* Exim heeds -f from trusted users only, so that another sender does not tell two apart; but its own notices (<>), which
 * start beside a script's messages, are not the script's. */
static bool fits_sender(const struct submit *s, struct span sender, bool exact)
{
	if (exact)
		return s->has_sender && span_equal_nocase(span_str(s->sender), sender);
	return sender.len > 0 || (s->has_sender && !s->sender[0]);
}

/* Exim's cwd= line: that of the same process where pids are logged, else the first that no message has claimed; one
 * that names the message's sender goes before others. */
static struct submit *submit_for(struct join *j, const struct open_message *m)
{
	struct span sender = open_span(m, m->sender);
	struct submit *first = NULL;
	for (uint32_t i = 0; i < SUBMITS_MAX; i++) {
		struct submit *s = &j->submits[(j->submit_next + i) % SUBMITS_MAX];
		if (!s->directory[0] || s->host != m->host || !is_near(s, m, JOIN_SUBMIT_MS))
			continue;
		if (m->pid && s->pid && m->pid != s->pid)
			continue;
		if (!m->has_sender || (m->pid && s->pid) || fits_sender(s, sender, true))
			return s;
		if (!first && fits_sender(s, sender, false))
			first = s;
	}
	return first;
}

void join_claim_submit(struct join *j, struct open_message *m)
{
	struct submit *s = j->submit_next ? submit_for(j, m) : NULL;
	if (!s)
		return;
	s->used = true;
	open_set(&j->open, m, &m->directory, span_str(s->directory));
}

static bool is_of_this_host(const struct open_message *m)
{
	return m->origin == ORIGIN_LOCAL ||
	       (m->origin == ORIGIN_CLIENT && m->client.family && addr_kind(&m->client) == ADDR_LOOPBACK);
}

/* PHP logs the recipient and no message. By a recipient elsewhere first: many scripts write to the same people here. */
void join_claim_php(struct join *j, struct open_message *m)
{
	if (!j->php.script_count || m->script.len || !is_of_this_host(m))
		return;
	for (int here = 0; here < 2; here++)
		for (uint32_t i = 0; i < m->delivery_count && i < PHP_LOOKED_AT; i++) {
			const struct open_delivery *d = &m->delivery[i];
			if ((d->transport == TRANSPORT_LOCAL) == (here == 1))
				open_set(&j->open, m, &m->script,
					 php_lines_find(&j->php, open_span(m, d->recipient), m->first_ms));
			if (m->script.len)
				return;
		}
}

/* Sendmail's AUTH= line is joined by process, as is what Postfix tells before a filter has the message; OpenSMTPD's by
 * session. */
static uint64_t session_key(struct join *j, const struct mail_event *e)
{
	uint64_t host = names_number(&j->hosts, e->host);
	if (e->related.len && e->link == LINK_NONE)
		return hash_octets(e->related, host + 1) | 1;
	bool by_process = e->format == FORMAT_SENDMAIL ||
			  (e->format == FORMAT_POSTFIX && (e->kind == EVENT_LOGIN || e->of_login));
	return by_process && e->pid ? hash_octets(span_of(&e->pid, sizeof(e->pid)), host + 2) | 1 : 0;
}

/* What lies behind the ends of its texts does not matter. */
void join_session_begin(struct session *s, uint64_t key)
{
	s->hash = key;
	s->client = (struct addr){0};
	s->local = s->envelope = s->doubtful = false;
	s->client_name[0] = s->helo[0] = s->login[0] = s->method[0] = '\0';
}

void join_session(struct join *j, const struct mail_event *e)
{
	uint64_t key = session_key(j, e);
	struct session *s = &j->sessions[(key >> 1) % SESSIONS];
	if (!key || (e->kind == EVENT_LOGIN && !e->good))
		return;
	if (s->hash != key || e->format == FORMAT_POSTFIX ||
	    (e->format == FORMAT_SENDMAIL && e->at_ms - s->at_ms > SESSION_MS))
		join_session_begin(s, key);
	s->at_ms = e->at_ms;
	s->local |= e->local;
	if (e->client.family)
		s->client = e->client;
	if (e->client_name.len)
		join_keep(s->client_name, sizeof(s->client_name), e->client_name);
	if (e->helo.len)
		join_keep(s->helo, sizeof(s->helo), e->helo);
	if (e->login.len)
		join_keep(s->login, sizeof(s->login), e->login);
	if (e->method.len)
		join_keep(s->method, sizeof(s->method), e->method);
}

void join_claim_session(struct join *j, struct open_message *m, const struct mail_event *e)
{
	uint64_t key = session_key(j, e);
	const struct session *s = &j->sessions[(key >> 1) % SESSIONS];
	if (!key || s->hash != key || e->at_ms - s->at_ms > SESSION_MS)
		return;
	if (!m->client.family && !e->of_login)
		m->client = s->client;
	else if ((s->client.family || e->of_login) && !addr_equal(&m->client, &s->client))
		return; /* another connection of a reused process number */
	open_set(&j->open, m, &m->client_name, span_str(s->client_name));
	open_set(&j->open, m, &m->helo, span_str(s->helo));
	open_set(&j->open, m, &m->login, span_str(s->login));
	open_set(&j->open, m, &m->method, span_str(s->method));
	if (s->local && m->origin == ORIGIN_UNKNOWN)
		m->origin = ORIGIN_LOCAL;
	if (m->login.len)
		m->origin = ORIGIN_LOGIN;
	else if (m->client.family && m->origin == ORIGIN_UNKNOWN)
		m->origin = ORIGIN_CLIENT;
}

void join_session_client(struct join *j, struct mail_event *e)
{
	uint64_t key = session_key(j, e);
	const struct session *s = &j->sessions[(key >> 1) % SESSIONS];
	if (!key || s->hash != key || e->at_ms - s->at_ms > SESSION_MS)
		return;
	e->client = s->client;
	e->client_name = span_str(s->client_name);
	e->helo = span_str(s->helo);
}

/* OpenSMTPD's own sendmail makes the sender of the user's name and the host's, if it is given no other. */
void join_own_user(struct join *j, struct open_message *m)
{
	struct span sender = open_span(m, m->sender);
	size_t at = span_find(sender, '@');
	if (m->origin != ORIGIN_LOCAL || m->user.len || at == 0 || at == sender.len ||
	    !span_equal_nocase(span_from(sender, at + 1), open_span(m, m->client_name)))
		return;
	open_set(&j->open, m, &m->user, span_of(sender.at, at));
}
