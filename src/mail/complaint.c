/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/complaint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "mail/complaint_parts.h"
#include "mail/header.h"
#include "mail/mime_leaves.h"

enum { DATE_SIZE = 64, QUOTE_LINES_MAX = 400, QUOTE_OCTETS_MAX = 65536 };

const char *complaint_kind_text(enum complaint_kind kind)
{
	static const char *const words[] = {"arf", "jmrp", "xarf", "spamcop", "abuse"};
	return words[kind];
}

static void take(struct span *field, struct span value)
{
	if (!field->len)
		*field = value;
}

static struct span without_marks(struct span value)
{
	struct span mailbox = header_mailbox(value);
	return mailbox.len ? mailbox : value;
}

/* Redacted parts are no names: "[redacted]", "x", "<>". */
static struct span told(struct span value)
{
	bool redacted =
		span_contains_nocase(value, "redact") || span_contains_nocase(value, "undisclosed") || value.len < 3;
	return !redacted ? value : (struct span){0};
}

/* RFC 5965 3.1, 3.2. */
static void read_feedback(struct span text, struct arena *arena, struct complaint *c)
{
	take(&c->type, header_field(text, "feedback-type", arena));
	take(&c->address, header_field(text, "source-ip", arena));
	take(&c->at, header_field(text, "arrival-date", arena));
	take(&c->at, header_field(text, "received-date", arena));
	take(&c->mail_from, told(without_marks(header_field(text, "original-mail-from", arena))));
	take(&c->rcpt_to, told(without_marks(header_field(text, "original-rcpt-to", arena))));
}

/* The head of the message: which of its Received lines is ours, and who sent it. */
static void read_original(struct span head, struct arena *arena, struct complaint *c)
{
	take(&c->message_id, header_field(head, "message-id", arena));
	take(&c->subject, told(header_words(header_field(head, "subject", arena), arena)));
	take(&c->from, told(header_field(head, "from", arena)));
	take(&c->mail_from, told(without_marks(header_field(head, "return-path", arena))));
	take(&c->rcpt_to, told(without_marks(header_field(head, "x-hmxmroriginalrecipient", arena))));
	complaint_hops(head, arena, c);
	take(&c->at, header_field(head, "date", arena));
}

static bool begins_head(struct span line)
{
	static const char *const fields[] = {
		"return-path:", "received:", "message-id:", "delivered-to:", "dkim-signature:", "x-received:"};
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (span_begins_nocase(line, fields[i]))
			return true;
	return false;
}

/* Quoted lines begin with "> ", "| " or blanks. */
static size_t quote_of(struct span line)
{
	size_t at = 0;
	while (at < line.len && memchr("> |\t", line.at[at], 4))
		at++;
	return at;
}

/* A header that stands quoted in the words of the complaint, its marks taken off. */
static struct span quoted_head(struct span text, struct arena *arena)
{
	struct buf head = buf_make(QUOTE_OCTETS_MAX);
	struct span rest = text, line, result;
	size_t quote = 0, lines = 0;
	char *copy;
	while (lines < QUOTE_LINES_MAX && header_line_next(&rest, &line)) {
		struct span bare = span_from(line, quote_of(line));
		if (!lines && !begins_head(bare))
			continue;
		if (!lines)
			quote = quote_of(line);
		if (span_trim(bare).len == 0)
			break;
		buf_add(&head, span_from(line, quote < line.len ? quote : line.len));
		buf_add_char(&head, '\n');
		lines++;
	}
	copy = head.len ? arena_copy(arena, buf_span(&head)) : NULL;
	result = copy ? span_of(copy, head.len) : (struct span){0};
	buf_release(&head);
	return result;
}

static struct span behind(struct span text, const char *word)
{
	for (size_t at = 0; at < text.len; at++)
		if (span_begins_nocase(span_from(text, at), word))
			return span_from(text, at + strlen(word));
	return (struct span){0};
}

static struct span first_line(struct span text)
{
	struct span rest = text, line = {0};
	header_line_next(&rest, &line);
	return span_trim(line);
}

/* "Email from 192.0.2.10 / Mon, 30 Nov 2026 16:00:00 +0000". */
static void read_spamcop(struct span text, struct complaint *c)
{
	struct span line = first_line(behind(text, "email from "));
	size_t slash = span_find(line, '/');
	take(&c->address, span_trim(span_of(line.at, slash)));
	take(&c->at, span_trim(span_from(line, slash + 1)));
	take(&c->type, span_str("spam"));
}

/* Plain words of a provider: the address and the time under a label, or the first address that is named at all. */
static void read_abuse(struct span text, struct complaint *c)
{
	static const char *const addresses[] = {
		"source ip:", "source-ip:", "ip address:", "ip-address:", "ip:", "address: ", "host: "};
	static const char *const times[] = {
		"timestamp:", "arrival date:", "arrival-date:", "time:", "date/time:", "seen at:", "date: "};
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		struct span word = complaint_word(behind(text, addresses[i]));
		if (complaint_is_address(word))
			take(&c->address, word);
	}
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		struct span line = first_line(behind(text, times[i]));
		int64_t ms;
		if (complaint_time(line, &ms) == 0)
			take(&c->at, line);
	}
	take(&c->address, complaint_any_address(text));
}

