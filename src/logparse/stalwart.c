/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stalwart from 0.10 on (crates/trc/src/serializers/text.rs and json.rs,
 * crates/smtp/src of 2026-08-21): "INFO Message delivered (delivery.delivered)
 * queueId = 1, .., to = "a@example.net", code = 250, details = "OK"", or the
 * same as JSON. A line begins with the fields of its connection (remoteIp,
 * remotePort) or of its try of a delivery (queueId, from, to: a list), and its
 * own follow. No quote in a value is escaped: where a value holds what ends it,
 * a field stands there once more than it may, and nothing is taken.
 */
#include "base/ascii.h"
#include "logparse/format.h"

struct entry {
	struct span event;                     /* "delivery.delivered" */
	struct span words;                     /* "Message delivered" */
	struct span session;                   /* remoteIp and remotePort, as they stand */
	struct span remote_ip, remote_port;    /* of the client */
	struct span queue_id, older_id, queue; /* the last queueId and the one before, queueName */
	struct span from, to, list;            /* the last; `list`: the last list in brackets */
	struct span hostname, code, details, reason, account, size, total;
	bool doubt;
};

static const struct {
	const char *key;
	size_t at;
} fields[] = {
	{"remoteIp", offsetof(struct entry, remote_ip)},  {"remotePort", offsetof(struct entry, remote_port)},
	{"queueId", offsetof(struct entry, queue_id)},    {"queueName", offsetof(struct entry, queue)},
	{"from", offsetof(struct entry, from)},           {"to", offsetof(struct entry, to)},
	{"hostname", offsetof(struct entry, hostname)},   {"code", offsetof(struct entry, code)},
	{"details", offsetof(struct entry, details)},     {"reason", offsetof(struct entry, reason)},
	{"accountName", offsetof(struct entry, account)}, {"size", offsetof(struct entry, size)},
	{"total", offsetof(struct entry, total)},
};

enum {
	FIELDS = sizeof(fields) / sizeof(fields[0]),
	NAME_QUOTES_MAX = 3, /* behind the one before the name */
};

/* ---- a line's fields ---- */

static size_t key_len(struct span s)
{
	size_t n = 0;
	while (n < s.len && ascii_is_alpha(s.at[n]))
		n++;
	return n && span_starts(span_from(s, n), " = ") ? n : 0;
}

/* What may stand behind a value. */
static bool ends_here(struct span rest)
{
	if (!rest.len || span_starts(rest, " }"))
		return true;
	return span_starts(rest, ", ") && key_len(span_from(rest, 2));
}

/* Octets of a value, with its quotes or brackets. */
static size_t value_len(struct span s)
{
	uint8_t close = s.len && s.at[0] == '"' ? '"' : s.len && s.at[0] == '[' ? ']' : 0;
	for (size_t i = 0; i < s.len; i++) {
		if (close ? i && s.at[i] == close && ends_here(span_from(s, i + 1))
			  : ends_here(span_from(s, i)) || span_starts(span_from(s, i), " { "))
			return close ? i + 1 : i;
	}
	return s.len;
}

static bool next_field(struct span *rest, struct span *ret_key, struct span *ret_value)
{
	size_t n;
	while (rest->len && (rest->at[0] == ' ' || rest->at[0] == ',' || rest->at[0] == '{' || rest->at[0] == '}'))
		*rest = span_from(*rest, 1);
	n = key_len(*rest);
	if (!n)
		return false;
	*ret_key = span_of(rest->at, n);
	*rest = span_from(*rest, n + 3);
	n = value_len(*rest);
	*ret_value = span_of(rest->at, n);
	*rest = span_from(*rest, n);
	return true;
}

static struct span unquoted(struct span s)
{
	return s.len >= 2 && s.at[0] == '"' && s.at[s.len - 1] == '"' ? span_of(s.at + 1, s.len - 2) : s;
}

static bool is(struct span key, const char *name)
{
	return span_equal(key, span_str(name));
}

/* How often a key may stand in one line: of a try of a delivery `to` is a list
 * and one of its own; a notice has what it is about before it. */
static int most_of(const struct entry *e, struct span key)
{
	if (span_equal(e->event, span_str("queue.dsn-queued")))
		return is(key, "queueId") || is(key, "from") || is(key, "to") || is(key, "size") ? 2 : 1;
	if (is(key, "total") && span_starts(e->event, "delivery.dsn-")) /* tries, behind the number of recipients */
		return 2;
	return is(key, "to") && span_starts(e->event, "delivery.") ? 2 : 1;
}

