/* SPDX-License-Identifier: BSD-2-Clause */
/* "=>", "->", ">>", "*>", "**", "==": what became of one recipient. */
#include "maillog/exim.h"

#include "base/ascii.h"
#include "maillog/exim_reply.h"

/* What the fields say before the event is put together. */
struct outcome {
	struct span shown, parent, transport;
	bool has_host;
};

static bool equal(struct span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.at, text, s.len) == 0;
}

static bool has(struct span s, const char *part)
{
	return s.len && memmem(s.at, s.len, part, strlen(part));
}

/* "T=remote_smtp: text" of 4.8x: the ':' is left standing, it begins the text */
static void leave_colon(const uint8_t *from, struct exim_rest *r)
{
	if (r->at > from && r->at[-1] == ':')
		r->at--;
}

static struct span value_of(struct exim_rest *r)
{
	const uint8_t *from = r->at;
	r->at = exim_blank(from, r->end);
	leave_colon(from, r);
	return span_of(from, (size_t)(r->at - from));
}

/* The address and its brackets: "user (middle@example.com) <parent@example.com>", "save file <..>", "|/bin/x <..>". */
static void read_address(struct exim_rest *r, bool failure, struct outcome *o)
{
	const uint8_t *from;
	exim_skip_blanks(r);
	from = r->at;
	if (from < r->end && (*from == '|' || exim_take(r, "save "))) {
		/* a command has blanks in it: up to the parent */
		const uint8_t *to = memmem(from, (size_t)(r->end - from), " <", 2);
		r->at = to ? to : exim_blank(r->at, r->end);
		o->shown = span_of(from, (size_t)(r->at - from));
	} else {
		o->shown = exim_address(r);
		if (failure && o->shown.len > 1 && o->shown.at[o->shown.len - 1] == ':') {
			o->shown.len--; /* "** user@example.com: retry timeout exceeded" */
			r->at--;
			return;
		}
	}
	exim_skip_blanks(r);
	if (r->at < r->end && *r->at == '(') {
		const uint8_t *close = memchr(r->at, ')', (size_t)(r->end - r->at));
		r->at = close ? close + 1 : r->end;
		exim_skip_blanks(r);
	}
	if (r->at < r->end && *r->at == '<')
		o->parent = exim_address(r);
}

/* C="250 OK id=..": the receiver's words; what came back to us under another id is told by them */
static void read_confirmation(struct exim_rest *r, struct mail_event *e)
{
	if (r->at >= r->end || *r->at != '"')
		return;
	exim_reply(exim_quoted(r), e);
	e->remote_reply = true;
	if (e->relay.family && addr_kind(&e->relay) == ADDR_LOOPBACK)
		exim_next_hop(e);
}

static void short_field(uint8_t key, struct exim_rest *r, struct outcome *o, struct mail_event *e)
{
	struct span helo = {0};
	switch (key) {
	case 'H':
		exim_host(r, &e->relay_name, &helo, &e->relay, &e->relay_port);
		o->has_host = true;
		return;
	case 'C':
		read_confirmation(r, e);
		return;
	case 'F':
		e->has_sender = r->at < r->end && *r->at == '<';
		e->sender = exim_address(r);
		return;
	case 'T':
		o->transport = value_of(r);
		return;
	case 'P': /* return path */
		exim_address(r);
		return;
	default:
		if (r->at < r->end && *r->at == '"')
			exim_quoted(r);
		value_of(r);
	}
}

/* A word between fields: flags (L, K, TFO*, DS, PRDR) and "routing". ':' or "defer" begins the text. */
static bool word(struct exim_rest *r)
{
	const uint8_t *from = r->at;
	struct span w = exim_token(r);
	if (w.len == 0)
		return false;
	if (*w.at == ':' || equal(w, "defer")) {
		r->at = from;
		return false;
	}
	return true;
}

