/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/explain_paste.h"

#include <errno.h>

#include "base/ascii.h"
#include "base/buf.h"

enum { REASON_OCTETS_MAX = 8192, LISTING_LINES_MAX = 100000, NAME_OCTETS_MAX = 255 };

static bool begins(struct span text, const char *word)
{
	size_t len = strlen(word);
	return text.len >= len && memcmp(text.at, word, len) == 0;
}

static const uint8_t *find(struct span text, const char *word)
{
	if (text.len > PTRDIFF_MAX) /* no span is; without this gcc 12 warns of memmem() where all is one unit (LTO) */
		return NULL;
	return text.at && text.len ? memmem(text.at, text.len, word, strlen(word)) : NULL;
}

static bool has(struct span text, const char *word)
{
	return find(text, word) != NULL;
}

/* Where the text goes on behind the word; text.len + 1: it is not there. */
static size_t behind(struct span text, const char *word)
{
	const uint8_t *hit = find(text, word);
	return hit ? (size_t)(hit - text.at) + strlen(word) : text.len + 1;
}

static bool next_line(struct span *rest, struct span *ret_line)
{
	size_t len = span_find(*rest, '\n');
	if (rest->len == 0)
		return false;
	*ret_line = span_of(rest->at, len);
	*rest = span_from(*rest, len + 1);
	return true;
}

static bool is_host_octet(uint8_t c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '.' || c == '-' || c == '_';
}

struct span paste_relay(struct span text)
{
	static const char *const words[] = {"host ", "relay=", " H=", "talking to ", "RCPT with "};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		struct span rest = span_from(text, behind(text, words[i]));
		size_t len = 0;
		while (len < rest.len && len < NAME_OCTETS_MAX && is_host_octet(rest.at[len]))
			len++;
		while (len && rest.at[len - 1] == '.')
			len--;
		if (len > 3 && span_find(span_of(rest.at, len), '.') < len &&
		    (len == rest.len || memchr("[ .:", rest.at[len], 4)))
			return span_of(rest.at, len);
	}
	return (struct span){0};
}

/* The text in the first pair of marks behind `from`. */
static struct span between(struct span text, size_t from, uint8_t open, uint8_t close)
{
	struct span rest = span_from(text, from);
	size_t start = span_find(rest, open), end;
	rest = span_from(rest, start + 1);
	end = span_find(rest, close);
	return end < rest.len ? span_of(rest.at, end) : (struct span){0};
}

/* Postfix: "NOQUEUE: reject: RCPT from host[192.0.2.10]: 554 5.7.1 ...; from=<...>". */
static bool ours_postfix(struct span line, struct paste_piece *p)
{
	static const char *const words[] = {": reject: ", ": milter-reject: ", ": reject_warning: "};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t at = behind(line, words[i]);
		struct span rest = span_from(line, at), client;
		if (at > line.len || !has(rest, " from "))
			continue;
		rest = span_from(rest, behind(rest, " from "));
		client = between(rest, 0, '[', ']');
		rest = span_from(rest, behind(rest, "]"));
		rest = span_from(rest, behind(rest, ": "));
		*p = (struct paste_piece){.ours = true, .client = client, .reply = rest};
		if (has(rest, "; from=<"))
			p->reply.len = behind(rest, "; from=<") - strlen("; from=<");
		return client.len > 0 && p->reply.len > 0;
	}
	return false;
}

/* Exim: "H=(name) [192.0.2.10] F=<a@b> rejected RCPT <c@d>: reason". */
static bool ours_exim(struct span line, struct paste_piece *p)
{
	static const char *const words[] = {" rejected RCPT", " rejected after DATA", " rejected EHLO",
					    " rejected HELO", " rejected MAIL",       " rejected connection"};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		const uint8_t *hit = find(line, words[i]);
		struct span before, rest;
		if (!hit)
			continue;
		before = span_of(line.at, (size_t)(hit - line.at));
		rest = span_from(line, before.len + strlen(words[i]));
		if (!has(before, "H="))
			continue;
		*p = (struct paste_piece){.ours = true,
					  .client = between(before, behind(before, "H="), '[', ']'),
					  .reply = span_from(rest, behind(rest, ": "))};
		if (p->reply.len == 0)
			p->reply = span_trim(rest);
		return p->client.len > 0;
	}
	return false;
}

