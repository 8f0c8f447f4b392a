/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounces in words: qmail, Exim, Postfix, Sendmail, Exchange, Domino and their like. They differ in phrases, not in shape:
 * a sentence that something could not be delivered, addresses that stand by themselves or begin a line, and behind or below
 * each the reason. The message itself follows a line that says so. */
#include <errno.h>

#include "base/ascii.h"
#include "mail/dsn_parts.h"

enum { ADDRESS_OCTETS_MAX = 320, PARAGRAPHS_MAX = 3, LABEL_OCTETS_MAX = 40 };

static const char *const failures[] = {
	"not be delivered",
	"able to deliver",
	"unable to deliver",
	"fatal errors",
	"delivery errors",
	"not delivered",
	"did not reach",
	"failed permanently",
	"undeliverable",
	"delivery failed",
	"delivery to the following",
	"following address",
	"following recipient",
	"could not deliver",
	"cannot deliver",
	"can't deliver",
	"be delivered",
	"have failed",
	"transient",
	"returned to sender",
	"transcript of session",
	"failed recipient",
	"undelivered",
	"failed addresses",
	"unsuccessful",
	"delivery failure",
	"delivery has failed",
	"delivery error",
	"error delivering",
	"trouble delivering",
	"attempting to deliver",
	"list of recipients",
	"invalid final delivery",
	"exceeds allowed size",
	"permanent errors",
	"user unknown",
	"unknown user",
	"couldn't be delivered",
	"wasn't delivered",
	"was not sent",
	"could not be sent",
	"rejected",
	"following user",
	"not exist",
	"returned mail",
	"delivery status",
	"does not like recipient",
	"problem delivering",
	"delayed",
	"has not yet been",
	"bounced",
	"invalid recipient",
	"unreachable",
	"error occurred",
	"errors occurred",
	"error returned",
	"message to",
	"your message",
	"addressed to",
	"mailbox is full",
	"is unavailable",
	"user not found",
	"user not known",
	"delivery problems",
	"has been postponed",
	"no valid recipients",
	"error was detected",
	"no such user",
	"pas pu etre delivre",
	"n'a pas pu",
	"konnte nicht",
	"nicht zugestellt",
	"zustellung",
	"no se pudo",
	"non remis",
};

static const char *const copies[] = {
	"below this line is",
	"this is a copy of",
	"original message",
	"unsent message follows",
	"undelivered message follows",
	"message header follows",
	"message headers follow",
	"returned message follows",
	"message follows",
	"the message cannot be delivered to",
	"copy of the message",
	"copy of your message",
	"message text follows",
	"message contents follow",
	"headers of the message",
	"begin message",
	"start of the message",
	"full message header",
	"included message",
	"your original message",
	"message header:",
	"original headers",
	"returned mail follows",
	"content-type: message/rfc822",
	"return-path:",
	"received: from",
	"received: by",
	"original mail as follows",
};

static bool any_of(struct span text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_contains_nocase(text, words[i]))
			return true;
	return false;
}

/* Sentences that tell of a delay, not of a failure. */
static const char *const delays[] = {
	"will be retried",
	"has not yet been",
	"warning message only",
	"do not need to resend",
	"attempts to deliver the message will continue",
	"has been postponed",
	"advisory-only",
	"attempts will continue",
	"still being retried",
};

static bool is_address_octet(uint8_t c)
{
	return c > ' ' && c != 0x7f && !memchr("<>()[],;:\"", c, 10);
}

static bool is_ruled(struct span text)
{
	return text.len > 2 && text.at[0] == text.at[1] && memchr("-=_*|", text.at[0], 5);
}

