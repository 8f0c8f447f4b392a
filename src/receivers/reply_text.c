/* SPDX-License-Identifier: BSD-2-Clause */
/* A reply as logs and bounces have it, made one line: its code once, single blanks, and a copy in which the words that
 * the sender of a message chose cannot be mistaken for the receiver's. */
#include <stdlib.h>

#include "base/ascii.h"
#include "receivers/reply.h"

enum {
	START_OCTETS_MAX = 1000,
	LINK_WORD_OCTETS = 16, /* a word that tells whose link it is stands so near */
	LINK_PHRASE_OCTETS = 48,
	LOCAL_OCTETS_MAX = 320,
	UNDERSCORES_MIN = 3,
	STATUS_OCTETS_MAX = 11,
};

/* qmail writes blanks as underscores into its log. */
static bool underscored(struct span reply)
{
	size_t count = 0;
	if (span_find(reply, ' ') < reply.len)
		return false;
	for (size_t i = 0; i < reply.len; i++)
		count += reply.at[i] == '_';
	return count >= UNDERSCORES_MIN;
}

/* How many octets at `at` stand for a blank: Exim writes a line end as \n. 0: none does. */
static size_t blank_len(struct span reply, size_t at, bool under)
{
	uint8_t c = reply.at[at];
	if (c <= ' ' || c == 0x7f || (under && c == '_'))
		return 1;
	return c == '\\' && at + 1 < reply.len && (reply.at[at + 1] == 'n' || reply.at[at + 1] == 'r') ? 2 : 0;
}

/* Blanks and control octets become one blank. */
static size_t unfold(char *to, struct span reply)
{
	bool blank = true, under;
	size_t len = 0, blanks;
	if (reply.len > REPLY_OCTETS_MAX)
		reply.len = REPLY_OCTETS_MAX;
	under = underscored(reply);
	for (size_t i = 0; i < reply.len; i += blanks ? blanks : 1) {
		blanks = blank_len(reply, i, under);
		if (!blanks)
			to[len++] = (char)reply.at[i];
		else if (!blank)
			to[len++] = ' ';
		blank = blanks > 0;
	}
	return len && to[len - 1] == ' ' ? len - 1 : len;
}

