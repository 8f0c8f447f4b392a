/* SPDX-License-Identifier: BSD-2-Clause */
/* "to=<..>, orig_to=<..>, relay=.., conn_use=.., delay=.., delays=.., tls=.., dsn=.., status=sent (reply)" (log_adhoc.c;
 * tls= since 3.11). What a receiver writes stands in the last field alone: the first "status=" that stands where a field
 * may stand is the right one. */
#include "base/ascii.h"
#include "logparse/postfix.h"

enum { FIELDS_MAX = 16 };

static bool field_follows(struct span s)
{
	return span_starts(s, ", relay=") || span_starts(s, ", orig_to=");
}

/* Some rewrite their logs without <>. */
static bool take_bare(struct span *rest, size_t skip, struct span *ret_address)
{
	const uint8_t *end = part_find(*rest, ", ");
	if (!end || !field_follows(part_from(*rest, end)))
		return false;
	*ret_address = span_from(part_before(*rest, end), skip);
	*rest = span_from(part_from(*rest, end), 2);
	return true;
}

/* The address up to the ">, " that is followed by a field which may stand there. */
static bool take_address(struct span *rest, size_t skip, struct span *ret_address)
{
	struct span value = span_from(*rest, skip + 1);
	if (rest->len <= skip || rest->at[skip] != '<')
		return take_bare(rest, skip, ret_address);
	for (size_t i = part_quoted(value); i < value.len; i++) {
		struct span after;
		const uint8_t *found = memchr(value.at + i, '>', value.len - i);
		if (!found)
			return false;
		i = (size_t)(found - value.at);
		after = span_from(value, i + 1);
		if (!field_follows(after))
			continue;
		*ret_address = part_address(span_of(value.at, i));
		*rest = span_from(after, 2);
		return true;
	}
	return false;
}

static enum mail_outcome outcome_of(struct span word, enum postfix_daemon daemon)
{
	if (span_starts(word, "sent"))
		return daemon == POSTFIX_DISCARD ? OUTCOME_DISCARDED : OUTCOME_SENT;
	if (span_starts(word, "deferred") || span_starts(word, "SOFTBOUNCE"))
		return OUTCOME_DEFERRED;
	if (span_starts(word, "bounced"))
		return OUTCOME_BOUNCED;
	return span_starts(word, "expired") ? OUTCOME_EXPIRED : OUTCOME_NONE;
}

