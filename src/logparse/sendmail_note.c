/* SPDX-License-Identifier: BSD-2-Clause */
/* Sendmail's sentences: what messages made of others, users that are named, and what is not kept. */
#include "logparse/sendmail.h"

struct sentence {
	const char *words;
	enum line_result result; /* LINE_EVENT: a warning */
};

static const struct sentence beginnings[] = {
	{"Authentication-Warning: ", LINE_QUIET},
	{"Closed ", LINE_QUIET},
	{"DIGEST-MD5 ", LINE_QUIET},
	{"Null connection from ", LINE_QUIET},
	{"STARTTLS", LINE_QUIET},
	{"SYSERR", LINE_EVENT},
	{"SMTP ", LINE_QUIET},
	{"WARNING", LINE_EVENT},
	{"alias ", LINE_QUIET},
	{"aliases ", LINE_QUIET},
	{"collect: ", LINE_QUIET},
	{"connection from ", LINE_QUIET},
	{"daemon ", LINE_QUIET},
	{"deferring connections", LINE_EVENT},
	{"dns ", LINE_QUIET},
	{"error connecting to filter", LINE_EVENT},
	{"error: ", LINE_EVENT},
	{"forward ", LINE_QUIET},
	{"gethostby", LINE_QUIET},
	{"grew WorkList", LINE_QUIET},
	{"hold", LINE_QUIET},
	{"locked", LINE_QUIET},
	{"lost input channel from ", LINE_QUIET},
	{"low on space", LINE_EVENT},
	{"makeconnection", LINE_QUIET},
	{"my unqualified host name", LINE_EVENT},
	{"queueup", LINE_QUIET},
	{"rejecting connections", LINE_EVENT},
	{"restarting ", LINE_QUIET},
	{"return to sender", LINE_QUIET},
	{"runqueue", LINE_QUIET},
	{"rejecting messages", LINE_EVENT},
	{"runqueue: ", LINE_QUIET},
	{"split: ", LINE_QUIET},
	{"started as: ", LINE_QUIET},
	{"starting daemon", LINE_QUIET},
	{"stopping daemon", LINE_QUIET},
	{"timeout waiting for input", LINE_QUIET},
	{"tls_", LINE_QUIET},
	{"truncated", LINE_QUIET},
	{"unable to ", LINE_EVENT},
	{"user ", LINE_QUIET},
};

/* Sentences that begin with a client. */
static const char *const inside[] = {" aliases, longest ",
				     " did not issue MAIL/EXPN/VRFY/ETRN ",
				     ": VRFY ",
				     ": vrfy ",
				     ": EXPN ",
				     ": expn ",
				     ": Probable open proxy",
				     "Possible open proxy"};

/* "bob set sender to x@example.com using -f" after "Authentication-Warning: host: ": the user that ran sendmail */
static bool user_set_sender(struct span text, struct mail_event *e)
{
	static const char set[] = " set sender to ";
	struct span rest = span_from(text, sizeof("Authentication-Warning: ") - 1);
	size_t colon = sendmail_first(rest, ": "), to;
	rest = span_from(rest, colon + 2);
	to = span_find(rest, ' ');
	if (e->id.len == 0 || to == 0 || !span_starts(span_from(rest, to), set))
		return false;
	e->kind = EVENT_DETAIL;
	e->user = span_of(rest.at, to);
	return true;
}

/* "NEWID: DSN: User unknown", "NEWID: return to sender: ..", "NEWID: sender notify: ..": a notice was made */
static bool notice(struct span text, struct mail_event *e)
{
	static const char *const kinds[] = {"DSN: ", "return to sender", "sender notify", "postmaster notify"};
	size_t colon = sendmail_first(text, ": ");
	struct span id = span_of(text.at, colon), words = span_from(text, colon + 2);
	if (e->id.len == 0 || colon == text.len || !sendmail_id(id))
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (span_starts(words, kinds[i])) {
			e->kind = EVENT_LINK;
			e->link = LINK_NOTICE;
			e->related = id;
			e->reply = words;
			return true;
		}
	return false;
}

/* "clone OLDID, owner=list-owner" in the new one's record: for a list with an owner of its own */
static bool clone(struct span text, struct mail_event *e)
{
	struct span earlier = span_from(text, 6);
	if (!span_starts(text, "clone ") || e->id.len == 0)
		return false;
	earlier.len = span_find(earlier, ',');
	if (!sendmail_id(earlier))
		return false;
	e->kind = EVENT_LINK;
	e->link = LINK_NEXT_HOP;
	e->related = e->id;
	e->id = earlier;
	return true;
}

/* "quarantine=REASON" by -Q or a rule, "unquarantine" */
static bool quarantine(struct span text, struct mail_event *e)
{
	bool held = span_starts(text, "quarantine=");
	if (!e->id.len || (!held && !span_equal(text, span_str("unquarantine"))))
		return false;
	e->kind = EVENT_CHANGE;
	e->outcome = held ? OUTCOME_HELD : OUTCOME_NONE;
	if (held)
		e->reply = span_from(text, 11);
	return true;
}

static enum line_result connection(struct span host, uint32_t want, struct mail_event *e)
{
	if (!(want & WANT_CONNECTIONS))
		return LINE_QUIET;
	sendmail_peer(host, &e->client_name, &e->client);
	e->kind = EVENT_CONNECT;
	return e->client.family ? LINE_EVENT : LINE_QUIET;
}

static enum line_result sentence(struct span text, struct mail_event *e)
{
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (span_starts(text, beginnings[i].words)) {
			e->kind = EVENT_WARNING;
			e->reply = text;
			return beginnings[i].result;
		}
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (sendmail_first(text, inside[i]) < text.len)
			return LINE_QUIET;
	return LINE_UNKNOWN;
}

enum line_result sendmail_note(struct span text, uint32_t want, struct mail_event *e)
{
	if (text.len == 0)
		return LINE_QUIET;
	if (span_starts(text, "done; ") && e->id.len) {
		e->kind = EVENT_END;
		return LINE_EVENT;
	}
	if (span_starts(text, "Authentication-Warning: ") && user_set_sender(text, e))
		return LINE_EVENT;
	if (span_starts(text, "connect from "))
		return connection(span_from(text, 13), want, e);
	if (notice(text, e) || clone(text, e) || quarantine(text, e))
		return LINE_EVENT;
	return sentence(text, e);
}
