/* SPDX-License-Identifier: BSD-2-Clause */
/* Exim's refusals: what clients were told at our door. */
#include "logparse/exim.h"

#include "base/ascii.h"
#include "logparse/exim_reply.h"

enum { HOSTS_MAX = 16 }; /* "H=" that are looked at in one command */

static void read_host(struct exim_rest *r, struct mail_event *e)
{
	uint16_t port;
	exim_host(r, &e->client_name, &e->helo, &e->client, &port);
}

/* "H=" with the n-th place where a HELO may end, from 1. @return false: there are less. */
static bool read_host_again(struct exim_rest *r, int n, struct mail_event *e)
{
	uint16_t port;
	const uint8_t *to;
	if (!exim_take(r, "H="))
		return false;
	to = exim_host_again(r->at, r->end, n, &e->client_name, &e->helo, &e->client, &port);
	if (to)
		r->at = to;
	return to;
}

static void read_sender(struct exim_rest *r, struct mail_event *e)
{
	e->sender = exim_address(r);
	e->has_sender = true;
}

/* Others; a host stands there once. */
static bool skip_field(struct exim_rest *r)
{
	return !span_starts(exim_rest_span(r), "H=") && exim_skip_field(r);
}

/* The fields that stand before the verb. */
static bool read_field(struct exim_rest *r, struct mail_event *e)
{
	exim_skip_blanks(r);
	if (!e->client.family && exim_take(r, "H=")) {
		read_host(r, e);
	} else if (exim_take(r, "F=")) {
		read_sender(r, e);
	} else if (exim_take(r, "A=")) {
		exim_authenticated(exim_value(r), e);
	} else if (exim_take(r, "U=")) {
		struct span ident = exim_value(r);
		if (ident.len && ident.at[ident.len - 1] == ':') /* "U=CALLER: message too big" */
			ident.len--, r->at--;
		if (!e->client.family)
			e->user = ident;
	} else if (r->end - r->at >= 2 && (r->at[0] == 'K' || r->at[0] == 'L') && r->at[1] == ' ') {
		r->at += 1; /* chunking, pipelining */
	} else {
		return skip_field(r);
	}
	return true;
}

/* First ": " outside quotes and <>: our words stand behind it. At the end of all: the whole rest. */
static struct span words_after(struct exim_rest r)
{
	const uint8_t *from = r.at;
	while (r.at < r.end) {
		if (r.at[0] == '"')
			exim_quoted(&r);
		else if (r.at[0] == '<')
			exim_address(&r);
		else if (r.at[0] == ':' && r.end - r.at >= 2 && r.at[1] == ' ')
			return span_of(r.at + 2, (size_t)(r.end - r.at - 2));
		else
			r.at++;
	}
	return span_of(from, (size_t)(r.end - from));
}

/* A command that names nobody but the client: "HELO from H=..", "connection from H=..". */
static void read_connection(struct exim_rest *r, struct mail_event *e)
{
	static const char *const commands[] = {"MAIL ", "HELO ", "EHLO ", "XCLIENT ", "connection ", "VRFY "};
	size_t i = 0, count = sizeof(commands) / sizeof(commands[0]);
	while (i < count && !exim_take(r, commands[i]))
		i++;
	if (i == count || !exim_take(r, "from "))
		return;
	exim_take(r, "H=");
	exim_host_alone(r, e);
}

/* What was refused: the command and who or what stood in it. */
static void read_command(struct exim_rest *r, struct mail_event *e)
{
	if (exim_take(r, "RCPT ")) {
		e->recipient = exim_address(r);
		if (e->recipient.len &&
		    e->recipient.at[e->recipient.len - 1] == ':') /* old: "RCPT a@example.com: text" */
			e->recipient.len--, r->at--;
	} else if (exim_take(r, "MAIL FROM:") || exim_take(r, "MAIL <")) {
		if (r->at[-1] == '<')
			r->at--;
		read_sender(r, e);
	} else if (exim_take(r, "from <")) {
		r->at--;
		read_sender(r, e);
	} else {
		read_connection(r, e);
		return;
	}
	while (read_field(r, e))
		;
}

static bool take_verb(struct exim_rest *r, enum mail_outcome *ret_outcome)
{
	*ret_outcome = OUTCOME_BOUNCED;
	if (exim_take(r, "temporarily rejected ") || exim_take(r, "temporarily refused ")) {
		*ret_outcome = OUTCOME_DEFERRED;
		return true;
	}
	return exim_take(r, "rejected ") || exim_take(r, "refused ") || exim_take(r, "dropped by ");
}

enum line_result exim_refusal(struct exim_rest *r, struct mail_event *e)
{
	enum mail_outcome outcome;
	const uint8_t *from = r->at;
	struct exim_rest rest;
	if (!take_verb(r, &outcome))
		return LINE_UNKNOWN;
	rest = *r;
	read_command(r, e);
	e->kind = EVENT_REFUSAL;
	e->outcome = outcome;
	exim_reply(words_after(r->at > rest.at ? *r : rest), e);
	if (e->reply.len == 0) /* nothing said: the verb and what was refused */
		e->reply = span_of(from, (size_t)(r->end - from));
	return LINE_EVENT;
}