/* The line that the message follows: mostly ruled with dashes. */
static bool is_copy(struct span line)
{
	static const char *const begins[] = {"received: ",
					     "return-path: ",
					     "content-type: message/rfc822",
					     "original message follows",
					     "original message attached",
					     "system contact:"};
	struct span text = span_trim(line);
	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (span_begins_nocase(text, begins[i]))
			return true;
	return (is_ruled(text) || (text.len && text.at[text.len - 1] == ':')) &&
	       any_of(text, copies, sizeof(copies) / sizeof(*copies)) && !span_contains_nocase(text, "following");
}

static bool is_word_octet(uint8_t c)
{
	return ascii_is_digit(c) || ascii_is_alpha(c);
}

/* Whether a status that ends at `i` goes on there, as a version number or an address does. */
static bool goes_on(struct span text, size_t i)
{
	if (i >= text.len)
		return false;
	return is_word_octet(text.at[i]) || (text.at[i] == '.' && i + 1 < text.len && ascii_is_digit(text.at[i + 1]));
}

/* One to three digits, as subject and detail of a status have (RFC 3463 2). @return how many; 0: another number */
static size_t part_len(struct span text, size_t i)
{
	size_t digits = 0;
	while (i + digits < text.len && ascii_is_digit(text.at[i + digits]))
		digits++;
	return digits <= 3 ? digits : 0;
}

static bool is_status_at(struct span text, size_t at, size_t *ret_len)
{
	size_t subject, detail, end;
	if (text.len - at < 5 || !memchr("245", text.at[at], 3) || text.at[at + 1] != '.' ||
	    (at && (is_word_octet(text.at[at - 1]) || text.at[at - 1] == '.')))
		return false;
	subject = part_len(text, at + 2);
	end = at + 2 + subject;
	if (!subject || end >= text.len || text.at[end] != '.')
		return false;
	detail = part_len(text, end + 1);
	end += 1 + detail;
	if (!detail || goes_on(text, end))
		return false;
	*ret_len = end - at;
	return true;
}

/* "550 ", "(450)": a reply code by itself. */
static bool is_code_at(struct span text, size_t at)
{
	return text.len - at >= 3 && (text.at[at] == '4' || text.at[at] == '5') && text.at[at + 1] <= '5' &&
	       ascii_is_digit(text.at[at + 1]) && ascii_is_digit(text.at[at + 2]) &&
	       (at == 0 || !(is_word_octet(text.at[at - 1]) || memchr(".-_@", text.at[at - 1], 4))) &&
	       (at + 3 == text.len || memchr(" -:)#;,", text.at[at + 3], 7));
}

struct span dsn_status_in(struct span text)
{
	size_t len;
	for (size_t at = 0; at + 9 <= text.len; at++) { /* the one of the reply itself */
		size_t behind = at + 4 + (at + 9 < text.len && memchr("'#[", text.at[at + 4], 3));
		if (is_code_at(text, at) && is_status_at(text, behind, &len) && text.at[behind] == text.at[at])
			return span_of(text.at + behind, len);
	}
	for (size_t at = 0; at + 5 <= text.len; at++)
		if (is_status_at(text, at, &len))
			return span_of(text.at + at, len);
	for (size_t at = 0; at + 3 <= text.len; at++)
		if (is_code_at(text, at))
			return span_str(text.at[at] == '4' ? "4.0.0" : "5.0.0");
	return (struct span){0};
}

struct notice {
	struct recipients *recipients;
	struct span domain;       /* of who wrote it; empty: unknown */
	size_t indent;            /* of the line with the address that the reason belongs to */
	bool names;               /* names without a domain may follow: AOL's form */
	bool fields;              /* the message's own To is the recipient */
	bool sender;              /* the line before ends with "sent by": an address now is the sender's */
	struct dsn_recipient *to; /* whose reason the lines are; NULL: none yet */
	size_t first_of_group;    /* several addresses may share one reason */
	struct buf reason;
	struct span reply; /* a line of the reason that begins with a code */
	int paragraphs;    /* of the reason, empty lines between them */
	bool failed, delayed, blank;
};

static bool is_one_of(struct span line, size_t at, const char *octets)
{
	return at < line.len && memchr(octets, line.at[at], strlen(octets));
}

