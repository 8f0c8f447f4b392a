/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounces: the report where there is one, else the notice in words; what the one lacks is taken from the other. */
#include "mail/dsn.h"

#include <errno.h>

#include "base/ascii.h"
#include "mail/dsn_parts.h"
#include "mail/mime_leaves.h"

enum { HEAD_LINES_LOOKED_AT = 60, KNOWN_FIELDS_MIN = 2 };

/* Who writes bounces, and how they are called: one of these beside the words of a notice. */
static bool looks_like_notice(struct span head, struct arena *arena)
{
	static const char *const senders[] = {
		"mailer-daemon",      "postmaster",  "mail delivery", "mail administrator", "system administrator",
		"mailerdaemon",       "mdaemon",     "mail deliver",  "mail system",        "delivery subsystem",
		"microsoft exchange", "mail-daemon", "daemon@"};
	static const char *const subjects[] = {"deliver",        "returned mail",
					       "failure notice", "undeliver",
					       "failed mail",    "returned to sender",
					       "mail could not", "message status",
					       "non-deliver",    "mail system error",
					       "error mail",     "user unknown",
					       "mail error",     "failure",
					       "bounce",         "delay",
					       "warning",        "non remis",
					       "unzustellbar",   "zugestellt",
					       "entregado",      "entregue",
					       "recapit",        "processing error",
					       "mail failed",    "undeliverable"};
	struct span from = header_field(head, "from", arena),
		    subject = header_words(header_field(head, "subject", arena), arena);
	struct span back = header_field(head, "return-path", arena), type = header_field(head, "content-type", arena);
	if (span_equal(back, span_str("<>")) || span_contains_nocase(back, "mailer-daemon") ||
	    span_contains_nocase(type, "report-type=delivery-status") ||
	    header_field(head, "x-failed-recipients", arena).len)
		return true;
	for (size_t i = 0; i < sizeof(senders) / sizeof(*senders); i++)
		if (span_contains_nocase(from, senders[i]))
			return true;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++)
		if (span_contains_nocase(subject, subjects[i]))
			return true;
	return false;
}

/* Answers of people's programs are no bounces, whatever they quote (RFC 3834 5). */
static bool is_reply_of_person(struct span head, struct arena *arena)
{
	struct span subject = header_field(head, "subject", arena);
	return (span_begins_nocase(subject, "re:") || span_contains_nocase(subject, "out of office") ||
		span_contains_nocase(subject, "auto-reply") || span_begins_nocase(subject, "auto:")) &&
	       !header_field(head, "x-failed-recipients", arena).len;
}

/* What the report lacks of a recipient, from the notice beside it. */
static void complete(struct recipients *r, const struct recipients *words)
{
	for (size_t i = 0; i < r->count; i++) {
		struct dsn_recipient *to = &r->at[i];
		const struct dsn_recipient *from = NULL;
		for (size_t j = 0; j < words->count && !from; j++)
			if (span_equal_nocase(words->at[j].recipient, to->recipient))
				from = &words->at[j];
		if (!from && r->count == 1 && words->count == 1)
			from = &words->at[0];
		if (from && !to->diagnostic.len)
			to->diagnostic = from->diagnostic;
		if (from && !to->recipient.len)
			to->recipient = from->recipient;
	}
}

static bool is_reply(struct span text)
{
	return text.len > 4 && (text.at[0] == '4' || text.at[0] == '5') && ascii_is_digit(text.at[1]) &&
	       ascii_is_digit(text.at[2]) && (text.at[3] == ' ' || text.at[3] == '-');
}

/* The status of the report gives way to the one that the receiver's reply has, when it says nothing (x.0.0), or is the
 * sending server's own (4.4.7, it gave up). */
static void settle_status(struct recipients *r)
{
	for (size_t i = 0; i < r->count; i++) {
		struct dsn_recipient *to = &r->at[i];
		struct span told = dsn_status_in(to->diagnostic);
		bool empty = to->status.len < 5 || memcmp(to->status.at + 1, ".0.0", 4) == 0;
		bool own = told.len == 5 && memcmp(told.at + 1, ".0.0", 4) != 0 && is_reply(to->diagnostic);
		if ((empty || own) && told.len)
			to->status = told;
	}
}

