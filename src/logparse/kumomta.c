/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KumoMTA: JSON records, one a line, in segment files that are packed with zstd (crates/kumo-log-types/src/lib.rs and
 * crates/kumod/src/logging of 2026-08-04; docs/reference/log_record.md). The reader has made fields of the object. One
 * record tells one recipient's fate, or, from 2025.12 on, that of several at once. The login is there where the
 * administrator logs the meta field authn_id (SMTP) or http_auth (HTTP injection).
 */
#include "base/ascii.h"
#include "logparse/format.h"

enum { CODE_PASSWORD = 535 };

enum record_kind { RECEPTION, DELIVERY, BOUNCE, TRANSIENT, EXPIRATION, ADMIN, REJECTION, ARRIVED, OTHER };

static const struct {
	const char *name;
	enum record_kind kind;
} kinds[] = {
	{"Reception", RECEPTION},   {"Delivery", DELIVERY},
	{"Bounce", BOUNCE},         {"TransientFailure", TRANSIENT},
	{"Expiration", EXPIRATION}, {"AdminBounce", ADMIN},
	{"Rejection", REJECTION},   {"Feedback", RECEPTION}, /* in place of Reception where the message is a report */
	{"XferIn", ARRIVED},        {"OOB", OTHER},          /* a notice from outside, which has a Reception as well */
	{"AdminRebind", OTHER},     {"DeferredInjectionRebind", OTHER},
	{"Delayed", OTHER},         {"XferOut", OTHER},
};

/* The fields that are wanted; spans into the line. */
struct record {
	struct span type, id, sender, recipient, size, queue, node;
	struct span reply, command, peer_name, peer_address, timestamp, created;
	struct span delivery, reception, authn, http_auth, message_id, subject;
};

static const struct {
	const char *key;
	size_t at;
} fields[] = {
	{"type", offsetof(struct record, type)},
	{"id", offsetof(struct record, id)},
	{"sender", offsetof(struct record, sender)},
	{"recipient", offsetof(struct record, recipient)},
	{"size", offsetof(struct record, size)},
	{"queue", offsetof(struct record, queue)},
	{"nodeid", offsetof(struct record, node)},
	{"response", offsetof(struct record, reply)},
	{"response.command", offsetof(struct record, command)},
	{"peer_address.name", offsetof(struct record, peer_name)},
	{"peer_address.addr", offsetof(struct record, peer_address)},
	{"timestamp", offsetof(struct record, timestamp)},
	{"created", offsetof(struct record, created)},
	{"delivery_protocol", offsetof(struct record, delivery)},
	{"reception_protocol", offsetof(struct record, reception)},
	{"meta.authn_id", offsetof(struct record, authn)},
	{"meta.http_auth", offsetof(struct record, http_auth)},
	{"headers.Message-ID", offsetof(struct record, message_id)},
	{"headers.Subject", offsetof(struct record, subject)},
	{"meta.subject", offsetof(struct record, subject)},
};

/* Header fields are named as the message has them. The first of two fields counts. */
static struct record read_record(struct span text)
{
	struct record r = {0};
	struct span key, value;
	while (line_field_next(&text, &key, &value)) {
		for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
			struct span *to = (struct span *)(void *)((char *)&r + fields[i].at);
			bool header = span_starts(key, "headers.");
			bool same = header ? span_equal_nocase(key, span_str(fields[i].key))
					   : span_equal(key, span_str(fields[i].key));
			if (same && !to->at)
				*to = value;
		}
	}
	return r;
}

static enum format_claim program(struct span name, uint32_t *ret_kind)
{
	return name.len ? CLAIM_NO : CLAIM_ASK;
}

static bool is_kind(struct span type, enum record_kind *ret_kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (span_equal(type, span_str(kinds[i].name))) {
			*ret_kind = kinds[i].kind;
			return true;
		}
	}
	return false;
}

/* Fields that every record has, whatever a shipper's order of them is. */
static bool claims(const struct log_line *l)
{
	enum record_kind kind;
	struct record r;
	if (!l->text.len || l->text.at[0] != LINE_FIELD)
		return false;
	r = read_record(l->text);
	return r.node.len && r.sender.at && r.queue.at && is_kind(r.type, &kind);
}

/* "198.51.100.7", "198.51.100.7:25", "[2001:db8::7]:25", "2001:db8::7"; the path of a socket is none. */
static struct addr address_of(struct span text)
{
	struct addr a;
	struct span name;
	uint16_t port;
	const uint8_t *colon = text.len ? memrchr(text.at, ':', text.len) : NULL;
	if (addr_parse(text, &a) == 0)
		return a;
	if (text.len && text.at[0] == '[')
		part_peer(text, &name, &a, &port);
	else if (!colon || addr_parse(part_before(text, colon), &a) < 0)
		a = (struct addr){0};
	return a;
}

static struct span host_of(struct span name)
{
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	return name;
}

static uint32_t items_in(struct span list)
{
	uint32_t n = list.len > 0;
	for (size_t i = 0; i < list.len; i++)
		n += list.at[i] == LINE_ITEM;
	return n;
}