/* "RCPT <a@example.com>: discarded by RCPT ACL", "MAIL <..>: discarded by .." */
static bool discarded(struct exim_rest *r, struct mail_event *e)
{
	struct exim_rest s = *r;
	struct span address;
	bool rcpt = exim_take(&s, "RCPT <");
	if (!rcpt && !exim_take(&s, "MAIL <"))
		return false;
	s.at--;
	address = exim_address(&s);
	if (!exim_take(&s, ": discarded"))
		return false;
	if (rcpt)
		e->recipient = address;
	e->kind = EVENT_REFUSAL;
	e->outcome = OUTCOME_DISCARDED;
	e->reply = span_of(s.at - 9, (size_t)(s.end - s.at) + 9);
	return true;
}

/* A host's failure in the record of a message: its recipients' own lines follow, so it is a warning with a relay. */
static enum line_result host_failed(struct exim_rest *r, struct mail_event *e)
{
	e->kind = EVENT_WARNING;
	e->relay = e->client;
	e->relay_name = e->client_name;
	e->client = (struct addr){0};
	e->client_name = (struct span){0};
	exim_failure_text(r, e);
	return e->reply.len ? LINE_EVENT : LINE_QUIET;
}

static enum line_result client_words(struct exim_rest *r, struct mail_event *e)
{
	static const char *const quiet[] = {
		"sender verify ", "recipient verify ", "incomplete transaction", "accepted ", "detected ", "EXPN", "X=",
		"Greylist",       "greylist"};
	struct span text = exim_rest_span(r);
	for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		if (span_starts(text, quiet[i]))
			return LINE_QUIET;
	if (exim_take(r, "Warning: ") || span_starts(text, "Warning:")) {
		e->kind = EVENT_WARNING;
		e->reply = exim_rest_span(r);
		return LINE_EVENT;
	}
	return LINE_UNKNOWN;
}

/* "user@example.com F=<..> P=<..> tmp-reject from cutthrough after DATA: R=.. H=.. C=".."": the next hop's word, handed on */
static bool cutthrough(struct exim_rest *r, struct mail_event *e)
{
	struct exim_rest s = *r;
	struct mail_event fields = *e; /* kept where the verb follows */
	struct span address = exim_address(&s), verb;
	while (read_field(&s, &fields))
		;
	verb = exim_rest_span(&s);
	if (span_find(address, '@') == address.len || /* "Warning: reject .." */
	    (!span_starts(verb, "tmp-reject ") && !span_starts(verb, "reject ")))
		return false;
	*e = fields;
	e->kind = EVENT_REFUSAL;
	e->outcome = *verb.at == 't' ? OUTCOME_DEFERRED : OUTCOME_BOUNCED;
	e->recipient = address;
	e->reply = verb;
	return true;
}

/* Is what stands here what Exim tells of a client: refused, discarded, warned of? */
static bool is_told(struct exim_rest *r)
{
	struct mail_event e = {0};
	enum mail_outcome outcome;
	exim_skip_blanks(r);
	return take_verb(r, &outcome) || discarded(r, &e) || span_starts(exim_rest_span(r), "Warning:");
}

/*
 * Could the client have written the host that was read, into a HELO that an administrator lets brackets into? Then the
 * text behind it, or what was taken for its fields (a quote may go on over anything), goes on with another host and a
 * refusal.
 * @param end  of the line; `text` is where that host may begin.
 */
static bool is_doubtful(struct span text, const uint8_t *end)
{
	const uint8_t *at = text.at, *to = text.at + text.len;
	for (int i = 0; (at = part_find(span_of(at, (size_t)(to - at)), ") [")); i++, at++) {
		struct exim_rest r = {at + 2, end};
		struct mail_event e = {0};
		if (i == HOSTS_MAX) /* nobody's honest words */
			return true;
		read_host(&r, &e);
		while (e.client.family && read_field(&r, &e))
			;
		if (e.client.family && is_told(&r))
			return true;
	}
	return false;
}

/* Blanks outside quotes: what was taken for an address ends in another field. */
static bool is_no_address(struct span address)
{
	if (!address.len || !memchr(address.at, ' ', address.len))
		return false;
	for (size_t i = part_quoted(address); i < address.len; i++) {
		if (address.at[i] == '\\')
			i++;
		else if (address.at[i] == ' ')
			return true;
	}
	return false;
}

/* What stands behind an address that is written in <>, as Exim does; else the whole text. */
static struct span behind(struct span text, struct span address)
{
	if (!address.at || address.at <= text.at)
		return text;
	const uint8_t *end = text.at + text.len, *to = address.at + address.len;
	if (address.at[-1] != '<' || to >= end || *to != '>' || is_no_address(address))
		return text;
	return span_of(to + 1, (size_t)(end - to - 1));
}

/* What was taken for fields of the host that gave a HELO; a sender may hold anything in its quotes. @param words  from the
 * verb on. */