/* Sendmail: "ruleset=check_relay, arg1=..., relay=host [192.0.2.10], reject=550 5.7.1 ..."; OpenSMTPD's failed-command;
 * Postfix's dnsblog: "addr 192.0.2.10 listed by domain ZONE as 127.0.0.4". */
static bool ours_other(struct span line, struct paste_piece *p)
{
	if (has(line, "ruleset=check_") && has(line, "reject=")) {
		*p = (struct paste_piece){.ours = true,
					  .client = between(line, behind(line, "relay="), '[', ']'),
					  .reply = span_from(line, behind(line, "reject="))};
		return true;
	}
	if (has(line, "failed-command") && has(line, "result=\"")) {
		*p = (struct paste_piece){.ours = true, .reply = between(line, behind(line, "result="), '"', '"')};
		return p->reply.len > 0;
	}
	if (has(line, " listed by domain ") && has(line, "addr ")) {
		struct span rest = span_from(line, behind(line, "addr "));
		*p = (struct paste_piece){
			.ours = true, .client = span_of(rest.at, span_find(rest, ' ')), .reply = rest};
		return true;
	}
	return false;
}

static struct span recipient_in(struct span line)
{
	struct span to = between(line, behind(line, " to="), '<', '>');
	return has(line, " to=<") ? to : (struct span){0};
}

static struct paste_piece piece_of(struct span line)
{
	struct paste_piece p;
	if (ours_postfix(line, &p) || ours_exim(line, &p) || ours_other(line, &p))
		return p;
	return (struct paste_piece){.reply = line, .recipient = recipient_in(line), .relay = paste_relay(line)};
}

static bool is_code(struct span line)
{
	return line.len > 3 && line.at[0] >= '2' && line.at[0] <= '5' && ascii_is_digit(line.at[1]) &&
	       ascii_is_digit(line.at[2]) && (line.at[3] == ' ' || line.at[3] == '-');
}

/* A line that is a reply or holds one. */
static bool is_reply_line(struct span line)
{
	static const char *const words[] = {
		" said: ",           "refused to talk to me", "status=", "SMTP error from", ": reject: ",
		": milter-reject: ", " rejected RCPT",        "reject=", "stat=",           "result=\"",
		" listed by domain "};
	if (is_code(line))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (has(line, words[i]))
			return true;
	return false;
}

static bool is_queue_head(struct span line)
{
	return begins(line, "-Queue ID-") || has(line, "-----Q-ID-----") || has(line, "----Q-ID") ||
	       (begins(line, "-- ") && has(line, " Request"));
}

struct splitting {
	struct arena *arena;
	struct paste *paste;
	struct buf reason;
	int open; /* parentheses of the reason */
	struct span done;
	bool used; /* the reason has a recipient */
	int error;
};

static void add(struct splitting *s, const struct paste_piece *piece)
{
	if (s->paste->count < PASTE_PIECES_MAX)
		s->paste->at[s->paste->count++] = *piece;
}

static void reason_ends(struct splitting *s)
{
	struct span text = buf_span(&s->reason);
	char *copy;
	if (text.len > 2) /* without its marks */
		text = span_of(text.at + 1, text.len - 1 - (text.at[text.len - 1] == ')'));
	copy = arena_copy(s->arena, text);
	s->error = copy ? s->error : -ENOMEM;
	s->done = copy ? span_of(copy, text.len) : (struct span){0};
	s->used = false;
	buf_clear(&s->reason);
	s->open = 0;
}

static void reason_line(struct splitting *s, struct span line)
{
	if (s->reason.len)
		buf_add_char(&s->reason, ' ');
	buf_add(&s->reason, line);
	for (size_t i = 0; i < line.len; i++)
		s->open += line.at[i] == '(' ? 1 : line.at[i] == ')' ? -1 : 0;
	if (s->open <= 0 || s->reason.error)
		reason_ends(s);
}