/* Where nobody logged in by HTTP, the field holds the client's address. */
static struct span login_of(const struct record *r)
{
	struct addr a;
	if (r->authn.len)
		return r->authn;
	if (addr_parse(r->http_auth, &a) == 0)
		return (struct span){0};
	return r->http_auth;
}

static enum line_result arrival(const struct record *r, enum record_kind kind, struct mail_event *e)
{
	uint64_t size;
	e->kind = kind == RECEPTION ? EVENT_ACCEPT : EVENT_DETAIL;
	if (kind == RECEPTION) {
		e->client = address_of(r->peer_address);
		e->local = !e->client.family;
		e->helo = r->peer_name;
		e->login = login_of(r);
	}
	e->message_id = part_address(r->message_id);
	e->subject = r->subject;
	e->recipients = items_in(r->recipient);
	if (ascii_parse_u64(r->size, UINT64_MAX, &size) == 0)
		e->size = size;
	e->has_sender = true;
	e->sender = r->sender;
	return LINE_EVENT;
}

static enum mail_transport transport_of(struct span protocol)
{
	if (!protocol.len)
		return TRANSPORT_NONE;
	if (span_equal(protocol, span_str("ESMTP")))
		return TRANSPORT_SMTP;
	return span_equal(protocol, span_str("Maildir")) || span_equal(protocol, span_str("LMTP")) ? TRANSPORT_LOCAL
												   : TRANSPORT_PIPE;
}

static uint32_t delay_ms(const struct record *r)
{
	uint64_t now, then;
	if (ascii_parse_u64(r->timestamp, INT32_MAX, &now) < 0 || ascii_parse_u64(r->created, INT32_MAX, &then) < 0 ||
	    now < then || now - then > UINT32_MAX / 1000)
		return 0;
	return (uint32_t)(now - then) * 1000;
}

static enum line_result outcome(const struct record *r, enum record_kind kind, struct mail_event *e)
{
	static const enum mail_outcome outcomes[] = {
		[DELIVERY] = OUTCOME_SENT,      [BOUNCE] = OUTCOME_BOUNCED, [TRANSIENT] = OUTCOME_DEFERRED,
		[EXPIRATION] = OUTCOME_EXPIRED, [ADMIN] = OUTCOME_REMOVED,
	};
	struct span words = span_from(r->reply, 4);
	e->kind = EVENT_DELIVERY;
	e->outcome = outcomes[kind];
	e->transport = transport_of(r->delivery);
	e->has_sender = true;
	e->sender = r->sender;
	e->recipient = r->recipient;
	e->count = items_in(r->recipient);
	e->relay = address_of(r->peer_address);
	e->relay_name = host_of(r->peer_name);
	e->delay_ms = delay_ms(r);
	e->reply = r->reply;
	part_reply(e->reply, &e->code, &e->status);
	if (e->status.len)
		words = span_from(words, e->status.len + 1);
	e->remote_reply = e->code && kind != ADMIN && kind != EXPIRATION && e->transport == TRANSPORT_SMTP &&
			  !span_starts(words, "KumoMTA internal:");
	return e->recipient.len ? LINE_EVENT : LINE_UNKNOWN;
}

/* The command that was refused is the client's: the recipient stands in it, and `recipient` is the one before. */
static struct span refused_recipient(struct span command)
{
	size_t open = span_find(command, '<'), quoted;
	struct span address = span_from(command, open + 1);
	if (command.len < 8 || !span_equal_nocase(span_of(command.at, 8), span_str("RCPT TO:")) || open == command.len)
		return (struct span){0};
	quoted = part_quoted(address);
	address.len = quoted + span_find(span_from(address, quoted), '>');
	return address;
}

static enum line_result rejection(const struct record *r, struct mail_event *e)
{
	struct span rcpt = refused_recipient(r->command);
	e->client = address_of(r->peer_address);
	e->helo = r->peer_name;
	e->login = login_of(r);
	e->reply = r->reply;
	part_reply(e->reply, &e->code, &e->status);
	e->kind = EVENT_LOGIN;
	if (e->code == CODE_PASSWORD)
		return LINE_EVENT;
	e->kind = EVENT_REFUSAL;
	e->outcome = e->code >= 500 ? OUTCOME_BOUNCED : OUTCOME_DEFERRED;
	e->has_sender = r->sender.len || rcpt.len;
	e->sender = r->sender;
	e->recipient = rcpt;
	return e->code ? LINE_EVENT : LINE_UNKNOWN;
}

static enum line_result parse(const struct log_line *l, uint32_t kind_of_program, uint32_t want, struct mail_event *e)
{
	struct record r = read_record(l->text);
	enum record_kind kind;
	if (!is_kind(r.type, &kind))
		return LINE_UNKNOWN;
	event_begin(e, l);
	if (kind == REJECTION)
		return rejection(&r, e);
	/* a web hook's copy of a record goes through the queue like mail, and is none */
	if (kind == OTHER || span_equal(r.reception, span_str("LogRecord")))
		return LINE_QUIET;
	e->id = r.id;
	if (!e->id.len)
		return LINE_UNKNOWN;
	return kind == RECEPTION || kind == ARRIVED ? arrival(&r, kind, e) : outcome(&r, kind, e);
}

const struct format_row format_kumomta = {FORMAT_KUMOMTA, program, claims, parse};