/* The connection's come first, and a delivery's own behind those of the try,
 * which `total` ends. */
static bool is_in_place(const struct entry *e, struct span key)
{
	if (span_starts(e->event, "delivery."))
		return !(is(key, "code") || is(key, "details") || is(key, "reason") || is(key, "hostname")) ||
		       e->total.len;
	return !(is(key, "remoteIp") || is(key, "remotePort")) ||
	       (!e->from.len && !e->to.len && !e->list.len && !e->account.len);
}

static void take_field(struct entry *e, int seen[FIELDS], struct span key, struct span value)
{
	for (size_t i = 0; i < FIELDS; i++) {
		struct span *to = (struct span *)(void *)((char *)e + fields[i].at);
		if (!span_equal(key, span_str(fields[i].key)))
			continue;
		if (++seen[i] > most_of(e, key) || !is_in_place(e, key))
			e->doubt = true;
		if (to == &e->queue_id)
			e->older_id = e->queue_id;
		if (value.len && value.at[0] == '[')
			e->list = value;
		else
			*to = unquoted(value);
	}
}

/* ---- the three forms ---- */

static bool is_event(struct span s)
{
	size_t dot = span_find(s, '.');
	for (size_t i = 0; i < s.len; i++)
		if (!(s.at[i] >= 'a' && s.at[i] <= 'z') && !ascii_is_digit(s.at[i]) && s.at[i] != '-' && i != dot)
			return false;
	return dot && dot + 1 < s.len;
}

/* "INFO Message delivered (delivery.delivered) " */
static bool take_head(struct span *rest, struct entry *e)
{
	static const char *const levels[] = {"INFO ", "WARN ", "ERROR ", "DEBUG ", "TRACE "};
	struct span text = *rest;
	const uint8_t *open;
	if (text.len && ascii_is_digit(text.at[0])) /* its own stamp behind the one of a logger */
		text = span_from(text, span_find(text, ' ') + 1);
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!span_starts(text, levels[i]))
			continue;
		text = span_from(text, strlen(levels[i]));
		open = part_find(text, " (");
		if (!open)
			return false;
		e->words = part_before(text, open);
		text = span_from(part_from(text, open), 2);
		e->event = span_of(text.at, span_find(text, ')'));
		*rest = span_from(text, e->event.len + 1);
		return is_event(e->event);
	}
	return false;
}

/* JSON names each key once, a line's own before those of its connection; a list
 * is one of the reader's. */
static bool take_json(struct span text, struct entry *e)
{
	static const char *const before[] = {"data.causedBy.data.", "data."};
	int seen[FIELDS] = {0};
	struct span key, value, created = {0};
	while (line_field_next(&text, &key, &value)) {
		if (span_equal(key, span_str("type")))
			e->event = value;
		else if (span_equal(key, span_str("createdAt")))
			created = value;
		for (size_t i = 0; i < 2; i++) {
			if (!span_starts(key, before[i]))
				continue;
			take_field(e, seen, span_from(key, strlen(before[i])), value);
			break;
		}
	}
	e->doubt = false;
	e->list = e->to;
	e->words = e->event;
	e->session = e->remote_port;
	return created.len && is_event(e->event);
}

static size_t quotes_in(struct span s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += s.at[i] == '"';
	return n;
}

/* A name that was tried is told by what ends it alone: no more quotes may
 * follow than its own and the reason's. */
static bool read_entry(struct span text, struct entry *e)
{
	const struct span whole = text;
	int seen[FIELDS] = {0};
	struct span key, value;
	*e = (struct entry){0};
	if (text.len && text.at[0] == LINE_FIELD)
		return take_json(text, e);
	if (!take_head(&text, e))
		return false;
	while (next_field(&text, &key, &value))
		take_field(e, seen, key, value);
	if (span_starts(e->event, "auth.") && e->account.len &&
	    quotes_in(part_from(whole, e->account.at)) > NAME_QUOTES_MAX)
		e->doubt = true;
	if (e->remote_ip.len && e->remote_port.len && e->remote_port.at > e->remote_ip.at)
		e->session =
			span_of(e->remote_ip.at, (size_t)(e->remote_port.at - e->remote_ip.at) + e->remote_port.len);
	return true;
}