static void read_fields(struct exim_rest *r, struct outcome *o, struct mail_event *e)
{
	for (;;) {
		const uint8_t *from;
		if (r->at < r->end && *r->at == ':') /* right behind a field: "H=.. [ip]: text" */
			return;
		exim_skip_blanks(r);
		if (r->end - r->at >= 2 && r->at[1] == '=') {
			uint8_t key = *r->at;
			r->at += 2;
			short_field(key, r, o, e);
			continue;
		}
		if (r->end - r->at > 3 && r->at[0] == 'Q' && exim_take(r, "QT=")) {
			e->delay_ms = exim_interval_ms(value_of(r));
			continue;
		}
		from = r->at;
		if (exim_skip_field(r))
			leave_colon(from, r);
		else if (!word(r))
			return;
	}
}

/* "defer (-46) H=mx [ip]: text", "defer (111): text": stands behind the fields of "==" */
static void read_deferral(struct exim_rest *r, struct outcome *o, struct mail_event *e)
{
	if (!exim_take(r, "defer"))
		return;
	exim_skip_blanks(r);
	if (r->at < r->end && *r->at == '(') {
		const uint8_t *close = memchr(r->at, ')', (size_t)(r->end - r->at));
		if (close)
			r->at = close + 1;
	}
	read_fields(r, o, e);
}

static enum mail_transport transport_of(const struct outcome *o, const struct mail_event *e)
{
	if (o->has_host)
		return TRANSPORT_SMTP;
	if (o->shown.len && *o->shown.at == '|')
		return TRANSPORT_PIPE;
	if (o->transport.len == 0)
		return e->relay.family ? TRANSPORT_SMTP : TRANSPORT_NONE;
	if (e->relay.family || has(o->transport, "smtp"))
		return TRANSPORT_SMTP;
	return has(o->transport, "pipe") ? TRANSPORT_PIPE : TRANSPORT_LOCAL;
}

/* Who it was for, and whom it was addressed to. */
static void read_recipient(const struct outcome *o, struct mail_event *e)
{
	bool address = o->shown.len && memchr(o->shown.at, '@', o->shown.len) && *o->shown.at != '|' &&
		       *o->shown.at != '/' && *o->shown.at != ':' && *o->shown.at != '>';
	e->recipient = address || o->parent.len == 0 ? o->shown : o->parent;
	if (!address || o->parent.len == 0 || span_equal_nocase(o->shown, o->parent))
		return;
	e->original = o->parent;
	e->forwarded = o->has_host;
}

static enum mail_outcome outcome_of(struct span flag, const struct outcome *o)
{
	if (*flag.at == '=' && flag.at[1] == '=')
		return OUTCOME_DEFERRED;
	if (flag.at[1] == '*')
		return OUTCOME_BOUNCED;
	if (*flag.at == '*') /* "*>": delivery suppressed by -N */
		return OUTCOME_DISCARDED;
	if (equal(o->shown, ":blackhole:") || equal(o->shown, "blackhole") || equal(o->shown, "/dev/null"))
		return OUTCOME_DISCARDED;
	return OUTCOME_SENT;
}

enum line_result exim_delivery(struct exim_rest *r, struct span flag, struct mail_event *e)
{
	struct outcome o = {0};
	bool failure = flag.at[1] == '*' || (*flag.at == '=' && flag.at[1] == '=');
	read_address(r, failure, &o);
	if (o.shown.len == 0)
		return LINE_UNKNOWN;
	e->kind = EVENT_DELIVERY;
	e->outcome = outcome_of(flag, &o);
	read_fields(r, &o, e);
	if (failure) {
		read_deferral(r, &o, e);
		exim_failure_text(r, e);
	}
	if (e->outcome == OUTCOME_BOUNCED && span_starts(e->reply, "retry timeout exceeded"))
		e->outcome = OUTCOME_EXPIRED;
	read_recipient(&o, e);
	e->transport = transport_of(&o, e);
	e->forwarded = e->forwarded || (e->original.len && e->transport == TRANSPORT_SMTP);
	return LINE_EVENT;
}