static void original_of(struct span message, struct dsn *dsn, struct arena *arena)
{
	struct span id = header_field(message, "message-id", arena);
	if (id.len && !dsn->original_message_id.len)
		dsn->original_message_id = id;
}

static void failed_recipients(struct span head, struct recipients *r)
{
	struct span list = header_field(head, "x-failed-recipients", r->arena);
	while (list.len) {
		size_t comma = span_find(list, ',');
		struct span mailbox = header_mailbox(span_of(list.at, comma));
		struct dsn_recipient *to = mailbox.len ? dsn_recipient_add(r) : NULL;
		if (to)
			*to = (struct dsn_recipient){.recipient = mailbox, .action = span_str("failed")};
		list = span_from(list, comma + 1);
	}
}

struct pieces {
	struct recipients report, words;
	bool has_report, has_notice;
	bool trusted;       /* the head is that of a notice */
	struct span domain; /* of who wrote it */
	size_t notices;
	struct span html;                     /* the first part of that type */
	struct span messages[DSN_NESTED_MAX]; /* attached ones */
	size_t message_count;
};

static void read_notice(struct pieces *p, struct span text)
{
	p->notices++;
	dsn_session_read(text, &p->words);
	p->has_notice |= dsn_notice_read(text, p->trusted, p->domain, &p->words);
}

static void read_part(struct pieces *p, const struct mime_leaf *part, struct dsn *dsn)
{
	if (span_begins_nocase(part->type, "message/delivery-status") ||
	    span_begins_nocase(part->type, "message/xdelivery-status") ||
	    span_begins_nocase(part->type, "message/global-delivery-status")) {
		p->has_report = true;
		dsn_report_read(part->text, &p->report, dsn);
	} else if (span_begins_nocase(part->type, "message/rfc822") ||
		   span_begins_nocase(part->type, "text/rfc822-headers") ||
		   span_begins_nocase(part->type, "message/global")) {
		struct span head, body;
		header_split(part->text, &head, &body);
		original_of(head, dsn, p->report.arena);
		if (p->message_count < DSN_NESTED_MAX)
			p->messages[p->message_count++] = part->text;
	} else if (span_begins_nocase(part->type, "text/html")) {
		p->html = p->html.len ? p->html : part->text;
	} else if (span_begins_nocase(part->type, "text/") && p->notices < 2) {
		read_notice(p, part->text);
	}
}

static void choose(struct pieces *p, struct span head, struct dsn *dsn, struct arena *arena)
{
	struct recipients named = {.arena = arena}, *best;
	bool by_words = p->has_notice && p->trusted && !is_reply_of_person(head, arena);
	if (p->has_report && p->report.count) {
		complete(&p->report, &p->words);
		best = &p->report;
	} else if (by_words || header_field(head, "x-failed-recipients", arena).len) {
		failed_recipients(head, &named);
		complete(&named, &p->words);
		best = p->words.count ? &p->words : &named;
	} else {
		return;
	}
	dsn_session_complete(best, &p->words);
	settle_status(best);
	dsn->recipients = best->at;
	dsn->recipient_count = best->count;
	for (size_t i = 0; i < best->count; i++)
		dsn->is_bounce |= !span_begins_nocase(best->at[i].action, "deliver") &&
				  !span_begins_nocase(best->at[i].action, "relay") &&
				  !span_begins_nocase(best->at[i].action, "expand");
}

static struct span domain_of(struct span from)
{
	struct span domain = span_from(from, span_find(from, '@') + 1);
	size_t len = 0;
	while (len < domain.len && (ascii_is_alpha(domain.at[len]) || ascii_is_digit(domain.at[len]) ||
				    domain.at[len] == '.' || domain.at[len] == '-'))
		len++;
	return span_of(domain.at, len);
}

/* A message that somebody sends on with the bounce attached. */
static int read_attached(const struct pieces *p, struct arena *arena, int depth, struct dsn *ret_dsn);