static enum format_claim program(struct span name, uint32_t *ret_kind)
{
	if (span_equal(name, span_str("stalwart")) || span_equal(name, span_str("stalwart-mail")))
		return CLAIM_YES;
	return name.len ? CLAIM_NO : CLAIM_ASK;
}

static bool claims(const struct log_line *l)
{
	struct entry e = {0};
	struct span text = l->text;
	if (text.len && text.at[0] == LINE_FIELD)
		return take_json(text, &e);
	return take_head(&text, &e);
}

/* ---- what events say ---- */

static uint32_t items_in(struct span list)
{
	uint32_t n = list.len > 2;
	for (size_t i = 0; i + 4 <= list.len; i++)
		n += list.at[i] == LINE_ITEM || memcmp(list.at + i, "\", \"", 4) == 0;
	return n;
}

static enum line_result queued(const struct entry *n, struct mail_event *e)
{
	uint64_t size;
	e->kind = EVENT_ACCEPT;
	e->related = n->session;
	e->local = !e->client.family;
	if (span_equal(n->event, span_str("queue.dsn-queued"))) {
		e->related = n->older_id;
		e->link = LINK_NOTICE;
	}
	e->has_sender = true;
	e->sender = n->from;
	if (span_equal(n->from, span_str("<>")))
		e->sender.len = 0;
	e->recipients = items_in(n->list);
	if (ascii_parse_u64(n->size, UINT64_MAX, &size) == 0)
		e->size = size;
	return e->id.len ? LINE_EVENT : LINE_UNKNOWN;
}

static enum line_result login(const struct entry *n, bool good, struct mail_event *e)
{
	e->kind = EVENT_LOGIN;
	e->good = good;
	e->login = n->account;
	e->related = n->session;
	e->id = (struct span){0};
	return e->login.len || e->client.family ? LINE_EVENT : LINE_QUIET;
}

static enum line_result connection(const struct entry *n, enum mail_event_kind kind, uint32_t want,
				   struct mail_event *e)
{
	e->kind = kind;
	e->related = n->session;
	return kind == EVENT_CONNECT || want & WANT_CONNECTIONS ? LINE_EVENT : LINE_QUIET;
}

static enum line_result refused(const struct entry *n, bool for_good, struct mail_event *e)
{
	e->kind = EVENT_REFUSAL;
	e->related = n->session;
	e->outcome = for_good ? OUTCOME_BOUNCED : OUTCOME_DEFERRED;
	e->recipient = n->to;
	e->reply = n->words;
	return LINE_EVENT;
}

static uint16_t code_of(struct span code)
{
	uint64_t value;
	return ascii_parse_u64(code, 599, &value) == 0 && value >= 200 ? (uint16_t)value : 0;
}

/* "Unexpected response for RCPT TO:<..>: Code: 550, Enhanced code: 5.1.1,
 * Message: no such user" */
static void explained(struct span details, struct mail_event *e)
{
	const uint8_t *code = part_find(details, ": Code: "), *words;
	struct span rest = code ? span_from(part_from(details, code), 8) : (struct span){0};
	e->reply = details;
	if (!code)
		return;
	e->code = code_of(span_of(rest.at, rest.len < 3 ? rest.len : 3));
	words = part_find(rest, ", Message: ");
	if (words)
		e->reply = span_from(part_from(rest, words), 11);
}

/* One recipient that the line names, or the only one of the try; of several it
 * does not say which. */
static enum line_result outcome(const struct entry *n, enum mail_outcome told, struct mail_event *e)
{
	static const struct span nobody;
	struct span only =
		n->list.len > 4 && items_in(n->list) == 1 ? span_of(n->list.at + 2, n->list.len - 4) : nobody;
	if (n->list.len && n->list.at[0] != '[')
		only = items_in(n->list) == 1 ? n->list : nobody;
	e->kind = EVENT_DELIVERY;
	e->outcome = told;
	e->transport = span_equal(n->queue, span_str("local")) ? TRANSPORT_LOCAL : TRANSPORT_SMTP;
	e->recipient = n->to.len ? n->to : only;
	e->relay_name = n->hostname;
	e->code = code_of(n->code);
	e->reply = n->reason.len ? n->reason : n->details;
	e->remote_reply = e->code > 0;
	if (told == OUTCOME_DEFERRED && e->code >= 500)
		e->outcome = OUTCOME_BOUNCED;
	if (!e->id.len)
		return LINE_UNKNOWN;
	return e->recipient.len ? LINE_EVENT : LINE_QUIET;
}