/* Where an address that begins at `from` ends, without the full stop of a sentence. */
static size_t address_end(struct span line, size_t from)
{
	size_t to = from;
	while (to < line.len && to - from < ADDRESS_OCTETS_MAX && is_address_octet(line.at[to]) && line.at[to] != '\'')
		to++;
	while (to > from && line.at[to - 1] == '.')
		to--;
	return to;
}

/* An address that begins the line, with or without brackets and an X.400 mark. @return its end in the line; 0: none. */
static size_t leading_address(struct span line, struct span *ret_mailbox)
{
	size_t from = 0, to;
	bool bracket;
	while (from < line.len && (ascii_is_space(line.at[from]) || is_one_of(line, from, "*->")))
		from++;
	if (span_begins_nocase(span_from(line, from), "smtp:"))
		from += 5;
	bracket = is_one_of(line, from, "<'\"[");
	from += bracket;
	to = address_end(line, from);
	*ret_mailbox = header_mailbox(span_of(line.at + from, to - from));
	if (!ret_mailbox->len || (bracket && !is_one_of(line, to, ">'\"]")))
		return 0;
	return to + bracket;
}

static struct span after_mark(struct span rest)
{
	while (rest.len && (ascii_is_space(rest.at[0]) || memchr(":;.,-", rest.at[0], 5)))
		rest = span_from(rest, 1);
	return rest;
}

/* The address begins the line and nothing but its reason follows. */
static bool is_recipient_line(struct span line, struct span *ret_mailbox, struct span *ret_reason)
{
	size_t end = leading_address(line, ret_mailbox);
	struct span rest = end ? span_from(line, end) : (struct span){0};
	if (!end)
		return false;
	*ret_reason = after_mark(rest);
	if (span_trim(rest).len == 0)
		return true;
	if (span_begins_nocase(span_trim(rest), "on ") || span_begins_nocase(span_trim(rest), "(reason") ||
	    span_begins_nocase(span_trim(rest), "(expanded"))
		return true;
	/* "a@b: text", "a@b... text", "a@b ... text", "a@b [text]", "<a@b> text" */
	return memchr(":;.[,(-", rest.at[0], 7) || span_begins_nocase(span_trim(rest), "<") ||
	       (rest.len > 1 && rest.at[0] == ' ' && memchr("[(-:.", rest.at[1], 5)) || line.at[end - 1] == '>';
}

/* "Recipient address: a@b", "Invalid final delivery userid: a@b": words that are no field of a message, and an address. */
static bool is_labelled(struct span text, struct span *ret_mailbox)
{
	static const char *const fields[] = {"from",          "to",    "cc",      "sender",     "reply-to",
					     "return-path",   "date",  "subject", "message-id", "mail from",
					     "reporting-mta", "e-mail"};
	static const char *const people[] = {"contact", "postmaster", "administrator", "support", "help",
					     "sender",  "reply",      "originator",    "from"};
	size_t colon = span_find(text, ':');
	struct span label = span_trim(span_of(text.at, colon)), rest = span_trim(span_from(text, colon + 1));
	if (colon == 0 || colon > LABEL_OCTETS_MAX || span_begins_nocase(label, "x-") ||
	    span_find(label, '@') < label.len || any_of(label, people, sizeof(people) / sizeof(*people)))
		return false;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (span_equal_nocase(label, span_str(fields[i])) || span_begins_nocase(label, "mail from"))
			return false;
	if (rest.len > 2 && rest.at[0] == '[' && rest.at[rest.len - 1] == ']')
		rest = span_of(rest.at + 1, rest.len - 2);
	*ret_mailbox = header_mailbox(span_begins_nocase(rest, "smtp:") ? span_from(rest, 5) : rest);
	return ret_mailbox->len > 0;
}

