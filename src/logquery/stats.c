/* SPDX-License-Identifier: BSD-2-Clause */
/* Counting messages and events. */
#include "logquery/stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "receivers/receivers.h"
#include "logparse/format.h"

enum {
	HOUR_MS = 3600000,
	HOURS_MAX = 24 * 366 * 10, /* a longer log is shown without its rarest hours */
	SESSIONS = 1 << 16,        /* open connections whose end is waited for, by process id */
	REPLY_OCTETS_MAX = 1 << 14,
};

const int64_t stats_delay_limits_ms[STATS_DELAYS - 1] = {60000,   300000,   900000,   1800000,
							 3600000, 10800000, 21600000, 86400000};

struct session {
	uint32_t pid, host; /* host: its hash */
	int64_t at_ms;
	uint32_t login; /* hash of the login that was counted in it; 0: none */
};

struct stats {
	const struct zone *zone;
	uint64_t totals[STATS_TOTALS];
	uint64_t delays[2][STATS_DELAYS];
	struct top *tables[STATS_TABLES];
	struct top *children; /* messages that local(8) made and that are still to come, by forwarding address */
	size_t names;
	struct session *sessions;
	struct buf template;
	int64_t offset_hour; /* for which the zone was asked last */
	int64_t offset_ms;
	bool failed;
};

struct stats *stats_new(const struct zone *zone, size_t names)
{
	struct stats *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->zone = zone;
	s->names = names ? names : STATS_NAMES_MAX;
	s->template = buf_make(REPLY_OCTETS_MAX);
	s->offset_hour = INT64_MIN;
	s->sessions = calloc(SESSIONS, sizeof(*s->sessions));
	s->children = top_new(s->names);
	s->failed = !s->sessions || !s->children;
	for (unsigned t = 0; t < STATS_TABLES; t++) {
		s->tables[t] = top_new(t <= STATS_BY_HOUR_OF_DAY ? HOURS_MAX : s->names);
		s->failed |= !s->tables[t];
	}
	if (!s->failed)
		return s;
	stats_free(s);
	return NULL;
}

void stats_free(struct stats *s)
{
	if (!s)
		return;
	for (unsigned t = 0; t < STATS_TABLES; t++)
		top_free(s->tables[t]);
	top_free(s->children);
	free(s->sessions);
	buf_release(&s->template);
	free(s);
}

bool stats_failed(const struct stats *s)
{
	return s->failed;
}

uint64_t stats_total(const struct stats *s, enum stats_total which)
{
	return s->totals[which];
}

struct top *stats_table(const struct stats *s, enum stats_table which)
{
	return s->tables[which];
}

uint64_t stats_delays(const struct stats *s, unsigned class, bool remote)
{
	return s->delays[remote][class];
}

size_t stats_names(const struct stats *s)
{
	return s->names;
}

/* Somewhere to add to when memory is used up: it is told at the end. */
static struct top_entry *entry(struct stats *s, enum stats_table table, struct span key, uint64_t count,
			       struct top_entry *spare)
{
	struct top_entry *e = top_add(s->tables[table], key, count);
	if (e)
		return e;
	s->failed = true;
	return spare;
}

static void add(struct stats *s, enum stats_table table, struct span key, enum stats_value value, uint64_t amount)
{
	struct top_entry spare = {0};
	entry(s, table, key, 1, &spare)->values[value] += amount;
}

static int64_t local_hour(struct stats *s, int64_t at_ms)
{
	int64_t hour = at_ms / HOUR_MS, utc_s = at_ms / 1000;
	if (s->zone && hour != s->offset_hour) {
		s->offset_ms = INT64_C(1000) * zone_offset_s(s->zone, utc_s + zone_offset_s(s->zone, utc_s));
		s->offset_hour = hour;
	}
	return (at_ms + s->offset_ms) / HOUR_MS;
}

