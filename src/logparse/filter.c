/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Content filters that stand between two queue ids or behind a milter: amavis, rspamd, MailScanner. They know the client
 * that the second id's smtpd does not see. Their ids are Postfix'.
 */
#include "base/ascii.h"
#include "logparse/format.h"

enum { PEERS_MAX = 4 };

static const char instance[] = "postfix"; /* a filter does not say which one it serves */

enum kind { RSPAMD, AMAVIS, MAILSCANNER };

static enum format_claim program(struct span name, uint32_t *ret_kind)
{
	*ret_kind = RSPAMD;
	if (!name.len)
		return CLAIM_ASK;
	if (span_starts(name, "rspamd"))
		return CLAIM_YES;
	*ret_kind = span_starts(name, "amavis") ? AMAVIS : MAILSCANNER;
	return *ret_kind == AMAVIS || span_equal(name, span_str("MailScanner")) ? CLAIM_YES : CLAIM_NO;
}

/* rspamd's own file: "2026-11-24 10:00:00 #1234(rspamd_proxy) <tag>; task; rspamd_task_write_log: .." */
static bool claims(const struct log_line *l)
{
	return l->text.len && l->text.at[0] == '#' && part_find(l->text, "; rspamd_task_write_log: ");
}

static struct span id_at(struct span s)
{
	size_t n = 0;
	while (n < s.len && n < 32 && (ascii_is_alpha(s.at[n]) || ascii_is_digit(s.at[n])))
		n++;
	return span_of(s.at, n);
}

/* "words" outside of quoted addresses, the first place. */
static const uint8_t *find_unquoted(struct span text, const char *words)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '<')
			i += part_quoted(span_from(text, i + 1));
		else if (text.at[i] == (uint8_t)words[0] && span_starts(span_from(text, i), words))
			return text.at + i;
	}
	return NULL;
}

/* ---- amavis: "(12345-01) Passed CLEAN {RelayedOutbound}, LOCAL [IP]:PORT [IP] <from> -> <to>,<to>, Queue-ID: ID,
 * Message-ID: <..>, mail_id: x, Hits: -1, size: 9, queued_as: ID, 500 ms" (amavisd, $log_templ) ---- */

/* The first bracket is the client that handed it to us, the second the first hop that the message names: a claim. */
static void take_amavis_client(struct span head, struct mail_event *e)
{
	for (int i = 0; i < PEERS_MAX; i++) {
		const uint8_t *open = part_find(head, "[");
		struct span inside;
		if (!open)
			return;
		inside = span_from(part_from(head, open), 1);
		head = span_from(inside, span_find(inside, ']') + 1);
		inside.len = span_find(inside, ']');
		if (span_starts(inside, "IPv6:"))
			inside = span_from(inside, 5);
		if (addr_parse(inside, &e->client) == 0)
			return;
		e->client = (struct addr){0};
	}
}

static void take_amavis_sender(struct span from, struct mail_event *e)
{
	const uint8_t *end = find_unquoted(from, "> -> ");
	if (!end)
		return;
	e->has_sender = true;
	e->sender = part_address(span_from(part_before(from, end), 1));
}

static enum line_result amavis(struct span text, struct mail_event *e)
{
	static const char queue[] = ", Queue-ID: ", queued[] = ", queued_as: ", hits[] = ", Hits: ";
	const uint8_t *sender, *id, *tail, *later;
	size_t close = span_find(text, ')');
	struct span rest = text.len && text.at[0] == '(' ? span_from(text, close + 2) : text;
	if (!span_starts(rest, "Passed ") && !span_starts(rest, "Blocked "))
		return LINE_QUIET;
	sender = part_find(rest, " <");
	id = find_unquoted(rest, queue);
	if (!sender || !id || id < sender)
		return LINE_QUIET;
	e->id = id_at(span_from(part_from(rest, id), sizeof(queue) - 1));
	take_amavis_client(part_before(rest, sender), e);
	take_amavis_sender(span_from(part_from(rest, sender), 1), e);
	tail = part_find_last(rest, hits); /* the Message-ID before it is the sender's own text */
	later = tail && tail > id ? part_find(part_from(rest, tail), queued) : NULL;
	if (!e->id.len)
		return LINE_QUIET;
	e->kind = EVENT_ACCEPT;
	if (!later)
		return LINE_EVENT;
	e->kind = EVENT_LINK;
	e->link = LINK_NEXT_HOP;
	e->related = id_at(span_from(part_from(rest, later), sizeof(queued) - 1));
	return e->related.len ? LINE_EVENT : LINE_QUIET;
}