/* The octet behind the word; 0: it is not there. */
static size_t behind_word(struct span line, const char *word)
{
	for (size_t at = 0; at < line.len; at++)
		if (span_begins_nocase(span_from(line, at), word))
			return at + strlen(word);
	return 0;
}

static bool ends_with(struct span text, const char *word)
{
	size_t len = strlen(word);
	return text.len >= len && span_begins_nocase(span_from(text, text.len - len), word);
}

/* "There was an error delivering your mail to <a@b>." */
static bool is_sentence(struct span line, struct span *ret_mailbox, struct span *ret_reason)
{
	static const char *const others[] = {"contact",   "send mail to", "postmaster", "message from",
					     "mail from", "sender",       "sorry "};
	size_t start = behind_word(line, "addressed to"), at = start + span_find(span_from(line, start), '@'),
	       from = at, to = at;
	if (at >= line.len || !any_of(line, failures, sizeof(failures) / sizeof(*failures)) ||
	    any_of(line, others, sizeof(others) / sizeof(*others)))
		return false;
	while (from > 0 && at - from < ADDRESS_OCTETS_MAX && is_address_octet(line.at[from - 1]))
		from--;
	while (to < line.len && to - at < ADDRESS_OCTETS_MAX && is_address_octet(line.at[to]))
		to++;
	while (to > at && (line.at[to - 1] == '.' || line.at[to - 1] == '\''))
		to--;
	from += from < at && line.at[from] == '\'';
	*ret_reason = after_mark(span_from(line, to + (to < line.len && line.at[to] == '>')));
	*ret_mailbox = header_mailbox(span_of(line.at + from, to - from));
	return ret_mailbox->len > 0;
}

/* What stands in place of an address: Exim's "(generated from a@b)" below "an undisclosed address", Exchange's X.400 forms,
 * "(Originally addressed to a@b)". */
static bool is_elsewhere(struct span line, struct span *ret_mailbox)
{
	static const char *const marks[] = {"(generated from ", "(originally addressed to ",
					    "dda:smtp=", "dda:smtp(a)="};
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		for (size_t at = 0; at + strlen(marks[i]) < line.len; at++) {
			struct span rest;
			size_t len = 0;
			if (!span_begins_nocase(span_from(line, at), marks[i]))
				continue;
			rest = span_from(line, at + strlen(marks[i]));
			while (len < rest.len && is_address_octet(rest.at[len]))
				len++;
			*ret_mailbox = header_mailbox(span_of(rest.at, len));
			if (ret_mailbox->len)
				return true;
		}
	return false;
}

/* "550 <a@b>... User unknown", "<<< 550 5.1.1 <a@b>: ...", "RCPT TO:<a@b>", "Recipient: a@b". */
static bool is_session_line(struct span line, struct span *ret_mailbox)
{
	struct span text = span_trim(line);
	if (span_begins_nocase(text, "<<< "))
		text = span_trim(span_from(text, 4));
	if (is_labelled(text, ret_mailbox))
		return true;
	if (!is_code_at(text, 0))
		return false;
	text = span_trim(span_from(text, 4));
	if (dsn_status_in(text).at == text.at && text.len > 5)
		text = span_trim(span_from(text, dsn_status_in(text).len));
	return leading_address(text, ret_mailbox) > 0;
}

static struct dsn_recipient *known(const struct recipients *r, struct span mailbox)
{
	for (size_t i = 0; i < r->count; i++)
		if (span_equal_nocase(r->at[i].recipient, mailbox))
			return &r->at[i];
	return NULL;
}

/* The reason read so far goes to every address that stands above it without one. */
static void settle(struct notice *n)
{
	struct recipients *r = n->recipients;
	struct span text = n->reply.len ? n->reply : span_trim(buf_span(&n->reason));
	char *copy = text.len ? arena_copy(r->arena, text) : NULL;
	for (size_t i = n->first_of_group; copy && i < r->count; i++)
		if (!r->at[i].diagnostic.len)
			r->at[i].diagnostic = span_of(copy, text.len);
	if (text.len && !copy)
		r->error = -ENOMEM;
	buf_clear(&n->reason);
	n->reply = (struct span){0};
	n->paragraphs = 0;
}

