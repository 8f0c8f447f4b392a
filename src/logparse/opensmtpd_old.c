/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenSMTPD up to 5.8: sentences. The session is named in the middle of them. */
#include "logparse/opensmtpd.h"

#include "base/ascii.h"

/* Take a hexadecimal id off the front. */
static struct span take_id(struct span *rest, size_t len)
{
	struct span id = {0};
	if (!opensmtpd_hex(*rest, len))
		return id;
	id = span_of(rest->at, len);
	*rest = span_from(*rest, len);
	return id;
}

static struct span after(struct span s, const char *words)
{
	const uint8_t *hit = s.len ? memmem(s.at, s.len, words, strlen(words)) : NULL;
	return hit ? span_from(s, (size_t)(hit - s.at) + strlen(words)) : (struct span){0};
}

/* "M on session S: from=<..>, to=<..>, size=.., ndest=.., proto=.." */
static enum line_result accepted(struct span rest, struct mail_event *e)
{
	struct opensmtpd_field f;
	uint64_t n;
	e->kind = EVENT_ACCEPT;
	e->id = take_id(&rest, OPENSMTPD_MESSAGE_LEN);
	if (!span_starts(rest, " on session "))
		return LINE_UNKNOWN;
	rest = span_from(rest, 12);
	e->related = take_id(&rest, OPENSMTPD_SESSION_LEN);
	rest = span_from(rest, 1);
	while (opensmtpd_next(&rest, &f)) {
		if (opensmtpd_key(&f, "from")) {
			e->sender = f.value;
			e->has_sender = true;
		} else if (opensmtpd_key(&f, "size") && ascii_parse_u64(f.value, UINT64_MAX, &n) == 0) {
			e->size = n;
		} else if (opensmtpd_key(&f, "ndest") && ascii_parse_u64(f.value, UINT32_MAX, &n) == 0) {
			e->recipients = (uint32_t)n;
		}
	}
	return e->id.len ? LINE_EVENT : LINE_UNKNOWN;
}

/* "S from host NAME [IP]" */
static enum line_result connected(struct span rest, struct mail_event *e)
{
	uint16_t port;
	e->kind = EVENT_CONNECT;
	e->related = take_id(&rest, OPENSMTPD_SESSION_LEN);
	rest = after(rest, "from host ");
	part_peer(rest, &e->client_name, &e->client, &port);
	e->client_name = span_trim(e->client_name);
	e->local = !e->client.family;
	return e->related.len ? LINE_EVENT : LINE_UNKNOWN;
}

/* "USER on session S" */
static enum line_result login(struct span rest, bool good, struct mail_event *e)
{
	static const char words[] = " on session ";
	const uint8_t *on = part_find_last(rest, words); /* the name that was tried may hold them too */
	struct span session = on ? span_from(part_from(rest, on), sizeof(words) - 1) : (struct span){0};
	e->kind = EVENT_LOGIN;
	e->good = good;
	e->login = span_of(rest.at, session.len ? (size_t)(session.at - rest.at) - 12 : span_find(rest, ' '));
	e->related = take_id(&session, OPENSMTPD_SESSION_LEN);
	return e->login.len ? LINE_EVENT : LINE_UNKNOWN;
}

/* "S: "COMMAND" => 550 words": the command is the client's, so the last arrow counts */
static enum line_result failed(struct span rest, struct mail_event *e)
{
	struct span arrow = {0}, next = rest;
	e->kind = EVENT_REFUSAL;
	e->related = take_id(&rest, OPENSMTPD_SESSION_LEN);
	for (int i = 0; i < 16 && (next = after(next, "\" => ")).len; i++)
		arrow = next;
	if (!arrow.len)
		return LINE_UNKNOWN;
	e->reply = arrow;
	part_reply(arrow, &e->code, &e->status);
	e->outcome = e->code >= 500 ? OUTCOME_BOUNCED : OUTCOME_DEFERRED;
	return LINE_EVENT;
}

static enum line_result smtp_in(struct span rest, struct mail_event *e)
{
	static const char *const quiet[] = {"Closing ", "Disconnecting ", "Started TLS ", "Received disconnect",
					    "Client ",  "Bad input "};
	if (span_starts(rest, "Accepted message "))
		return accepted(span_from(rest, 17), e);
	if (span_starts(rest, "New session "))
		return connected(span_from(rest, 12), e);
	if (span_starts(rest, "Accepted authentication for user "))
		return login(span_from(rest, 33), true, e);
	if (span_starts(rest, "Authentication failed for user "))
		return login(span_from(rest, 31), false, e);
	if (span_starts(rest, "Failed command on session "))
		return failed(span_from(rest, 26), e);
	for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		if (span_starts(rest, quiet[i]))
			return LINE_QUIET;
	return LINE_UNKNOWN;
}

/* "Ok for EVPID: session=.., from=<..>, to=<..>, .., stat=.." */
static enum line_result outcome(struct span rest, enum mail_transport transport, struct mail_event *e)
{
	struct span result = rest, evpid = after(rest, " for ");
	result.len = span_find(rest, ' ');
	e->id = take_id(&evpid, OPENSMTPD_SESSION_LEN);
	if (!e->id.len)
		return LINE_UNKNOWN;
	e->id.len = OPENSMTPD_MESSAGE_LEN;
	return opensmtpd_delivery(span_from(evpid, 1), result, transport, e);
}

enum line_result opensmtpd_old(struct span text, uint32_t want, struct mail_event *e)
{
	static const char *const quiet[] = {"smtp-out: ", "info: ",  "debug: ",  "lookup: ", "scheduler: ",
					    "control: ",  "queue: ", "filter: ", "exiting",  "startup",
					    "warn: ",     "parent",  "setup_",   "OpenSMTPD"};
	if (span_starts(text, "smtp-in: "))
		return smtp_in(span_from(text, 9), e);
	if (span_starts(text, "relay: "))
		return outcome(span_from(text, 7), TRANSPORT_SMTP, e);
	if (span_starts(text, "delivery: "))
		return outcome(span_from(text, 10), TRANSPORT_LOCAL, e);
	for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		if (span_starts(text, quiet[i]))
			return LINE_QUIET;
	return LINE_UNKNOWN;
}