static uint16_t code_at(const char *text, size_t len)
{
	if (len < 3 || text[0] < '2' || text[0] > '5' || !ascii_is_digit((uint8_t)text[1]) ||
	    !ascii_is_digit((uint8_t)text[2]) || (len > 3 && text[3] != ' ' && text[3] != '-'))
		return 0;
	return (uint16_t)((text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0'));
}

/* Up to three digits. @return how many; 0: none or more */
static size_t number_len(const char *text, size_t len)
{
	size_t digits = 0;
	while (digits < len && digits < 4 && ascii_is_digit((uint8_t)text[digits]))
		digits++;
	return digits <= 3 ? digits : 0;
}

/* RFC 3463 2: class "." subject "." detail. @return its octets; 0: none stands there. */
static size_t status_at(const char *text, size_t len)
{
	size_t subject, detail, at;
	if (len < 5 || !memchr("245", text[0], 3) || text[1] != '.')
		return 0;
	subject = number_len(text + 2, len - 2);
	at = 2 + subject;
	if (!subject || at >= len || text[at] != '.')
		return 0;
	detail = number_len(text + at + 1, len - at - 1);
	at += 1 + detail;
	return !detail || (at < len && text[at] == '.') ? 0 : at;
}

/* Where the reply itself begins: MTAs put "host X said: " or the like before it. */
static size_t reply_begin(const char *text, size_t len, uint16_t code)
{
	size_t limit = len < START_OCTETS_MAX ? len : START_OCTETS_MAX;
	if (code_at(text, len))
		return 0;
	for (size_t i = 1; i < limit; i++) {
		size_t before = i >= 2 && text[i - 1] == ' ' ? i - 2 : i - 1;
		uint16_t here;
		if (!memchr(":;<(", text[before], 4))
			continue;
		here = code_at(text + i, len - i);
		if (here >= 400 && (!code || here == code))
			return i;
	}
	return 0;
}

/* Postfix: "(in reply to end of DATA command)". */
static size_t cut_tail(const char *text, size_t len)
{
	static const char words[] = "(in reply to ";
	size_t at = len;
	while (at > 0 && text[at - 1] == ')')
		at--;
	if (at == len)
		return len;
	while (at > 0 && text[at - 1] != '(')
		at--;
	if (at == 0 || len - at + 1 < sizeof(words) || memcmp(text + at - 1, words, sizeof(words) - 1) != 0)
		return len;
	at--;
	return at > 0 && text[at - 1] == ' ' ? at - 1 : at;
}

struct head {
	char code[4], status[STATUS_OCTETS_MAX + 1];
	size_t status_len;
};

/* The octets of a code, and of the status behind it, that are said again at a line of a joined reply. */
static size_t repeated(const struct head *h, const char *text, size_t len)
{
	size_t skip;
	if (!h->code[0] || len < 4 || memcmp(text, h->code, 3) != 0 || (text[3] != ' ' && text[3] != '-'))
		return 0;
	skip = 4;
	if (h->status_len && len - skip > h->status_len && memcmp(text + skip, h->status, h->status_len) == 0 &&
	    text[skip + h->status_len] == ' ')
		skip += h->status_len + 1;
	return skip;
}

static void set_status(struct head *h, const char *text, size_t len)
{
	if (len == 0 || len > STATUS_OCTETS_MAX)
		return;
	memcpy(h->status, text, len);
	h->status_len = len;
}

static void add_head(struct reply_text *t, const char *text, size_t len)
{
	if (len == 0)
		return;
	memcpy(t->plain + t->len, text, len);
	t->len += len;
	t->plain[t->len++] = ' ';
}

static void write_plain(struct reply_text *t, const struct head *h, const char *text, size_t len)
{
	size_t at = 0;
	add_head(t, h->code, h->code[0] ? 3 : 0);
	add_head(t, h->status, h->status_len);
	t->head = t->len;
	while (at < len) {
		/* up to the next place where the code stands again */
		const char *next = h->code[0] ? memmem(text + at, len - at, h->code, 3) : NULL;
		size_t end = next ? (size_t)(next - text) : len;
		memcpy(t->plain + t->len, text + at, end - at);
		t->len += end - at;
		at = end;
		if (at < len) {
			size_t skip = at == 0 || text[at - 1] == ' ' ? repeated(h, text + at, len - at) : 0;
			if (skip == 0)
				t->plain[t->len++] = text[at++];
			at += skip;
		}
	}
	t->plain[t->len] = '\0';
}

static void set_code(struct head *h, uint16_t code)
{
	if (code < 200 || code >= 600)
		return;
	h->code[0] = (char)('0' + code / 100);
	h->code[1] = (char)('0' + code / 10 % 10);
	h->code[2] = (char)('0' + code % 10);
}

static void join(struct reply_text *t, uint16_t code, struct span status, struct span reply)
{
	char raw[REPLY_SIZE];
	struct head h = {{0}};
	size_t len = unfold(raw, reply), at = reply_begin(raw, len, code), found;
	uint16_t told = code_at(raw + at, len - at);
	if (told)
		at = at + 4 < len ? at + 4 : len;
	t->code = told ? told : code;
	set_code(&h, t->code);
	found = status_at(raw + at, len - at);
	if (found)
		set_status(&h, raw + at, found);
	else if (status_at((const char *)status.at, status.len) == status.len)
		set_status(&h, (const char *)status.at, status.len);
	at += found;
	if (at < len && raw[at] == ' ')
		at++;
	t->len = 0;
	write_plain(t, &h, raw + at, cut_tail(raw + at, len - at));
}

static void mask(struct reply_text *t, size_t from, size_t to)
{
	memset(t->masked + from, REPLY_MASK, to - from);
}

static bool is_local_octet(uint8_t c) /* RFC 5322 3.2.3, dots, and octets beyond ASCII (RFC 6531) */
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c >= 0x80 || (c && memchr("!#$%&'*+-/=?^_`{|}~.", c, 20));
}

static bool is_host_octet(uint8_t c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '.' || c == '-' || c == '_' || c >= 0x80;
}

static int by_text(const void *key, const void *at)
{
	return strcmp(key, *(const char *const *)at);
}

static bool is_known(const struct mailboxes *known, const char *text, size_t len)
{
	char name[LOCAL_OCTETS_MAX];
	if (!known || known->count == 0 || len >= sizeof(name))
		return false;
	memcpy(name, text, len);
	name[len] = '\0';
	ascii_lower_all(name);
	return bsearch(name, known->at, known->count, sizeof(*known->at), by_text) != NULL;
}

/* The beginning of the local part before the sign at `at`; everything behind a "<" belongs to it, whatever it is. */
static size_t local_begin(const struct reply_text *t, size_t at)
{
	size_t from = at, limit = at > LOCAL_OCTETS_MAX ? at - LOCAL_OCTETS_MAX : 0;
	for (size_t i = at; i > limit && t->plain[i - 1] != '>'; i--)
		if (t->plain[i - 1] == '<')
			return i;
	if (from > 0 && t->plain[from - 1] == '"') {
		for (size_t i = from - 1; i > limit; i--)
			if (t->plain[i - 1] == '"')
				return i - 1;
	}
	while (from > limit && is_local_octet((uint8_t)t->plain[from - 1]))
		from--;
	return from;
}

static void mask_addresses(struct reply_text *t, const struct mailboxes *known)
{
	for (size_t at = t->head; at < t->len; at++) {
		size_t from, to;
		at += span_find(span_of(t->plain + at, t->len - at), '@');
		if (at == t->len)
			return;
		to = at + 1;
		from = local_begin(t, at);
		while (to < t->len && is_host_octet((uint8_t)t->plain[to]))
			to++;
		while (to > at + 1 && memchr(".-", t->plain[to - 1], 2))
			to--;
		if (from < t->head)
			from = t->head;
		if (from < at && !is_known(known, t->plain + from, to - from))
			mask(t, from, to);
		at = to - 1;
	}
}

/* What follows the word up to the last octet that can close the quotation: the quoted text may hold such octets itself. */
static void mask_quoted(struct reply_text *t, size_t at)
{
	static const char opens[] = "\"'`<([", closes[] = "\"''>)]";
	bool told = false;
	const char *open, *close;
	while (at < t->len && (t->plain[at] == ' ' || t->plain[at] == ':' || t->plain[at] == '='))
		told |= t->plain[at++] != ' ';
	if (at >= t->len)
		return;
	open = strchr(opens, t->plain[at]);
	close = open && t->plain[at] ? memrchr(t->plain + at + 1, closes[open - opens], t->len - at - 1) : NULL;
	if (close)
		mask(t, at + 1, (size_t)(close - t->plain));
	else if (open || told)
		mask(t, at, t->len);
}

static const struct word {
	char text[12];
	uint8_t len;
} quoting[] = {{"subject", 7}, {"filename", 8}, {"attachment", 10}, {"helo", 4}, {"ehlo", 4}};

static void mask_subject_at(struct reply_text *t, size_t at)
{
	uint8_t first = ascii_lower((uint8_t)t->plain[at]), second = ascii_lower((uint8_t)t->plain[at + 1]);
	for (size_t i = 0; i < sizeof(quoting) / sizeof(*quoting); i++) {
		const struct word *w = &quoting[i];
		if (first == (uint8_t)w->text[0] && second == (uint8_t)w->text[1] && t->len - at > w->len &&
		    span_equal_nocase(span_of(t->plain + at, w->len), span_of(w->text, w->len)))
			mask_quoted(t, at + w->len);
	}
}

static void mask_subjects(struct reply_text *t)
{
	static const bool firsts[256] = {['s'] = true, ['S'] = true, ['f'] = true, ['F'] = true, ['a'] = true,
					 ['A'] = true, ['h'] = true, ['H'] = true, ['e'] = true, ['E'] = true};
	for (size_t at = t->head; at < t->len; at++)
		if (firsts[(uint8_t)t->plain[at]] && (at == 0 || !ascii_is_alpha((uint8_t)t->plain[at - 1])))
			mask_subject_at(t, at);
}

static bool any_word(struct span text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(words[i]);
		for (size_t at = 0; at + len <= text.len; at++)
			if (ascii_lower(text.at[at]) == (uint8_t)words[i][0] &&
			    span_equal_nocase(span_of(text.at + at, len), span_of(words[i], len)))
				return true;
	}
	return false;
}

