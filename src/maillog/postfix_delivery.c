/* SPDX-License-Identifier: BSD-2-Clause */
/* "to=<..>, orig_to=<..>, relay=.., delay=.., delays=.., tls=.., dsn=.., status=sent (reply)". */
#include "base/ascii.h"
#include "maillog/postfix.h"

enum { FIELDS_MAX = 16 };

/* The address up to the ">, " that is followed by a field which may stand there: an address may hold ">, " itself. */
static bool take_address(struct span *rest, size_t skip, struct span *ret_address)
{
	for (size_t i = skip; i + 3 < rest->len; i++) {
		struct span after;
		const uint8_t *found = memchr(rest->at + i, '>', rest->len - i);
		if (!found)
			return false;
		i = (size_t)(found - rest->at);
		after = span_from(*rest, i + 1);
		if (!postfix_starts(after, ", orig_to=<") && !postfix_starts(after, ", relay="))
			continue;
		*ret_address = part_address(span_of(rest->at + skip, i - skip));
		*rest = span_from(after, 2);
		return true;
	}
	return false;
}

static enum mail_outcome outcome_of(struct span word, enum postfix_daemon daemon)
{
	if (postfix_starts(word, "sent"))
		return daemon == POSTFIX_DISCARD ? OUTCOME_DISCARDED : OUTCOME_SENT;
	if (postfix_starts(word, "deferred") || postfix_starts(word, "SOFTBOUNCE") ||
	    postfix_starts(word, "undeliverable"))
		return OUTCOME_DEFERRED;
	if (postfix_starts(word, "bounced"))
		return OUTCOME_BOUNCED;
	if (postfix_starts(word, "expired"))
		return OUTCOME_EXPIRED;
	return OUTCOME_NONE;
}

static uint32_t milliseconds(struct span s)
{
	uint64_t seconds = 0;
	size_t dot = span_find(s, '.');
	uint32_t ms = 0, place = 100;
	if (ascii_parse_u64(span_of(s.at, dot < s.len ? dot : s.len), UINT32_MAX / 2000, &seconds) < 0)
		return 0;
	for (size_t i = dot + 1; i < s.len && place && ascii_is_digit(s.at[i]); i++, place /= 10)
		ms += (uint32_t)(s.at[i] - '0') * place;
	return (uint32_t)seconds * 1000 + ms;
}

/* "host NAME[IP] said: 550 ... (in reply to RCPT TO command)", "host NAME[IP] refused to talk to me: 554 ..." */
static void take_remote(struct mail_event *e)
{
	static const char in_reply[] = " (in reply to ";
	static const char suspended[] = "delivery temporarily suspended: ";
	struct span reply = e->reply, name;
	const uint8_t *said, *end;
	size_t words = 8;
	if (postfix_starts(reply, suspended))
		reply = span_from(reply, sizeof(suspended) - 1);
	if (!postfix_starts(reply, "host "))
		return;
	said = memmem(reply.at, reply.len, "] said: ", words);
	if (!said) {
		words = 24;
		said = memmem(reply.at, reply.len, "] refused to talk to me: ", words + 1);
		words++;
	}
	if (!said)
		return;
	name = span_of(reply.at + 5, (size_t)(said - reply.at) - 4);
	if (!e->relay.family)
		part_peer(name, &e->relay_name, &e->relay, &e->relay_port);
	reply = span_of(said + words, (size_t)(reply.at + reply.len - said) - words);
	end = memmem(reply.at, reply.len, in_reply, sizeof(in_reply) - 1);
	for (const uint8_t *next = end; next;
	     next = memmem(next + 1, (size_t)(reply.at + reply.len - next - 1), in_reply, sizeof(in_reply) - 1))
		end = next;
	if (end)
		reply.len = (size_t)(end - reply.at);
	e->reply = reply;
	e->remote_reply = true;
}

/* The id after `words`, the last place where they stand. */
static struct span id_after(struct span reply, const char *words)
{
	size_t n = strlen(words), len = 0;
	const uint8_t *found = NULL, *next = memmem(reply.at, reply.len, words, n);
	struct span id;
	while (next) {
		found = next + n;
		next = memmem(found, (size_t)(reply.at + reply.len - found), words, n);
	}
	if (!found)
		return (struct span){NULL, 0};
	id = span_of(found, (size_t)(reply.at + reply.len - found));
	while (len < id.len && (ascii_is_alpha(id.at[len]) || ascii_is_digit(id.at[len])))
		len++;
	return span_of(id.at, len);
}

