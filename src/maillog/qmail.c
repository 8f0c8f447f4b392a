/* SPDX-License-Identifier: BSD-2-Clause */
/* qmail-send's log (qmail-log(5)), by multilog or syslog. A delivery's outcome names only its number. Blanks of replies
 * stand as '_'. */
#include "base/ascii.h"
#include "maillog/format.h"

enum { UID_PEOPLE = 500, UID_PEOPLE_END = 60000, UID_DEBIAN_WEB = 33, UID_REDHAT_WEB = 48 };

static const char *const beginnings[] = {"new msg ", "info msg ", "starting delivery ", "delivery ", "bounce msg ",
					 "end msg ", "status: ",  "triple bounce",      "warning: ", "alert: "};

static bool starts(struct span s, const char *with)
{
	size_t n = strlen(with);
	return s.len >= n && memcmp(s.at, with, n) == 0;
}

/* Through syslog the text begins with splogger's epoch seconds. */
static struct span text_of(const struct log_line *l)
{
	size_t n = 0;
	while (n < l->text.len && n < 20 && (ascii_is_digit(l->text.at[n]) || l->text.at[n] == '.'))
		n++;
	return n > 10 && n < l->text.len && l->text.at[n] == ' ' ? span_from(l->text, n + 1) : l->text;
}

static bool claims(const struct log_line *l)
{
	struct span text = text_of(l);
	if (l->program.len)
		return starts(l->program, "qmail");
	for (size_t i = 0; i < 7; i++)
		if (starts(text, beginnings[i]))
			return true;
	return false;
}

static struct span number_at(struct span *rest)
{
	size_t n = 0;
	struct span number;
	while (n < rest->len && ascii_is_digit(rest->at[n]))
		n++;
	number = span_of(rest->at, n);
	*rest = span_from(*rest, n);
	return number;
}

/* "N: bytes B from <S> qp Q uid U" */
static enum line_result info(struct span rest, struct mail_event *e)
{
	const uint8_t *from, *end;
	uint64_t number = 0;
	e->kind = EVENT_ACCEPT;
	e->id = number_at(&rest);
	from = memmem(rest.at ? rest.at : (const uint8_t *)"", rest.len, " from <", 7);
	end = rest.len ? memrchr(rest.at, '>', rest.len) : NULL;
	if (!starts(rest, ": bytes ") || !from || !end || end < from + 7)
		return LINE_UNKNOWN;
	e->has_sender = true;
	e->sender = span_of(from + 7, (size_t)(end - from) - 7);
	if (ascii_parse_u64(span_of(rest.at + 8, (size_t)(from - rest.at) - 8), UINT64_MAX / 2, &number) == 0)
		e->size = number;
	rest = span_of(end, (size_t)(rest.at + rest.len - end));
	end = memmem(rest.at, rest.len, " uid ", 5);
	if (end && ascii_parse_u64(span_of(end + 5, (size_t)(rest.at + rest.len - end) - 5), INT32_MAX, &number) == 0) {
		e->uid = (int32_t)number;
		e->local = number == UID_DEBIAN_WEB || number == UID_REDHAT_WEB ||
			   (number >= UID_PEOPLE && number < UID_PEOPLE_END);
	}
	return LINE_EVENT;
}

/* "D: msg N to remote R" */
static enum line_result start(struct span rest, struct mail_event *e)
{
	e->kind = EVENT_DETAIL;
	e->related = number_at(&rest);
	if (!starts(rest, ": msg "))
		return LINE_UNKNOWN;
	rest = span_from(rest, 6);
	e->id = number_at(&rest);
	if (starts(rest, " to remote "))
		e->transport = TRANSPORT_SMTP;
	else if (starts(rest, " to local "))
		e->transport = TRANSPORT_LOCAL;
	else
		return LINE_UNKNOWN;
	e->recipient = span_from(rest, e->transport == TRANSPORT_SMTP ? 11 : 10);
	return LINE_EVENT;
}

/* "D: failure: 203.0.113.9_does_not_like_recipient./Remote_host_said:_550_.../Giving_up_on_203.0.113.9./" */
static enum line_result outcome(struct span rest, struct mail_event *e)
{
	static const char said[] = "Remote_host_said:_";
	const uint8_t *found;
	struct span head;
	e->kind = EVENT_DELIVERY;
	e->related = number_at(&rest);
	if (starts(rest, ": success: "))
		e->outcome = OUTCOME_SENT;
	else if (starts(rest, ": failure: "))
		e->outcome = OUTCOME_BOUNCED;
	else if (starts(rest, ": deferral: "))
		e->outcome = OUTCOME_DEFERRED;
	else
		return LINE_UNKNOWN;
	e->reply = span_from(rest, e->outcome == OUTCOME_DEFERRED ? 12 : 11);
	head = span_of(e->reply.at, span_find(e->reply, '_'));
	if (addr_parse(head, &e->relay) < 0)
		e->relay = (struct addr){0};
	found = e->reply.len ? memmem(e->reply.at, e->reply.len, said, sizeof(said) - 1) : NULL;
	if (found) {
		e->reply = span_of(found + sizeof(said) - 1,
				   (size_t)(e->reply.at + e->reply.len - found) - sizeof(said) + 1);
		found = memmem(e->reply.at, e->reply.len, "/Giving_up_on_", 14);
		if (found)
			e->reply.len = (size_t)(found - e->reply.at);
		e->remote_reply = true;
		part_reply(e->reply, &e->code, &e->status);
	}
	return LINE_EVENT;
}

static enum line_result parse(const struct log_line *l, uint32_t want, struct mail_event *e)
{
	struct span text = text_of(l);
	if (starts(text, "info msg "))
		return info(span_from(text, 9), e);
	if (starts(text, "starting delivery "))
		return start(span_from(text, 18), e);
	if (starts(text, "delivery "))
		return outcome(span_from(text, 9), e);
	if (starts(text, "end msg ")) {
		text = span_from(text, 8);
		e->kind = EVENT_END;
		e->id = number_at(&text);
		return LINE_EVENT;
	}
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (starts(text, beginnings[i]))
			return LINE_QUIET;
	return starts(text, "running") || starts(text, "exiting") || starts(text, "number") ? LINE_QUIET : LINE_UNKNOWN;
}

const struct format_row format_qmail = {FORMAT_QMAIL, "qmail", claims, parse};