/* ---- rspamd: "<tag>; task; rspamd_task_write_log: id: <..>, qid: <ID>, ip: IP, user: U, from: <..>, (default: ..." ---- */

/* Fields stand in one order; each is looked for behind the one before it, and before the symbols. */
static struct span take_field(struct span *rest, const char *key)
{
	const uint8_t *at = span_starts(*rest, key) ? rest->at : NULL, *end;
	struct span value;
	if (!at)
		return (struct span){NULL, 0};
	value = span_from(*rest, strlen(key));
	end = part_find(value, ", ");
	if (end)
		value = part_before(value, end);
	*rest = span_from(*rest, strlen(key) + value.len + 2);
	return value;
}

/* The Message-ID is the sender's: it ends where qid, ip or another field follows. */
static struct span take_message_id(struct span *rest)
{
	const uint8_t *end = part_find(*rest, ">, ");
	struct span value;
	if (!span_starts(*rest, "id: <") || !end)
		return take_field(rest, "id: ");
	value = span_from(part_before(*rest, end), 5);
	*rest = span_from(part_from(*rest, end), 3);
	return value;
}

static enum line_result rspamd(struct span text, struct mail_event *e)
{
	static const char words[] = "; rspamd_task_write_log: ";
	const uint8_t *found = part_find(text, words);
	struct span rest, ip;
	if (!found)
		return LINE_QUIET;
	rest = span_from(part_from(text, found), sizeof(words) - 1);
	e->message_id = take_message_id(&rest);
	e->id = id_at(part_address(take_field(&rest, "qid: ")));
	ip = take_field(&rest, "ip: ");
	e->login = take_field(&rest, "user: ");
	if (span_starts(rest, "smtp_from: ") || span_starts(rest, "from: ")) {
		struct span from = take_field(&rest, span_starts(rest, "from: ") ? "from: " : "smtp_from: ");
		e->has_sender = from.len != 0;
		e->sender = part_address(from);
	}
	if (addr_parse(ip, &e->client) < 0)
		e->client = (struct addr){0};
	if (!e->id.len)
		return LINE_QUIET;
	e->kind = EVENT_ACCEPT;
	return LINE_EVENT;
}

/* ---- MailScanner: "Requeue: OLD.A1B2C to NEW" ---- */

static enum line_result mailscanner(struct span text, struct mail_event *e)
{
	static const char requeue[] = "Requeue: ";
	const uint8_t *to = part_find(text, " to ");
	if (!span_starts(text, requeue) || !to)
		return LINE_QUIET;
	e->id = id_at(span_from(text, sizeof(requeue) - 1));
	e->related = id_at(span_from(part_from(text, to), 4));
	e->kind = EVENT_LINK;
	e->link = LINK_REQUEUE;
	return e->id.len && e->related.len ? LINE_EVENT : LINE_QUIET;
}

static enum line_result parse(const struct log_line *l, uint32_t kind, uint32_t want, struct mail_event *e)
{
	event_begin(e, l);
	e->instance = span_of(instance, sizeof(instance) - 1);
	switch (kind) {
	case AMAVIS:
		return amavis(l->text, e);
	case MAILSCANNER:
		return mailscanner(l->text, e);
	default:
		return rspamd(l->text, e);
	}
}

const struct format_row format_filter = {FORMAT_FILTER, program, claims, parse};