static int read_message(struct span message, struct arena *arena, int depth, struct dsn *ret_dsn)
{
	struct dsn dsn = {0};
	struct pieces *p = arena_alloc(arena, 1, sizeof(*p));
	struct mime_leaves *parts = arena_alloc(arena, 1, sizeof(*parts));
	struct span head, body;
	if (!parts || !p || mime_leaves_find(message, arena, parts) < 0)
		return -ENOMEM;
	p->report.arena = p->words.arena = arena;
	header_split(message, &head, &body);
	p->trusted = looks_like_notice(head, arena);
	p->domain = domain_of(header_field(head, "from", arena));
	for (size_t i = 0; i < parts->count; i++)
		read_part(p, &parts->at[i], &dsn);
	if (p->html.len && p->words.count == 0)
		read_notice(p, dsn_html_text(p->html, arena));
	if (p->report.error || p->words.error)
		return -ENOMEM;
	choose(p, head, &dsn, arena);
	*ret_dsn = dsn;
	return dsn.recipient_count ? 0 : read_attached(p, arena, depth, ret_dsn);
}

static int read_attached(const struct pieces *p, struct arena *arena, int depth, struct dsn *ret_dsn)
{
	for (size_t i = 0; depth < DSN_NESTED_MAX && i < p->message_count; i++) {
		struct dsn inner = {0};
		int rc = read_message(p->messages[i], arena, depth + 1, &inner);
		if (rc < 0)
			return rc;
		if (inner.recipient_count) {
			*ret_dsn = inner;
			return 0;
		}
	}
	return 0;
}

int dsn_read(struct span message, struct arena *arena, struct dsn *ret_dsn)
{
	return message.len > DSN_OCTETS_MAX ? -E2BIG : read_message(message, arena, 0, ret_dsn);
}

int dsn_read_words(struct span text, struct arena *arena, struct dsn *ret_dsn)
{
	struct recipients words = {.arena = arena};
	struct dsn dsn = {0};
	bool notice;
	if (text.len > DSN_TEXT_OCTETS_MAX)
		text.len = DSN_TEXT_OCTETS_MAX;
	dsn_session_read(text, &words);
	notice = dsn_notice_read(text, false, (struct span){0}, &words);
	if (words.error)
		return -ENOMEM;
	if (notice) {
		dsn_session_complete(&words, &words);
		settle_status(&words);
		dsn = (struct dsn){.is_bounce = true, .recipients = words.at, .recipient_count = words.count};
	}
	*ret_dsn = dsn;
	return 0;
}

static bool is_known_field(struct span name)
{
	static const char *const names[] = {"received",     "from",         "to",           "subject",
					    "date",         "return-path",  "message-id",   "mime-version",
					    "content-type", "delivered-to", "x-original-to"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (span_equal_nocase(name, span_str(names[i])))
			return true;
	return false;
}

static bool is_from_line(struct span line)
{
	return line.len > 10 && memcmp(line.at, "From ", 5) == 0;
}

bool dsn_is_message(struct span text)
{
	struct span rest = text, line;
	size_t known = 0;
	for (int i = 0; i < HEAD_LINES_LOOKED_AT && header_line_next(&rest, &line); i++) {
		size_t colon = span_find(line, ':');
		if (i == 0 && is_from_line(line))
			continue;
		if (span_trim(line).len == 0)
			break;
		if (i && (line.at[0] == ' ' || line.at[0] == '\t'))
			continue;
		if (colon == 0 || colon == line.len)
			return false;
		for (size_t c = 0; c < colon; c++)
			if (line.at[c] <= ' ' || line.at[c] >= 0x7f)
				return false;
		known += is_known_field(span_of(line.at, colon));
	}
	return known >= KNOWN_FIELDS_MIN;
}

bool dsn_mbox_next(struct span *rest, struct span *ret_message)
{
	struct span at = *rest, line;
	bool mbox = is_from_line(at), empty = false, first = true;
	if (rest->len == 0)
		return false;
	*ret_message = *rest;
	while (mbox) {
		const uint8_t *here = at.at;
		if (!header_line_next(&at, &line))
			break;
		if (!first && empty && is_from_line(line)) {
			*ret_message = span_of(rest->at, (size_t)(here - rest->at));
			*rest = span_from(*rest, ret_message->len);
			return true;
		}
		empty = span_trim(line).len == 0;
		first = false;
	}
	*rest = (struct span){0};
	return true;
}