static uint32_t milliseconds(struct span s)
{
	uint64_t ms = 0;
	uint32_t place = 0;
	for (size_t i = 0; i < s.len && i < 12; i++) {
		if (s.at[i] == '.' && !place)
			place = 1000;
		else if (!ascii_is_digit(s.at[i]))
			return 0;
		else if (!place)
			ms = ms * 10 + (uint64_t)(s.at[i] - '0') * 1000;
		else
			ms += (uint64_t)(s.at[i] - '0') * (place /= 10);
	}
	return ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

/* "NAME[IP] said: " or "NAME[IP] refused to talk to me: ". @return what stands after it; empty: it is neither. */
static struct span take_said(struct span reply, struct mail_event *e)
{
	static const char said[] = "] said: ", refused[] = "] refused to talk to me: ";
	const uint8_t *found = part_find(reply, said);
	size_t words = sizeof(said) - 1;
	if (!found) {
		found = part_find(reply, refused);
		words = sizeof(refused) - 1;
	}
	if (!found)
		return (struct span){NULL, 0};
	if (!e->relay_name.len && !e->relay.family)
		part_peer(part_before(reply, found + 1), &e->relay_name, &e->relay, &e->relay_port);
	return span_from(part_from(reply, found), words);
}

/* "host NAME[IP] said: 550 .. (in reply to RCPT TO command)", also after "delivery temporarily suspended: ". */
static void take_remote(struct mail_event *e)
{
	static const char suspended[] = "delivery temporarily suspended: ",
			  login[] = "SASL authentication failed; server ";
	struct span reply = e->reply;
	const uint8_t *end;
	if (span_starts(reply, suspended))
		reply = span_from(reply, sizeof(suspended) - 1);
	if (span_starts(reply, "host "))
		reply = take_said(span_from(reply, 5), e);
	else if (span_starts(reply, login))
		reply = take_said(span_from(reply, sizeof(login) - 1), e);
	else
		return;
	if (!reply.len)
		return;
	end = part_find_last(reply, " (in reply to ");
	e->reply = end ? part_before(reply, end) : reply;
	e->remote_reply = true;
}

/* A filter of this host, or of the network beside it, may hand the message back under a new id. */
static bool may_come_back(const struct addr *a)
{
	enum addr_kind kind;
	if (!a->family)
		return false;
	kind = addr_kind(a);
	return kind == ADDR_LOOPBACK || kind == ADDR_PRIVATE || kind == ADDR_UNIQUE_LOCAL;
}

static void take_link(enum postfix_daemon daemon, struct mail_event *e)
{
	if (daemon == POSTFIX_LOCAL) {
		if (!span_starts(e->reply, "forwarded as "))
			return;
		e->link = LINK_FORWARD;
		e->related = postfix_id_after(e->reply, "forwarded as ");
		return;
	}
	if (!may_come_back(&e->relay))
		return;
	if (part_find(e->reply, " discarded, id=")) { /* amavis */
		e->outcome = OUTCOME_DISCARDED;
		return;
	}
	e->related = postfix_id_after(e->reply, "queued as ");
	if (e->related.len)
		e->link = LINK_NEXT_HOP;
}

static void take_field(struct span field, struct mail_event *e)
{
	if (span_starts(field, "relay=")) {
		struct span relay = span_from(field, 6);
		if (!span_equal(relay, span_str("none")))
			part_peer(relay, &e->relay_name, &e->relay, &e->relay_port);
	} else if (span_starts(field, "delay=")) {
		e->delay_ms = milliseconds(span_from(field, 6));
	} else if (span_starts(field, "dsn=")) {
		e->status = span_from(field, 4);
	}
}

static enum mail_transport transport_of(enum postfix_daemon daemon, const struct mail_event *e)
{
	switch (daemon) {
	case POSTFIX_SMTP: /* the lmtp agent may log as smtp: "relay=host[private/dovecot-lmtp]" is a socket of this host */
		return e->relay_name.len && !e->relay.family ? TRANSPORT_LOCAL : TRANSPORT_SMTP;
	case POSTFIX_LMTP:
		return TRANSPORT_LOCAL;
	case POSTFIX_LOCAL:
		return span_starts(e->reply, "delivered to command: ") ? TRANSPORT_PIPE : TRANSPORT_LOCAL;
	case POSTFIX_PIPE:
		return TRANSPORT_PIPE;
	default:
		return e->relay.family ? TRANSPORT_SMTP : TRANSPORT_NONE;
	}
}

static void take_reply(enum postfix_daemon daemon, struct span reply, struct mail_event *e)
{
	struct span status;
	if (reply.len >= 2 && reply.at[0] == '(' && reply.at[reply.len - 1] == ')')
		reply = span_of(reply.at + 1, reply.len - 2);
	e->reply = reply;
	e->transport = transport_of(daemon, e);
	if (e->outcome == OUTCOME_SENT)
		e->remote_reply = e->relay.family != 0;
	else
		take_remote(e);
	part_reply(e->reply, &e->code, &status);
	if (status.len)
		e->status = status;
	if (e->outcome == OUTCOME_SENT && e->reply.len)
		take_link(daemon, e);
}

static enum line_result take_status(enum postfix_daemon daemon, struct span rest, struct mail_event *e)
{
	struct span word = span_from(rest, 7);
	size_t end = span_find(word, ' ');
	word.len = end;
	e->outcome = outcome_of(word, daemon);
	if (e->outcome != OUTCOME_NONE) {
		take_reply(daemon, span_from(rest, 7 + end + 1), e);
		return LINE_EVENT;
	}
	/* a probe of an address (verify(8)), no mail */
	return span_starts(word, "deliverable") || span_starts(word, "undeliverable") ? LINE_QUIET : LINE_UNKNOWN;
}

/* What agents say of a message besides, mostly of an address that did not answer and the next one that is tried. */
static enum line_result agent_note(struct span rest)
{
	static const char *const words[] = {"host ",
					    "conversation with ",
					    "lost connection",
					    "Cannot start TLS",
					    "enabling PIX",
					    "breaking",
					    "TLS",
					    "Used TLS", /* 3.9 and later */
					    "passing ",
					    "replace: ",
					    "Server certificate",
					    "uid=",
					    "SASL",
					    "connect to ",
					    "prepend: ",
					    "warn: ",
					    "info: ",
					    "strip: ",
					    "ignore: ",
					    "Sender requested",
					    "unable to ",
					    "certificate ",
					    "Host or domain name",
					    "Name service error",
					    "table ",
					    "non-",
					    "Protocol error",
					    "timed out",
					    "sender ",
					    "status=",
					    "REQUIRETLS",
					    "untrusted ",
					    "no MX ",
					    "numeric domain"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_starts(rest, words[i]))
			return LINE_QUIET;
	return LINE_UNKNOWN;
}

enum line_result postfix_delivery(enum postfix_daemon daemon, struct span rest, struct mail_event *e)
{
	if (!span_starts(rest, "to="))
		return agent_note(rest);
	if (!take_address(&rest, 3, &e->recipient))
		return LINE_UNKNOWN;
	if (span_starts(rest, "orig_to=") && !take_address(&rest, 8, &e->original))
		return LINE_UNKNOWN;
	e->kind = EVENT_DELIVERY;
	for (int i = 0; i < FIELDS_MAX && rest.len; i++) {
		const uint8_t *comma;
		if (span_starts(rest, "status="))
			return take_status(daemon, rest, e);
		comma = part_comma(rest);
		if (!comma)
			return LINE_UNKNOWN;
		take_field(part_before(rest, comma), e);
		rest = span_from(part_from(rest, comma), 2);
	}
	return LINE_UNKNOWN;
}