/* "message contains http://...": a link of the message, unless the words send the reader there. */
static bool is_link_of_message(const struct reply_text *t, size_t at)
{
	static const char *const of_message[] = {"url", "uri", "body", "contain", "website", "links"};
	static const char *const of_receiver[] = {"see ", "visit", "info", "detail", "refer", "check ", "go to"};
	size_t near = at > LINK_WORD_OCTETS ? at - LINK_WORD_OCTETS : 0;
	size_t far = at > LINK_PHRASE_OCTETS ? at - LINK_PHRASE_OCTETS : 0;
	return any_word(span_of(t->plain + near, at - near), of_message, sizeof(of_message) / sizeof(*of_message)) &&
	       !any_word(span_of(t->plain + far, at - far), of_receiver, sizeof(of_receiver) / sizeof(*of_receiver));
}

static void mask_links(struct reply_text *t)
{
	for (size_t at = t->head; at + 3 < t->len; at++) {
		const char *hit = memmem(t->plain + at, t->len - at, "://", 3);
		size_t from, to;
		if (!hit)
			return;
		from = to = (size_t)(hit - t->plain);
		while (from > t->head && ascii_is_alpha((uint8_t)t->plain[from - 1]))
			from--;
		while (to < t->len && t->plain[to] != ' ')
			to++;
		if (is_link_of_message(t, from))
			mask(t, from, to);
		at = to;
	}
}

void reply_prepare(struct reply_text *t, const struct mailboxes *known, uint16_t code, struct span status,
		   struct span reply)
{
	join(t, code, status, reply);
	memcpy(t->masked, t->plain, t->len + 1);
	if (memchr(t->plain, '@', t->len))
		mask_addresses(t, known);
	mask_subjects(t);
	mask_links(t);
}
