/* SPDX-License-Identifier: BSD-2-Clause */
/* Exim's records without a flag: logins, submissions, connections; the rest goes on to refusals and notes. */
#include "logparse/exim.h"

#include "base/ascii.h"

enum {
	ARGS_MAX = 64,       /* arguments that are looked at */
	HELO_TRIES_MAX = 16, /* places where a HELO may end */
};

/* ": 535 " and the like ends the host; the client's words stand behind it. */
static const uint8_t *reply_begins(struct span text)
{
	const uint8_t *at = text.at, *end = text.at + text.len;
	while (at < end && (at = memmem(at, (size_t)(end - at), ": ", 2))) {
		at += 2;
		if (end - at >= 3 && (*at == '5' || *at == '4') && ascii_is_digit(at[1]) && ascii_is_digit(at[2]))
			return at;
	}
	return NULL;
}

/*
 * A HELO that an administrator lets brackets into can hold an address and a reply, as can a name that was tried. Which of
 * the two it was is not told; nobody's account is named so.
 */
static bool replies_again(struct span text)
{
	const uint8_t *host = part_find(text, ") [");
	return host && reply_begins(part_from(text, host));
}

/* "(set_id=alice)" ends the text; what the client said stands in it */
static struct span set_id(struct span reply)
{
	static const char open[] = "(set_id=";
	const uint8_t *at = reply.len ? memmem(reply.at, reply.len, open, sizeof(open) - 1) : NULL;
	const uint8_t *close;
	if (!at)
		return (struct span){0};
	at += sizeof(open) - 1;
	close = memrchr(at, ')', (size_t)(reply.at + reply.len - at));
	return close ? span_of(at, (size_t)(close - at)) : (struct span){0};
}

/* No words of ours follow a host here that hold another: the last one counts, except where an ident server's words may stand
 * behind it. */
static bool login_host(struct span text, struct mail_event *e)
{
	const uint8_t *end = text.at + text.len;
	uint16_t port;
	for (int n = 0; n <= HELO_TRIES_MAX; n++) {
		const uint8_t *to = exim_host_again(text.at, end, n, &e->client_name, &e->helo, &e->client, &port);
		if (!to || (n && part_find(text, " U=")))
			return false;
		if (!part_find(span_of(to, (size_t)(end - to)), ") ["))
			return true;
	}
	return false;
}

enum line_result exim_login(struct exim_rest *r, struct span driver, struct mail_event *e)
{
	const uint8_t *reply = reply_begins(exim_rest_span(r));
	struct exim_rest host;
	if (!reply)
		return LINE_UNKNOWN;
	if (replies_again(part_from(exim_rest_span(r), reply)))
		return LINE_QUIET;
	host = (struct exim_rest){r->at, reply - 2};
	exim_take(&host, "H=");
	if (!exim_take(&host, "U=") && !login_host(exim_rest_span(&host), e))
		return LINE_QUIET;
	exim_reply(span_of(reply, (size_t)(r->end - reply)), e);
	e->kind = EVENT_LOGIN;
	e->method = driver;
	e->login = set_id(e->reply);
	e->good = false;
	return LINE_EVENT;
}

/* ---- submissions ---- */

static struct span base_name(struct span path)
{
	const uint8_t *slash = path.len ? memrchr(path.at, '/', path.len) : NULL;
	return slash ? span_from(path, (size_t)(slash - path.at) + 1) : path;
}

/* Options with which Exim takes no new message: queue runs, deliveries, the daemon, questions; -E: its own notices. */
static bool takes_none(struct span arg)
{
	static const char *const options[] = {"-M",  "-q",  "-bd",  "-bp", "-bP", "-bV", "-bt",
					      "-bv", "-bh", "-be",  "-bi", "-bw", "-bF", "-bf",
					      "-br", "-bI", "-bm?", "-E",  "-R",  "-S",  "-Tqt"};
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (span_starts(arg, options[i]))
			return true;
	return false;
}

static bool read_args(struct exim_rest *r, struct mail_event *e)
{
	for (int i = 0; i < ARGS_MAX; i++) {
		struct span arg = exim_token(r);
		if (arg.len == 0 || (arg.len == 2 && memcmp(arg.at, "--", 2) == 0))
			break;
		if (takes_none(arg))
			return false;
		if (!span_starts(arg, "-f") || span_starts(arg, "-fr"))
			continue;
		e->sender = arg.len > 2 ? span_from(arg, 2) : exim_token(r);
		if (e->sender.len >= 2 && *e->sender.at == '<' && e->sender.at[e->sender.len - 1] == '>')
			e->sender = span_of(e->sender.at + 1, e->sender.len - 2);
		e->has_sender = true;
	}
	return true;
}

enum line_result exim_submit(struct exim_rest *r, struct mail_event *e)
{
	static const char word[] = " args: ";
	const uint8_t *args = memmem(r->at, (size_t)(r->end - r->at), word, sizeof(word) - 1), *to;
	struct exim_rest rest;
	struct span program;
	if (!args)
		return LINE_UNKNOWN;
	for (to = args; to > r->at && ascii_is_digit(to[-1]); to--)
		;
	if (to == args || to == r->at || to[-1] != ' ')
		return LINE_UNKNOWN;
	rest = (struct exim_rest){args + sizeof(word) - 1, r->end};
	program = base_name(exim_token(&rest));
	if (!span_starts(program, "sendmail") && !span_starts(program, "exim") && !span_starts(program, "rsmtp"))
		return LINE_QUIET; /* mailq and its like */
	if (!read_args(&rest, e))
		return LINE_QUIET;
	e->kind = EVENT_SUBMIT;
	e->local = true;
	e->directory = span_of(r->at, (size_t)(to - 1 - r->at));
	return LINE_EVENT;
}