static bool speaks_of_abuse(struct span text)
{
	static const char *const words[] = {"abuse",      "spam",     "unsolicited", "complaint",
					    "beschwerde", "reported", "phishing"};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (span_contains_nocase(text, words[i]))
			return true;
	return false;
}

struct pieces {
	struct span feedback, original, words, json;
	bool bounce;
};

/* A bounce quotes our message as well, and its reply may speak of spam: nobody complains (RFC 3464 2, RFC 5321 4.5.5). */
static bool is_bounce_head(struct span head, struct arena *arena)
{
	struct span from = header_field(head, "from", arena);
	return span_contains_nocase(header_field(head, "content-type", arena), "report-type=delivery-status") ||
	       span_contains_nocase(header_field(head, "content-type", arena), "report-type=\"delivery-status") ||
	       header_field(head, "x-failed-recipients", arena).len || span_contains_nocase(from, "mailer-daemon") ||
	       span_contains_nocase(from, "mail delivery") ||
	       span_equal(header_field(head, "return-path", arena), span_str("<>"));
}

static void sort_parts(const struct mime_leaves *parts, struct pieces *p)
{
	for (size_t i = 0; i < parts->count; i++) {
		struct span type = parts->at[i].type, text = parts->at[i].text;
		p->bounce |= span_begins_nocase(type, "message/delivery-status") ||
			     span_begins_nocase(type, "message/global-delivery-status");
		if (span_begins_nocase(type, "message/feedback-report"))
			take(&p->feedback, text);
		else if (span_begins_nocase(type, "message/rfc822") ||
			 span_begins_nocase(type, "text/rfc822-headers") || span_begins_nocase(type, "message/global"))
			take(&p->original, text);
		else if (span_begins_nocase(type, "application/json") || span_begins_nocase(type, "text/json") ||
			 span_begins_nocase(span_trim(text), "{"))
			take(&p->json, text);
		else if (span_begins_nocase(type, "text/"))
			take(&p->words, text);
	}
}

/* Which form it has. @return whether it is a complaint at all. */
static bool tell_kind(struct span head, struct arena *arena, const struct pieces *p, struct complaint *c)
{
	struct span subject = header_words(header_field(head, "subject", arena), arena);
	if (p->feedback.len)
		c->kind = COMPLAINT_ARF;
	else if (p->json.len && complaint_is_xarf(p->json))
		c->kind = COMPLAINT_XARF;
	else if (span_contains_nocase(subject, "complaint about message from"))
		c->kind = COMPLAINT_JMRP;
	else if (span_begins_nocase(subject, "[spamcop") || span_contains_nocase(p->words, "[ spamcop"))
		c->kind = COMPLAINT_SPAMCOP;
	else if (!p->bounce && (p->original.len || quoted_head(p->words, arena).len) &&
		 speaks_of_abuse(p->words.len ? p->words : subject))
		c->kind = COMPLAINT_ABUSE;
	else
		return false;
	return true;
}

static int read_kind(struct span head, struct arena *arena, const struct pieces *p, struct complaint *c)
{
	struct span subject = header_words(header_field(head, "subject", arena), arena), original = p->original, inner,
		    body;
	if (p->feedback.len)
		read_feedback(p->feedback, arena, c);
	if (c->kind == COMPLAINT_JMRP) {
		take(&c->type, span_str("abuse"));
		take(&c->address, complaint_word(behind(subject, "message from")));
	}
	if (c->kind == COMPLAINT_SPAMCOP)
		read_spamcop(p->words, c);
	if (c->kind == COMPLAINT_XARF) {
		int rc = complaint_xarf(p->json, arena, c, &original);
		if (rc < 0)
			return rc;
	}
	if (!original.len)
		original = quoted_head(p->words, arena);
	if (c->kind == COMPLAINT_ABUSE)
		read_abuse(p->words, c);
	header_split(original, &inner, &body);
	read_original(inner, arena, c);
	return 1;
}

int complaint_read(struct span text, struct arena *arena, struct complaint *ret_complaint)
{
	struct complaint c = {0};
	struct mime_leaves *parts = arena_alloc(arena, 1, sizeof(*parts));
	struct pieces p = {0};
	struct span head = {0}, body;
	int rc;
	if (!parts)
		return -ENOMEM;
	if (span_begins_nocase(span_trim(text), "{")) {
		p.json = span_trim(text);
	} else {
		if (mime_leaves_find(text, arena, parts) < 0)
			return -ENOMEM;
		header_split(text, &head, &body);
		sort_parts(parts, &p);
		p.bounce |= is_bounce_head(head, arena);
	}
	if (!tell_kind(head, arena, &p, &c))
		return 0;
	c.reporter = header_field(head, "from", arena);
	rc = read_kind(head, arena, &p, &c);
	if (rc > 0)
		*ret_complaint = c;
	return rc;
}

int complaint_time(struct span text, int64_t *ret_ms)
{
	static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S %z", "%d %b %Y %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%z",
					    "%Y-%m-%d %H:%M:%S %z", "%a, %d %b %Y %H:%M:%S GMT"};
	char copy[DATE_SIZE];
	if (text.len == 0 || text.len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct tm tm = {0};
		if (!strptime(copy, forms[i], &tm))
			continue;
		long offset = tm.tm_gmtoff;
		*ret_ms = ((int64_t)timegm(&tm) - offset) * 1000;
		return 0;
	}
	return -EINVAL;
}