static void add_at(struct stats *s, enum stats_table table, const char *name, int value, uint64_t amount)
{
	struct top_entry spare = {0};
	if (value == TOP_BY_COUNT)
		entry(s, table, span_str(name), amount, &spare);
	else
		entry(s, table, span_str(name), 0, &spare)->values[value] += amount;
}

/* By hour, by day and by hour of the day. */
static void add_time(struct stats *s, int64_t at_ms, int value, uint64_t amount)
{
	char text[CLOCK_TEXT_SIZE];
	int64_t local = local_hour(s, at_ms);
	clock_text(at_ms / HOUR_MS * HOUR_MS, text);
	add_at(s, STATS_BY_HOUR, text, value, amount);
	clock_text(local * HOUR_MS, text);
	text[sizeof("2026-11-24T12") - 1] = '\0';
	add_at(s, STATS_BY_HOUR_OF_DAY, text + sizeof("2026-11-24T") - 1, value, amount);
	text[sizeof("2026-11-24") - 1] = '\0';
	add_at(s, STATS_BY_DAY, text, value, amount);
}

static struct span domain_of(struct span address)
{
	const uint8_t *at = address.len ? memrchr(address.at, '@', address.len) : NULL;
	if (!address.len)
		return span_str("<>");
	return at ? span_from(address, (size_t)(at - address.at) + 1) : span_str("(no domain)");
}

static struct span host_of(struct span name, const struct addr *a, char text[ADDR_TEXT_SIZE])
{
	if (name.len && !span_equal(name, span_str("unknown")))
		return name;
	if (!a->family)
		return span_str("(not told)");
	addr_text(a, text);
	return span_str(text);
}

static void reason(struct stats *s, enum stats_table table, struct span reply)
{
	buf_clear(&s->template);
	reply_template(reply, &s->template);
	add(s, table, s->template.error ? span_str("(too long)") : buf_span(&s->template), STATS_VALUE_OCTETS, 0);
}

/* ---- messages ---- */

static void count_delay(struct stats *s, const struct mail_delivery *d)
{
	unsigned class = 0;
	while (class < STATS_DELAYS - 1 && d->delay_ms >= stats_delay_limits_ms[class])
		class ++;
	s->delays[0][class]++;
	if (d->transport == TRANSPORT_SMTP)
		s->delays[1][class]++;
}

static void count_sent(struct stats *s, const struct mail_message *m, const struct mail_delivery *d)
{
	bool remote = d->transport == TRANSPORT_SMTP;
	s->totals[STATS_REDIRECTED] += d->forwarded && remote;
	s->totals[remote ? STATS_DELIVERED_REMOTE : STATS_DELIVERED_LOCAL]++;
	s->totals[STATS_OCTETS_DELIVERED] += m->size;
	count_delay(s, d);
	add_time(s, d->at_ms, STATS_VALUE_DELIVERED, 1);
}

static bool failed(const struct mail_delivery *d)
{
	return d->outcome == OUTCOME_BOUNCED || d->outcome == OUTCOME_EXPIRED;
}

static bool had_to_wait(const struct mail_delivery *d)
{
	bool now = d->outcome == OUTCOME_SENT || d->outcome == OUTCOME_BOUNCED || d->outcome == OUTCOME_DISCARDED;
	return d->tries > 1 || (d->tries == 1 && !now);
}

/* Each recipient has one outcome: they add up to the recipients. What was delivered is counted where it is known how. */
static void add_outcome(struct stats *s, enum mail_outcome outcome, uint64_t recipients)
{
	static const enum stats_total totals[OUTCOME_COUNT] = {
		[OUTCOME_NONE] = STATS_WAITING,     [OUTCOME_SENT] = STATS_DELIVERED,
		[OUTCOME_DEFERRED] = STATS_WAITING, [OUTCOME_BOUNCED] = STATS_BOUNCED,
		[OUTCOME_EXPIRED] = STATS_EXPIRED,  [OUTCOME_DISCARDED] = STATS_DISCARDED,
		[OUTCOME_HELD] = STATS_HELD,        [OUTCOME_WAITING] = STATS_WAITING,
		[OUTCOME_REMOVED] = STATS_REMOVED,
	};
	s->totals[STATS_RECIPIENTS_TOTAL] += recipients;
	s->totals[totals[outcome]] += recipients;
}