/* ---- connections ---- */

/* "no MAIL in SMTP connection from H [ip] D=2s A=login:alice C=EHLO,AUTH,QUIT": a password that was right and no more */
static enum line_result no_mail(struct exim_rest *r, struct mail_event *e)
{
	bool ident = false;
	exim_host_alone(r, e);
	while (e->client.family) {
		exim_skip_blanks(r);
		ident |= r->end - r->at > 2 && r->at[0] == 'U' && r->at[1] == '='; /* any words, perhaps A= */
		if (!ident && exim_take(r, "A=")) {
			struct span value = exim_token(r);
			size_t colon = span_find(value, ':');
			e->kind = EVENT_LOGIN;
			e->good = true;
			e->method = span_of(value.at, colon);
			e->login = span_from(value, colon + 1);
			return e->login.len ? LINE_EVENT : LINE_QUIET;
		}
		if (!exim_skip_field(r))
			break;
	}
	return LINE_QUIET;
}

static enum line_result connection(struct exim_rest *r, uint32_t want, struct mail_event *e)
{
	struct span rest;
	if (!(want & WANT_CONNECTIONS))
		return LINE_QUIET;
	if (exim_take(r, "Ci="))
		exim_token(r);
	exim_skip_blanks(r);
	exim_take(r, "from ");
	exim_host_alone(r, e);
	rest = exim_rest_span(r);
	e->kind = EVENT_DISCONNECT;
	if (rest.len == 0 || memmem(rest.at, rest.len, "connection count", 16))
		e->kind = EVENT_CONNECT;
	return e->client.family ? LINE_EVENT : LINE_QUIET;
}

/* ---- what administrators have Exim write about a message ---- */

/* "X-PHP-Script: host/path.php for 192.0.2.1", "X-PHP-Originating-Script: 33:mail.php" */
static bool script(struct exim_rest r, struct mail_event *e)
{
	exim_take(&r, "Warning: ");
	if (exim_take(&r, "X-PHP-Originating-Script:")) {
		struct span value = exim_token(&r);
		size_t colon = span_find(value, ':');
		uint64_t uid;
		if (ascii_parse_u64(span_of(value.at, colon), INT32_MAX, &uid) == 0) {
			e->uid = (int32_t)uid;
			value = span_from(value, colon + 1);
		}
		e->script = value;
	} else if (exim_take(&r, "X-PHP-Script:")) {
		e->script = exim_token(&r);
	}
	e->kind = EVENT_DETAIL;
	return e->script.len > 0;
}

/* cPanel: "Sender identification U=alice D=example.com S=info@example.com" */
static bool identification(struct exim_rest r, struct mail_event *e)
{
	if (!exim_take(&r, "Sender identification U="))
		return false;
	e->user = exim_token(&r);
	e->kind = EVENT_DETAIL;
	return e->user.len && e->user.at[0] != '-';
}

static bool about_message(const struct exim_rest *r, struct mail_event *e)
{
	if (e->id.len == 0 || r->at >= r->end)
		return false;
	switch (*r->at) {
	case 'S':
		return identification(*r, e);
	case 'X':
	case 'W':
		return script(*r, e);
	case 'F':
	case 'f':
	case 'M':
	case '*':
	case 'U':
	case 'u':
	case 'r':
	case 'c':
	case 'a':
		return exim_queue(r, e);
	}
	return false;
}

static enum line_result sentence(struct exim_rest *r, uint32_t want, struct mail_event *e)
{
	struct exim_rest s = *r;
	enum line_result result;
	if (exim_take(r, "SMTP connection "))
		return connection(r, want, e);
	if (exim_take(r, "no MAIL in SMTP connection from "))
		return no_mail(r, e);
	if (span_starts(exim_rest_span(r), "SMTP ")) {
		result = exim_protocol(&s, e);
		if (result != LINE_UNKNOWN)
			return result;
	}
	return exim_note(exim_rest_span(r), e);
}

enum line_result exim_other(struct exim_rest *r, uint32_t want, struct mail_event *e)
{
	struct exim_rest s = *r;
	struct span first;
	enum line_result result;
	if (r->at >= r->end)
		return LINE_QUIET;
	if (exim_take(r, "cwd="))
		return exim_submit(r, e);
	if (r->end - r->at > 2 && r->at[1] == '=' && (*r->at == 'H' || *r->at == 'U' || *r->at == 'F'))
		return exim_client(r, e);
	first = exim_token(&s);
	if (exim_take(&s, " authenticator failed for "))
		return exim_login(&s, first, e);
	if (about_message(r, e))
		return LINE_EVENT;
	s = *r;
	result = exim_refusal(&s, e);
	return result == LINE_UNKNOWN ? sentence(r, want, e) : result;
}
