/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of a diagnosis on a screen, and the blocks that receivers keep to themselves. */
#include "cli/diagnose_parts.h"

#include "cli/quantity.h"
#include "cli/terminal.h"

enum { BLOCKS_SHOWN = 10, NOT_OURS_SHOWN = 5 };

struct buf *diagnose_line(struct diagnose_print *p)
{
	buf_clear(&p->line);
	return &p->line;
}

void diagnose_label(struct diagnose_print *p, const char *label)
{
	buf_printf(p->out, "  %-*s", DIAGNOSE_COLUMN - 2, label);
}

void diagnose_entry(struct diagnose_print *p, const char *label)
{
	struct buf filled = buf_make((size_t)8 * DIAGNOSE_LINE_MAX);
	terminal_fill(&filled, buf_text(&p->line), DIAGNOSE_COLUMN, p->view->width);
	diagnose_label(p, label);
	buf_add(p->out, span_from(buf_span(&filled), filled.len > DIAGNOSE_COLUMN ? DIAGNOSE_COLUMN : filled.len - 1));
	buf_release(&filled);
}

/* As much of the escaped text as fits into so many columns, whole characters. */
static size_t fitting(struct span text, size_t columns)
{
	size_t n = 0, used = 0;
	while (n < text.len) {
		size_t next = n + 1;
		while (next < text.len && (text.at[next] & 0xc0) == 0x80)
			next++;
		used += terminal_columns(span_of(text.at + n, next - n));
		if (used > columns)
			break;
		n = next;
	}
	return n;
}

void diagnose_quote(struct diagnose_print *p, const char *line)
{
	struct buf shown = buf_make((size_t)8 * DIAGNOSE_LINE_MAX);
	unsigned indent = DIAGNOSE_COLUMN + 2;
	size_t room = p->view->width > indent + 20 ? p->view->width - indent : 20;
	struct span rest;
	terminal_add_str(&shown, line ? line : "");
	rest = buf_span(&shown);
	while (rest.len) {
		size_t n = p->view->terminal ? fitting(rest, room) : rest.len;
		n = n ? n : rest.len; /* one character wider than the room */
		buf_printf(p->out, "%*s", (int)indent, "");
		buf_add(p->out, span_of(rest.at, n));
		buf_add_char(p->out, '\n');
		rest = span_from(rest, n);
	}
	buf_release(&shown);
}

static void colour(struct diagnose_print *p, const char *code)
{
	if (p->view->colour && *code)
		buf_printf(p->out, "\033[%sm", code);
}

void diagnose_sentence(struct diagnose_print *p, enum text_style style, const char *text)
{
	static const char *const codes[] = {"", "1", "1;31", "33", "32", "2"};
	colour(p, codes[style]);
	terminal_fill(p->out, text, 0, p->view->width);
	colour(p, style == STYLE_PLAIN ? "" : "0");
}

void diagnose_heading(struct diagnose_print *p, const char *text)
{
	diagnose_sentence(p, STYLE_BOLD, text);
}

static void block_head(struct diagnose_print *p, const struct private_block *b)
{
	struct buf *t = diagnose_line(p);
	buf_printf(t, "%s has %s this server %s", b->receiver && *b->receiver ? b->receiver : "an unnamed receiver",
		   b->temporary ? "slowed" : "refused", b->temporary ? "down " : "");
	quantity_of(t, b->count, "time");
	buf_add_str(t, " since ");
	quantity_moment(t, b->first_at_ms);
	buf_add_str(t, ", last ");
	quantity_moment(t, b->last_at_ms);
	diagnose_entry(p, "");
}

static void block_more(struct diagnose_print *p, const char *label, const char *text)
{
	if (!text)
		return;
	buf_printf(diagnose_line(p), "%s %s", label, text);
	diagnose_entry(p, "");
}

static void block(struct diagnose_print *p, const struct private_block *b)
{
	block_head(p, b);
	block_more(p, "means:", b->unknown_text ? "a block, in words that no record has" : b->meaning);
	diagnose_quote(p, b->reply);
	block_more(p, "address", b->address);
	block_more(p, "names the list", b->zone);
	block_more(p, "remove it at", b->removal_url);
	block_more(p, "how:", b->procedure);
	block_more(p, "last seen in", b->source);
}

static void rows(struct diagnose_print *p, const char *heading, const struct private_block *at, size_t count,
		 size_t usual)
{
	size_t room = p->view->of.top ? p->view->of.top : usual;
	if (count == 0)
		return;
	diagnose_heading(p, heading);
	for (size_t i = 0; i < count && i < room; i++) {
		if (i)
			buf_add_char(p->out, '\n');
		block(p, &at[i]);
	}
	if (count > room)
		buf_printf(p->out, "  %zu more; --top %zu shows all\n", count - room, count);
	buf_add_char(p->out, '\n');
}

void diagnose_blocks(struct diagnose_print *p)
{
	const struct diagnose_report *r = p->view->of.report;
	rows(p, "Receivers that block this server", r->blocks, r->block_count, BLOCKS_SHOWN);
	if (p->view->news_only)
		return;
	rows(p, "Not about this server: a list refuses the receiver, and the receiver then refuses your mail",
	     r->not_ours, r->not_ours_count, NOT_OURS_SHOWN);
}
