/* SPDX-License-Identifier: BSD-2-Clause */
/* A delivery-status part: a group of fields of the message, then one for each recipient (RFC 3464 2). */
#include <errno.h>

#include "base/ascii.h"
#include "mail/dsn_parts.h"

/* What a field has behind its type: "rfc822; a@b" is "a@b". */
static struct span value_of(struct span value)
{
	size_t semicolon = span_find(value, ';');
	for (size_t i = 0; i < semicolon && semicolon < value.len; i++)
		if (!ascii_is_alpha(value.at[i]) && !ascii_is_digit(value.at[i]) && value.at[i] != '-' &&
		    value.at[i] != ' ')
			return span_trim(value);
	return span_trim(semicolon < value.len ? span_from(value, semicolon + 1) : value);
}

struct dsn_recipient *dsn_recipient_add(struct recipients *r)
{
	if (!r->at)
		r->at = arena_alloc(r->arena, DSN_RECIPIENTS_MAX, sizeof(*r->at));
	if (!r->at)
		r->error = -ENOMEM;
	return r->at && r->count < DSN_RECIPIENTS_MAX ? &r->at[r->count++] : NULL;
}

struct span dsn_keep(struct recipients *r, struct span text)
{
	char *copy = arena_copy(r->arena, text);
	if (!copy)
		r->error = -ENOMEM;
	return copy ? span_of(copy, text.len) : (struct span){0};
}

/* The value of a field with its folded lines. */
static struct span unfolded(struct recipients *r, struct span first, struct span *rest)
{
	struct buf value = buf_make(HEADER_FIELD_OCTETS_MAX);
	struct span line, all;
	buf_add(&value, span_trim(first));
	while (rest->len && (rest->at[0] == ' ' || rest->at[0] == '\t') && header_line_next(rest, &line)) {
		if (span_trim(line).len == 0)
			break;
		buf_add_char(&value, ' ');
		buf_add(&value, span_trim(line));
	}
	all = dsn_keep(r, buf_span(&value));
	buf_release(&value);
	return all;
}

/* "<a@b>", "a@b (text)": the address; else the text as it is, for a system that has other names. */
static struct span recipient_of(struct span value)
{
	struct span text = value_of(value), only;
	size_t end = 0;
	if (text.len && text.at[0] == '<' && span_find(text, '>') < text.len)
		text = span_of(text.at + 1, span_find(text, '>') - 1);
	only = header_mailbox(text);
	if (only.len)
		return only;
	while (end < text.len && text.at[end] != ' ' && text.at[end] != '>')
		end++;
	only = header_mailbox(span_of(text.at, end));
	return only.len ? only : text;
}

static void of_message(struct dsn *dsn, struct span name, struct span value)
{
	if (span_equal_nocase(name, span_str("reporting-mta")))
		dsn->reporting_mta = value_of(value);
	else if (span_equal_nocase(name, span_str("arrival-date")))
		dsn->arrival_date = value;
	else if (span_equal_nocase(name, span_str("x-postfix-queue-id")))
		dsn->original_queue_id = value;
}

static void of_recipient(struct dsn_recipient *to, struct span name, struct span value)
{
	struct span text = value_of(value);
	if (span_equal_nocase(name, span_str("action")))
		to->action = span_of(value.at, span_find(value, ' '));
	else if (span_equal_nocase(name, span_str("status")))
		to->status = dsn_status_in(value).len ? dsn_status_in(value) : value;
	else if (span_equal_nocase(name, span_str("remote-mta")))
		to->remote_mta = span_of(text.at, span_find(text, ' '));
	else if (span_equal_nocase(name, span_str("diagnostic-code")) && !to->diagnostic.len)
		to->diagnostic = text;
}

struct reading {
	struct recipients *recipients;
	struct dsn *dsn;
	struct dsn_recipient *to; /* NULL: still the message's group */
	bool has_final, has_original;
};

static void take(struct reading *g, struct span name, struct span value)
{
	bool final = span_equal_nocase(name, span_str("final-recipient"));
	bool original = span_equal_nocase(name, span_str("original-recipient"));
	if ((final && g->has_final) || (original && g->has_original) || ((final || original) && !g->to)) {
		g->to = dsn_recipient_add(g->recipients);
		g->has_final = g->has_original = false;
	}
	if (final || original) {
		struct span mailbox = recipient_of(value);
		g->has_final |= final;
		g->has_original |= original;
		if (g->to && mailbox.len && (original || !g->to->recipient.len))
			g->to->recipient = mailbox;
		return;
	}
	if (g->to)
		of_recipient(g->to, name, value);
	else
		of_message(g->dsn, name, value);
}

void dsn_report_read(struct span text, struct recipients *r, struct dsn *dsn)
{
	struct reading g = {.recipients = r, .dsn = dsn};
	struct span rest = text, line;
	for (int i = 0; i < DSN_LINES_MAX && header_line_next(&rest, &line); i++) {
		size_t colon = span_find(line, ':');
		if (span_trim(line).len == 0) {
			if (g.to && (g.has_final || g.has_original))
				g.has_final = g.has_original = true;
			continue;
		}
		if (colon == line.len || colon == 0 || ascii_is_space(line.at[0]))
			continue;
		take(&g, span_trim(span_of(line.at, colon)), unfolded(r, span_from(line, colon + 1), &rest));
	}
}