/* Exchange: "mx.example.net #550 5.7.1 Service unavailable ##", "mx.example.net #<#5.7.1 smtp;550 ...> #SMTP#". */
static bool is_exchange_reply(struct span text)
{
	for (size_t at = 0; at + 6 < text.len; at++) {
		struct span rest = span_from(text, at + 1 + (text.at[at + 1] == '<'));
		if (text.at[at] != '#' || (at && text.at[at - 1] != ' ' && text.at[at - 1] != '<'))
			continue;
		if (is_code_at(rest, 0) || text.at[at + 1] == '<' || dsn_status_in(rest).at == rest.at)
			return true;
	}
	return false;
}

/* "550 5.7.1 ...", "Remote Server returned '550 5.7.1 ...'": the receiver's own words. */
static bool quotes_reply(struct span text)
{
	return is_code_at(text, 0) || is_exchange_reply(text) ||
	       ((span_contains_nocase(text, "returned") || span_contains_nocase(text, " said")) &&
		dsn_status_in(text).len);
}

/* A line of the reason. One that is the server's own reply is worth more than the words around it. */
static void add_reason(struct notice *n, struct span text)
{
	text = span_trim(text);
	if (span_begins_nocase(text, "<<< "))
		text = span_trim(span_from(text, 4));
	if (span_begins_nocase(text, "(reason:"))
		text = span_trim(span_from(text, 8));
	if (text.len == 0 || n->reason.len + text.len + 2 > DSN_DIAGNOSTIC_OCTETS_MAX)
		return;
	if (n->paragraphs > 0 && quotes_reply(text) && !dsn_status_in(buf_span(&n->reason)).len)
		buf_clear(&n->reason);
	else if (n->paragraphs >= PARAGRAPHS_MAX || (n->paragraphs > 0 && dsn_status_in(buf_span(&n->reason)).len))
		return;
	if (n->reason.len)
		buf_add_char(&n->reason, ' ');
	buf_add(&n->reason, text);
}

/* A line with the address that the reason belongs to. */
static void named_again(struct notice *n, struct span line)
{
	bool reply = is_code_at(span_trim(line), 0);
	if (n->paragraphs == 0 && n->reason.len && !reply)
		add_reason(n, line); /* the reply goes on */
	else if (reply && !n->reply.len)
		n->reply = span_trim(line);
	else if (!dsn_status_in(buf_span(&n->reason)).len)
		add_reason(n, line);
}

/* @param line  the whole of it without a mark of the transcript: when the address is the one above, it is of its reason. */
static void take_recipient(struct notice *n, struct span mailbox, struct span line, struct span reason)
{
	struct dsn_recipient *to = known(n->recipients, mailbox);
	if (to && (size_t)(to - n->recipients->at) >= n->first_of_group && to == n->to) {
		named_again(n, line);
		return;
	}
	if (n->reason.len || (n->to && n->to->diagnostic.len)) {
		settle(n);
		n->first_of_group = n->recipients->count;
	}
	if (!to) {
		to = dsn_recipient_add(n->recipients);
		if (!to)
			return;
		*to = (struct dsn_recipient){.recipient = mailbox, .action = span_str("failed")};
	} else if (!to->diagnostic.len) {
		n->first_of_group = (size_t)(to - n->recipients->at);
	}
	n->to = to;
	n->paragraphs = 0;
	add_reason(n, reason);
}

static size_t indent_of(struct span line)
{
	size_t at = 0;
	while (at < line.len && ascii_is_space(line.at[at]))
		at++;
	return at;
}

/* Lines that are indented more than the address, right below it, belong to its reason whatever they look like. */
static bool is_below(const struct notice *n, struct span line)
{
	return n->to && n->paragraphs == 0 && indent_of(line) > n->indent;
}