static void count_outcome(struct stats *s, const struct mail_message *m, const struct mail_delivery *d)
{
	s->totals[STATS_DEFERRED] += had_to_wait(d);
	add_outcome(s, d->outcome, 1);
	if (d->outcome == OUTCOME_SENT)
		count_sent(s, m, d);
	if (failed(d))
		add_time(s, d->at_ms, STATS_VALUE_BOUNCED, 1);
}

static void count_recipient(struct stats *s, enum stats_table table, struct span key, const struct mail_message *m,
			    const struct mail_delivery *d)
{
	struct top_entry spare = {0}, *e = entry(s, table, key, 1, &spare);
	e->values[STATS_VALUE_OCTETS] += d->outcome == OUTCOME_SENT ? m->size : 0;
	e->values[STATS_VALUE_DELIVERED] += d->outcome == OUTCOME_SENT;
	e->values[STATS_VALUE_DEFERRED] += had_to_wait(d);
	e->values[STATS_VALUE_BOUNCED] += failed(d);
	e->values[STATS_VALUE_DELAY_MS] += d->delay_ms;
	if (d->delay_ms > e->values[STATS_VALUE_DELAY_MAX_MS])
		e->values[STATS_VALUE_DELAY_MAX_MS] = d->delay_ms;
}

static void count_delivery(struct stats *s, const struct mail_message *m, const struct mail_delivery *d)
{
	char text[ADDR_TEXT_SIZE];
	count_outcome(s, m, d);
	count_recipient(s, STATS_RECIPIENTS, d->recipient, m, d);
	count_recipient(s, STATS_RECIPIENT_DOMAINS, domain_of(d->recipient), m, d);
	if (d->transport == TRANSPORT_SMTP)
		count_recipient(s, STATS_RELAYS, host_of(d->relay_name, &d->relay, text), m, d);
}

/* The identity that handed it over, the smallest that is known. */
static void name_origin(const struct mail_message *m, struct buf *out)
{
	char text[ADDR_TEXT_SIZE];
	if (m->link == LINK_FORWARD) {
		buf_add_str(out, "forwarder ");
		buf_add(out, m->link_address);
	} else if (m->origin == ORIGIN_LOGIN) {
		buf_add_str(out, "login ");
		buf_add(out, m->login);
	} else if (m->origin == ORIGIN_NOTICE) {
		buf_add_str(out, "notices of this server");
	} else if (m->origin == ORIGIN_LOCAL) {
		bool script = m->script.len || m->directory.len;
		buf_add_str(out, script ? "script " : "user ");
		buf_add(out, m->script.len ? m->script : m->directory.len ? m->directory : m->user);
		if (!script && !m->user.len && m->uid != MAIL_UID_NONE)
			buf_printf(out, "uid %" PRId32, m->uid);
	} else if (m->client.family) {
		addr_text(&m->client, text);
		buf_printf(out, "client %s", text);
	} else {
		buf_add_str(out, "not told");
	}
}

static void count_origin(struct stats *s, const struct mail_message *m)
{
	struct top_entry spare = {0}, *e;
	uint64_t recipients = m->unnamed;
	buf_clear(&s->template);
	name_origin(m, &s->template);
	e = entry(s, STATS_ORIGINS, buf_span(&s->template), 1, &spare);
	e->values[STATS_VALUE_OCTETS] += m->size;
	for (size_t i = 0; i < m->delivery_count; i++) {
		const struct mail_delivery *d = &m->deliveries[i];
		if (d->hop)
			continue;
		recipients++;
		e->values[STATS_VALUE_DELIVERED] += d->outcome == OUTCOME_SENT;
		e->values[STATS_VALUE_DEFERRED] += had_to_wait(d);
		e->values[STATS_VALUE_BOUNCED] += failed(d);
	}
	e->values[STATS_VALUE_RECIPIENTS] += recipients;
	if (m->last_ms > 0 && (uint64_t)m->last_ms > e->values[STATS_VALUE_LAST_MS])
		e->values[STATS_VALUE_LAST_MS] = (uint64_t)m->last_ms;
}