/* A reason that no recipient follows is a reply all the same. */
static void flush(struct splitting *s)
{
	const struct paste_piece piece = {.reply = s->done, .relay = paste_relay(s->done)};
	if (s->done.len && !s->used)
		add(s, &piece);
	s->done = (struct span){0};
}

static void queue_line(struct splitting *s, struct span line)
{
	struct span word = span_trim(line);
	bool indented = line.len && ascii_is_space(line.at[0]);
	if (paste_is_smtpctl(word)) {
		paste_smtpctl(word, s->paste);
	} else if (s->open > 0) {
		reason_line(s, word);
	} else if (word.len && word.at[0] == '(') {
		flush(s);
		reason_line(s, word);
	} else if (indented && word.len && span_find(word, '@') < word.len && span_find(word, ' ') == word.len) {
		struct paste_piece piece = {.reply = s->done, .recipient = word, .relay = paste_relay(s->done)};
		if (word.at[0] == '<')
			piece.recipient = between(word, 0, '<', '>');
		if (s->done.len)
			add(s, &piece);
		s->used = true;
	} else {
		flush(s);
	}
}

static int split_queue(struct splitting *s, struct span text)
{
	struct span rest = text, line;
	s->reason = buf_make(REASON_OCTETS_MAX);
	for (int i = 0; i < LISTING_LINES_MAX && next_line(&rest, &line); i++)
		queue_line(s, line);
	if (s->reason.len)
		reason_ends(s);
	flush(s);
	buf_release(&s->reason);
	return s->error;
}

/* "550-a", "550-b", "550 c" are one reply. */
static struct span whole_reply(struct span line, struct span *rest)
{
	struct span next = *rest, more;
	struct span trimmed = span_trim(line);
	while (is_code(trimmed) && trimmed.at[3] == '-' && next_line(&next, &more) && is_code(span_trim(more)) &&
	       memcmp(span_trim(more).at, trimmed.at, 3) == 0) {
		line.len = (size_t)(more.at + more.len - line.at);
		*rest = next;
		if (span_trim(more).at[3] == ' ')
			break;
	}
	return span_trim(line);
}

/* @return the number of replies where every line is of one; 0: some line is not. */
static size_t count_replies(struct span text)
{
	struct span rest = text, line;
	size_t count = 0;
	while (next_line(&rest, &line)) {
		if (span_trim(line).len == 0)
			continue;
		line = whole_reply(line, &rest);
		if (!is_reply_line(line))
			return 0;
		count++;
	}
	return count;
}

static void look(struct span text, struct paste *paste)
{
	struct span rest = text, line;
	for (int i = 0; i < LISTING_LINES_MAX && next_line(&rest, &line); i++) {
		paste->queue |= is_queue_head(line) || paste_is_smtpctl(span_trim(line));
		if (!paste->without_them)
			paste->without_them = paste_without_replies(line);
	}
}

int paste_split(struct span text, struct arena *arena, struct paste *ret_paste)
{
	struct paste paste = {.at = arena_alloc(arena, PASTE_PIECES_MAX, sizeof(*paste.at))};
	struct splitting s = {.arena = arena, .paste = &paste};
	struct span rest = text, line;
	if (!paste.at)
		return -ENOMEM;
	if (paste_is_json_queue(text)) {
		paste.queue = true;
		*ret_paste = paste;
		return paste_split_json(text, arena, ret_paste);
	}
	look(text, &paste);
	if (paste.queue) {
		int rc = split_queue(&s, text);
		*ret_paste = paste;
		return rc;
	}
	if (!paste.without_them && count_replies(text) > 1) {
		while (next_line(&rest, &line)) {
			const struct paste_piece piece = piece_of(whole_reply(line, &rest));
			if (piece.reply.len)
				add(&s, &piece);
		}
	} else if (!paste.without_them) {
		const struct paste_piece piece = piece_of(span_trim(text));
		add(&s, &piece);
	}
	*ret_paste = paste;
	return 0;
}