static void take_link(enum postfix_daemon daemon, struct mail_event *e)
{
	enum addr_kind kind;
	if (e->outcome != OUTCOME_SENT)
		return;
	if (daemon == POSTFIX_LOCAL && postfix_starts(e->reply, "forwarded as ")) {
		e->link = LINK_FORWARD;
		e->related = id_after(e->reply, "forwarded as ");
		return;
	}
	if (!e->relay.family || (daemon != POSTFIX_SMTP && daemon != POSTFIX_LMTP))
		return;
	kind = addr_kind(&e->relay);
	if (kind != ADDR_LOOPBACK && kind != ADDR_PRIVATE && kind != ADDR_UNIQUE_LOCAL)
		return;
	e->related = id_after(e->reply, "queued as ");
	if (e->related.len)
		e->link = LINK_NEXT_HOP;
}

static void take_field(struct span field, struct mail_event *e)
{
	if (postfix_starts(field, "relay=")) {
		struct span relay = span_from(field, 6);
		if (!span_equal(relay, span_str("none")))
			part_peer(relay, &e->relay_name, &e->relay, &e->relay_port);
	} else if (postfix_starts(field, "delay=")) {
		e->delay_ms = milliseconds(span_from(field, 6));
	} else if (postfix_starts(field, "dsn=")) {
		e->status = span_from(field, 4);
	}
}

static enum mail_transport transport_of(enum postfix_daemon daemon)
{
	switch (daemon) {
	case POSTFIX_SMTP:
		return TRANSPORT_SMTP;
	case POSTFIX_LMTP:
	case POSTFIX_LOCAL:
		return TRANSPORT_LOCAL;
	case POSTFIX_PIPE:
		return TRANSPORT_PIPE;
	default:
		return TRANSPORT_NONE;
	}
}

static void take_reply(enum postfix_daemon daemon, struct span reply, struct mail_event *e)
{
	struct span status;
	if (reply.len >= 2 && reply.at[0] == '(' && reply.at[reply.len - 1] == ')')
		reply = span_of(reply.at + 1, reply.len - 2);
	e->reply = reply;
	if (e->outcome == OUTCOME_SENT && e->relay.family)
		e->remote_reply = true;
	else
		take_remote(e);
	part_reply(e->reply, &e->code, &status);
	if (status.len)
		e->status = status;
	if (reply.len)
		take_link(daemon, e);
}

enum line_result postfix_delivery(enum postfix_daemon daemon, struct span rest, struct mail_event *e)
{
	if (!postfix_starts(rest, "to=<")) {
		bool words = postfix_starts(rest, "host ") || postfix_starts(rest, "conversation with ") ||
			     postfix_starts(rest, "lost connection") || postfix_starts(rest, "Cannot start TLS") ||
			     postfix_starts(rest, "enabling PIX") || postfix_starts(rest, "breaking") ||
			     postfix_starts(rest, "TLS") || postfix_starts(rest, "passing ") ||
			     postfix_starts(rest, "replace: ") || postfix_starts(rest, "Server certificate") ||
			     postfix_starts(rest, "uid=") || postfix_starts(rest, "SASL");
		return words ? LINE_QUIET : LINE_UNKNOWN;
	}
	if (!take_address(&rest, 4, &e->recipient))
		return LINE_UNKNOWN;
	if (postfix_starts(rest, "orig_to=<") && !take_address(&rest, 9, &e->original))
		return LINE_UNKNOWN;
	e->kind = EVENT_DELIVERY;
	e->transport = transport_of(daemon);
	for (int i = 0; i < FIELDS_MAX && rest.len; i++) {
		size_t end;
		const uint8_t *comma;
		if (postfix_starts(rest, "status=")) {
			struct span word = span_from(rest, 7);
			end = span_find(word, ' ');
			e->outcome = outcome_of(span_of(word.at, end < word.len ? end : word.len), daemon);
			take_reply(daemon, span_from(word, end + 1), e);
			return e->outcome == OUTCOME_NONE ? LINE_UNKNOWN : LINE_EVENT;
		}
		comma = memmem(rest.at, rest.len, ", ", 2);
		if (!comma)
			return LINE_UNKNOWN;
		end = (size_t)(comma - rest.at);
		take_field(span_of(rest.at, end), e);
		rest = span_from(rest, end + 2);
	}
	return LINE_UNKNOWN;
}