/* It came in as the message that local(8) made it from, which was counted. */
static bool is_child(struct stats *s, const struct mail_message *m)
{
	struct top_entry *e;
	if (m->link != LINK_FORWARD || !top_find(s->children, m->link_address))
		return false;
	e = top_add(s->children, m->link_address, 0);
	if (!e || e->values[0] == 0)
		return false;
	e->values[0]--;
	return true;
}

static void count_received(struct stats *s, const struct mail_message *m)
{
	char text[ADDR_TEXT_SIZE];
	struct span client = m->origin == ORIGIN_LOCAL ? span_str("(a program of this host)")
						       : host_of(m->client_name, &m->client, text);
	if (m->origin == ORIGIN_NOTICE) {
		s->totals[STATS_NOTICES]++;
		return;
	}
	if (m->origin == ORIGIN_UNKNOWN || is_child(s, m))
		return; /* it came before the log begins, or as another */
	s->totals[STATS_RECEIVED]++;
	s->totals[STATS_OCTETS_RECEIVED] += m->size;
	add_time(s, m->first_ms, TOP_BY_COUNT, 1);
	add_time(s, m->first_ms, STATS_VALUE_OCTETS, m->size);
	add(s, STATS_CLIENTS, client, STATS_VALUE_OCTETS, m->size);
	if (!m->has_sender)
		return;
	add(s, STATS_SENDERS, m->sender.len ? m->sender : span_str("<>"), STATS_VALUE_OCTETS, m->size);
	add(s, STATS_SENDER_DOMAINS, domain_of(m->sender), STATS_VALUE_OCTETS, m->size);
}

/* local(8) made another message: "forwarded as". */
static bool made_another(const struct mail_delivery *d)
{
	return d->hop && span_equal(d->relay_name, span_str("local"));
}

/* It only went through our own filter: the message that came back stands for it, with the origin of this one. */
static bool passed_on(const struct mail_message *m)
{
	size_t hops = 0;
	for (size_t i = 0; i < m->delivery_count; i++)
		hops += m->deliveries[i].hop && !made_another(&m->deliveries[i]);
	return hops && hops == m->delivery_count && !m->unnamed;
}

static void count_forward(struct stats *s, const struct mail_delivery *d)
{
	struct top_entry *e = top_add(s->children, d->recipient, 1);
	s->totals[STATS_FORWARDED]++;
	if (e)
		e->values[0]++;
}

static void count_message(struct stats *s, const struct mail_message *m)
{
	if (passed_on(m))
		return;
	count_received(s, m);
	count_origin(s, m);
	if (m->unnamed)
		add_outcome(s, m->unnamed_outcome, m->unnamed);
	for (size_t i = 0; i < m->delivery_count; i++)
		if (!m->deliveries[i].hop)
			count_delivery(s, m, &m->deliveries[i]);
		else if (made_another(&m->deliveries[i]))
			count_forward(s, &m->deliveries[i]);
}

static void on_messages(void *arg, const struct mail_message *m, size_t count)
{
	for (size_t i = 0; i < count; i++)
		count_message(arg, m + i);
}

/* ---- events ---- */

static void count_refusal(struct stats *s, const struct mail_event *e)
{
	char text[ADDR_TEXT_SIZE];
	s->totals[STATS_REJECTED]++;
	add_time(s, e->at_ms, STATS_VALUE_REJECTED, 1);
	reason(s, STATS_REJECT_REASONS, e->reply);
	add(s, STATS_REJECTED_CLIENTS, host_of(span_of(NULL, 0), &e->client, text), STATS_VALUE_OCTETS, 0);
}