static bool has_doubtful_fields(struct span words, const struct mail_event *e)
{
	const uint8_t *from = e->helo.at + e->helo.len + 1, *to = words.at, *end = words.at + words.len;
	if (e->sender.at && e->sender.at >= from && e->sender.at < to) {
		if (is_doubtful(span_of(from, (size_t)(e->sender.at - from)), end))
			return true;
		from = e->sender.at + e->sender.len;
	}
	return is_doubtful(span_of(from, (size_t)(to - from)), end);
}

/* `words`: from the verb on. Only the address that is refused may hold the words of a host: it is quoted there. */
static void drop_doubtful(struct span words, struct mail_event *e)
{
	struct span after = behind(words, e->recipient.at ? e->recipient : e->sender);
	if (!e->helo.len)
		return;
	/* a sender before the verb that is no address holds what stood behind the HELO */
	if (!is_no_address(e->sender) && !has_doubtful_fields(words, e) && !is_doubtful(after, after.at + after.len))
		return;
	e->client = (struct addr){0};
	e->client_name = e->helo = e->login = e->method = e->user = e->status = (struct span){0};
	e->code = 0;
}

static void drop_ident(struct span fields, struct mail_event *e)
{
	/* what an ident server says may go on with A= */
	if (e->login.len && e->client.family && !exim_is_loopback(&e->client) && part_find(fields, " U="))
		e->login = e->method = (struct span){0};
}

static enum line_result client_record(struct exim_rest *r, struct mail_event *e)
{
	enum line_result result;
	const uint8_t *from = r->at;
	struct span words;
	while (read_field(r, e))
		;
	drop_ident(span_of(from, (size_t)(r->at - from)), e);
	exim_skip_blanks(r);
	words = exim_rest_span(r);
	result = exim_refusal(r, e);
	if (result != LINE_UNKNOWN || discarded(r, e) || cutthrough(r, e)) {
		drop_doubtful(words, e);
		return LINE_EVENT;
	}
	result = client_words(r, e);
	if (result == LINE_EVENT && e->helo.len &&
	    (has_doubtful_fields(words, e) || is_doubtful(words, words.at + words.len)))
		return LINE_QUIET;
	/* a host that we deliver to gives no HELO */
	if (result == LINE_UNKNOWN && e->id.len && !e->helo.len && !e->has_sender &&
	    (e->client.family || e->client_name.len))
		return host_failed(r, e);
	return result;
}

enum line_result exim_client(struct exim_rest *r, struct mail_event *e)
{
	const struct exim_rest whole = *r;
	const struct mail_event before = *e;
	enum line_result result = client_record(r, e);
	/* no refusal behind the first place where the HELO may end */
	for (int n = 1; result == LINE_UNKNOWN && e->helo.len && n <= HOSTS_MAX; n++) {
		*r = whole;
		*e = before;
		if (!read_host_again(r, n, e))
			break;
		result = client_record(r, e);
	}
	return result;
}

/*
 * Where the host stands in "SMTP protocol error in "COMMAND" H=host text" and "SMTP protocol synchronization error (..):
 * rejected "COMMAND" H=host next input="..."". Command and input are the client's and their quotes are not escaped: what
 * stands between them is the last host of all, or where an input follows, the only one.
 */
static const uint8_t *protocol_host(const struct exim_rest *r, bool input)
{
	struct span text = exim_rest_span(r);
	const uint8_t *at = part_find_last(text, " H=");
	if (!at || (input && part_find(text, " H=") != at))
		return NULL;
	return at + 3;
}

/* A HELO may hold " H=" as well as the command does: then its address is ours all the same, as it is the last, not the name. */
static void read_last_host(struct span text, const uint8_t *at, struct mail_event *e)
{
	struct exim_rest r = {at, text.at + text.len};
	read_host(&r, e);
	if (part_find(exim_rest_span(&r), ") [")) {
		e->client = (struct addr){0};
		e->client_name = e->helo = (struct span){0};
	} else if (part_find(text, " H=") + 3 < at) {
		e->client_name = (struct span){0};
	}
}

enum line_result exim_protocol(struct exim_rest *r, struct mail_event *e)
{
	static const char *const beginnings[] = {"SMTP call from ", "SMTP protocol synchronization error",
						 "SMTP protocol error", "SMTP protocol violation",
						 "SMTP syntax error in "};
	struct span whole = exim_rest_span(r);
	const uint8_t *at;
	size_t i, count = sizeof(beginnings) / sizeof(beginnings[0]);
	for (i = 0; i < count && !exim_take(r, beginnings[i]); i++)
		;
	if (i == count)
		return LINE_UNKNOWN;
	if (i == 0)
		exim_host_alone(r, e);
	else if ((at = protocol_host(r, i == 1)))
		read_last_host(exim_rest_span(r), at, e);
	e->kind = EVENT_REFUSAL;
	e->outcome = OUTCOME_BOUNCED;
	e->reply = whole;
	return LINE_EVENT;
}