/* What has failed for good, told once more as the notice about it is made:
 * LINK_NOTICE says so. */
static enum line_result noticed(const struct entry *n, struct mail_event *e)
{
	enum line_result result = outcome(n, OUTCOME_BOUNCED, e);
	explained(n->details, e);
	e->remote_reply = e->code > 0;
	e->link = LINK_NOTICE;
	return result;
}

enum action {
	A_QUEUED,
	A_GOOD,
	A_WRONG,
	A_CONNECT,
	A_DISCONNECT,
	A_REFUSED,
	A_LATER,
	A_SENT,
	A_FAILED,
	A_EXPIRED,
	A_NOTICE,
	A_END
};

static const struct {
	const char *event;
	enum action action;
} actions[] = {
	{"queue.message-queued", A_QUEUED},
	{"queue.authenticated-message-queued", A_QUEUED},
	{"queue.dsn-queued", A_QUEUED},
	{"queue.report-queued", A_QUEUED},
	{"queue.autogenerated-queued", A_QUEUED},
	{"auth.success", A_GOOD},
	{"auth.failed", A_WRONG},
	{"smtp.connection-start", A_CONNECT},
	{"smtp.connection-end", A_DISCONNECT},
	{"smtp.relay-not-allowed", A_REFUSED},
	{"smtp.mailbox-does-not-exist", A_REFUSED},
	{"smtp.mail-from-unauthenticated", A_REFUSED},
	{"smtp.mail-from-unauthorized", A_REFUSED},
	{"smtp.mail-from-not-allowed", A_REFUSED},
	{"smtp.message-too-large", A_REFUSED},
	{"smtp.loop-detected", A_REFUSED},
	{"smtp.rcpt-to-greylisted", A_LATER},
	{"smtp.rate-limit-exceeded", A_LATER},
	{"smtp.concurrency-limit-exceeded", A_LATER},
	{"smtp.too-many-recipients", A_LATER},
	{"delivery.delivered", A_SENT},
	{"delivery.rcpt-to-rejected", A_FAILED},
	{"delivery.rcpt-to-failed", A_FAILED},
	{"delivery.message-rejected", A_FAILED},
	{"delivery.mail-from-rejected", A_FAILED},
	{"delivery.connect-error", A_FAILED},
	{"delivery.greeting-failed", A_FAILED},
	{"delivery.ehlo-rejected", A_FAILED},
	{"delivery.failed", A_EXPIRED},
	{"delivery.dsn-perm-fail", A_NOTICE},
	{"delivery.completed", A_END},
};

static enum line_result end(struct mail_event *e)
{
	e->kind = EVENT_END;
	return e->id.len ? LINE_EVENT : LINE_UNKNOWN;
}

static enum line_result act(enum action action, const struct entry *n, uint32_t want, struct mail_event *e)
{
	switch (action) {
	case A_QUEUED:
		return queued(n, e);
	case A_GOOD:
	case A_WRONG:
		return login(n, action == A_GOOD, e);
	case A_CONNECT:
		return connection(n, EVENT_CONNECT, want, e);
	case A_DISCONNECT:
		return connection(n, EVENT_DISCONNECT, want, e);
	case A_REFUSED:
	case A_LATER:
		return refused(n, action == A_REFUSED, e);
	case A_SENT:
		return outcome(n, OUTCOME_SENT, e);
	case A_FAILED:
		return outcome(n, OUTCOME_DEFERRED, e);
	case A_EXPIRED:
		return outcome(n, OUTCOME_EXPIRED, e);
	case A_NOTICE:
		return noticed(n, e);
	case A_END:
		return end(e);
	}
	return LINE_QUIET;
}

static enum line_result parse(const struct log_line *l, uint32_t kind, uint32_t want, struct mail_event *e)
{
	struct entry n;
	if (!read_entry(l->text, &n))
		return LINE_QUIET;
	event_begin(e, l);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (!span_equal(n.event, span_str(actions[i].event)))
			continue;
		if (n.doubt)
			return LINE_UNKNOWN;
		e->id = n.queue_id;
		if (span_starts(n.event, "delivery.") || addr_parse(n.remote_ip, &e->client) < 0)
			e->client = (struct addr){0};
		return act(actions[i].action, &n, want, e);
	}
	return LINE_QUIET;
}

const struct format_row format_stalwart = {FORMAT_STALWART, program, claims, parse};