static void count_login(struct stats *s, const struct mail_event *e)
{
	char text[ADDR_TEXT_SIZE];
	struct span name = e->login.len ? e->login : span_str("(not told)");
	s->totals[e->good ? STATS_LOGINS : STATS_LOGIN_FAILURES]++;
	add(s, e->good ? STATS_LOGIN_NAMES : STATS_FAILED_NAMES, name, STATS_VALUE_OCTETS, 0);
	if (!e->good)
		add(s, STATS_FAILED_CLIENTS, host_of(span_of(NULL, 0), &e->client, text), STATS_VALUE_OCTETS, 0);
}

static uint32_t hash(struct span s)
{
	uint32_t h = 0x811c9dc5u;
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ s.at[i]) * 0x01000193u;
	return h;
}

static void count_connection(struct stats *s, const struct mail_event *e)
{
	char text[ADDR_TEXT_SIZE];
	uint32_t host = hash(e->host);
	struct session *open = &s->sessions[(e->pid ^ host) % SESSIONS];
	if (e->kind == EVENT_CONNECT) {
		s->totals[STATS_CONNECTIONS]++;
		add(s, STATS_CONNECTED_CLIENTS, host_of(e->client_name, &e->client, text), STATS_VALUE_OCTETS, 0);
		*open = (struct session){.pid = e->pid, .host = host, .at_ms = e->at_ms};
	} else if (e->pid && open->pid == e->pid && open->host == host && e->at_ms >= open->at_ms) {
		s->totals[STATS_CONNECTIONS_ENDED]++;
		s->totals[STATS_CONNECTION_MS] += (uint64_t)(e->at_ms - open->at_ms);
		open->pid = 0;
	}
}

/* Postfix and Exim tell of a right password only where a message comes with it: once a connection. */
static void count_login_of_message(struct stats *s, const struct mail_event *e)
{
	uint32_t host = hash(e->host), login = hash(e->login) | 1;
	struct session *open = &s->sessions[(e->pid ^ host) % SESSIONS];
	bool known = e->pid && open->pid == e->pid && open->host == host;
	if (known && open->login == login)
		return;
	if (known)
		open->login = login;
	s->totals[STATS_LOGINS]++;
	add(s, STATS_LOGIN_NAMES, e->login, STATS_VALUE_OCTETS, 0);
}

static void count_try(struct stats *s, const struct mail_event *e)
{
	uint64_t n = e->count > 1 ? e->count : 1;
	if (e->outcome == OUTCOME_DEFERRED) {
		s->totals[STATS_DEFERRALS] += n;
		add_time(s, e->at_ms, STATS_VALUE_DEFERRED, n);
		reason(s, STATS_DEFERRAL_REASONS, e->reply);
	} else if (e->outcome == OUTCOME_BOUNCED || e->outcome == OUTCOME_EXPIRED) {
		reason(s, STATS_BOUNCE_REASONS, e->reply);
	}
}

static void on_every(void *arg, const struct mail_event *e, const struct log_line *line)
{
	struct stats *s = arg;
	switch (e->kind) {
	case EVENT_WOULD_REFUSE:
		s->totals[STATS_REJECT_WARNINGS]++;
		reason(s, STATS_REJECT_WARNING_REASONS, e->reply);
		break;
	case EVENT_REFUSAL:
		count_refusal(s, e);
		break;
	case EVENT_LOGIN:
		count_login(s, e);
		break;
	case EVENT_ACCEPT:
		if (e->login.len && (e->format == FORMAT_POSTFIX || e->format == FORMAT_EXIM))
			count_login_of_message(s, e);
		break;
	case EVENT_CONNECT:
	case EVENT_DISCONNECT:
		count_connection(s, e);
		break;
	case EVENT_DELIVERY:
		count_try(s, e);
		break;
	case EVENT_WARNING:
		s->totals[STATS_WARNINGS]++;
		reason(s, STATS_WARNING_REASONS, e->reply);
		break;
	default:
		break;
	}
}

struct mail_sink stats_sink(struct stats *s)
{
	return (struct mail_sink){.arg = s, .want = WANT_CONNECTIONS, .messages = on_messages, .every = on_every};
}