/* AOL has names of its own users: "could not be delivered because ...:" and lines with one word. */
static bool is_name(const struct notice *n, struct span line, struct span *ret_mailbox)
{
	struct span word = span_trim(line);
	char *text;
	if (!n->names || !n->domain.len || indent_of(line) == 0 || word.len == 0 || word.len > LABEL_OCTETS_MAX)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (!ascii_is_alpha(word.at[i]) && !ascii_is_digit(word.at[i]) && word.at[i] != '_' &&
		    word.at[i] != '.')
			return false;
	text = arena_printf(n->recipients->arena, "%.*s@%.*s", (int)word.len, (const char *)word.at, (int)n->domain.len,
			    (const char *)n->domain.at);
	*ret_mailbox = text ? header_mailbox(span_str(text)) : (struct span){0};
	return ret_mailbox->len > 0;
}

static void note_words(struct notice *n, struct span line)
{
	struct span text = span_trim(line);
	n->failed |= any_of(line, failures, sizeof(failures) / sizeof(*failures));
	n->delayed |= any_of(line, delays, sizeof(delays) / sizeof(*delays));
	n->names |= span_contains_nocase(line, "because they are not accepting mail") ||
		    span_contains_nocase(line, "following recipients could not be delivered");
	n->fields |= span_contains_nocase(text, "able to deliver the following message");
}

/* The line with an address and what of it is its reason. */
static bool finds_recipient(struct notice *n, struct span line, struct span bare, struct span *ret_mailbox,
			    struct span *ret_reason)
{
	if (is_elsewhere(line, ret_mailbox))
		return !is_below(n, line);
	if (is_below(n, line))
		return false;
	if (is_recipient_line(line, ret_mailbox, ret_reason))
		return true;
	if (is_session_line(line, ret_mailbox)) {
		*ret_reason = is_code_at(bare, 0) ? bare : *ret_reason;
		return true;
	}
	if (n->fields && span_begins_nocase(span_trim(line), "to:")) {
		*ret_mailbox = header_mailbox(span_from(span_trim(line), 3));
		return ret_mailbox->len > 0;
	}
	return n->recipients->count == 0 &&
	       (is_name(n, line, ret_mailbox) || is_sentence(line, ret_mailbox, ret_reason));
}

static void take_line(struct notice *n, struct span line)
{
	struct span mailbox, bare, reason = {0};
	note_words(n, line);
	if (span_trim(line).len == 0) {
		n->paragraphs += n->reason.len > 0;
		return;
	}
	bare = span_trim(span_begins_nocase(span_trim(line), "<<< ") ? span_from(span_trim(line), 4) : line);
	if (!n->sender && n->failed && finds_recipient(n, line, bare, &mailbox, &reason)) {
		take_recipient(n, mailbox, bare, reason);
		n->indent = indent_of(line);
	} else if (n->to) {
		add_reason(n, line);
	}
	n->sender = ends_with(span_trim(line), "sent by") || ends_with(span_trim(line), "message from");
}

bool dsn_notice_read(struct span text, bool trusted, struct span domain, struct recipients *r)
{
	struct notice n = {.recipients = r,
			   .domain = domain,
			   .reason = buf_make(DSN_DIAGNOSTIC_OCTETS_MAX),
			   .first_of_group = r->count,
			   .failed = trusted};
	struct span rest = text, line;
	for (int i = 0; i < DSN_LINES_MAX && header_line_next(&rest, &line); i++) {
		if (n.failed && is_copy(line))
			break;
		take_line(&n, line);
	}
	settle(&n);
	buf_release(&n.reason);
	for (size_t i = 0; i < r->count; i++) {
		if (!r->at[i].status.len)
			r->at[i].status = dsn_status_in(r->at[i].diagnostic);
		if (n.delayed)
			r->at[i].action = span_str("delayed");
	}
	return n.failed && r->count > 0;
}
