/* SPDX-License-Identifier: BSD-2-Clause */
/* The window, the files, the holes, what was not understood. */
#include "cli/coverage.h"

#include "base/clock.h"
#include "cli/quantity.h"
#include "cli/terminal.h"

enum { FILES_NAMED = 3, LINE_OCTETS_MAX = 1 << 16 };

static const char *file_name(const struct log_coverage *c, uint32_t source)
{
	return source < c->file_count ? c->files[source].name : "?";
}

static void place(struct buf *out, const struct log_coverage *c, const struct unparsed_shape *s)
{
	buf_add_str(out, file_name(c, s->source));
	buf_printf(out, ":%llu", (unsigned long long)s->number);
}

/* One sentence filled under its label, which takes ten columns with the indent. */
static void entry(struct buf *out, const char *label, struct buf *text, unsigned width)
{
	struct buf filled = buf_make(LINE_OCTETS_MAX * 2);
	terminal_fill(&filled, buf_text(text), 10, width);
	buf_printf(out, "  %-8s", label);
	buf_add(out, span_from(buf_span(&filled), filled.len > 10 ? 10 : filled.len - 1));
	buf_release(&filled);
	buf_clear(text);
}

static void read_line(struct buf *text, const struct log_coverage *c)
{
	for (size_t i = 0; i < c->file_count && i < FILES_NAMED; i++)
		buf_printf(text, "%s%s", i ? ", " : "", c->files[i].name);
	if (c->file_count > FILES_NAMED)
		buf_printf(text, " and %zu more files", c->file_count - FILES_NAMED);
	buf_add_str(text, c->file_count ? ": " : "");
	quantity_of(text, c->lines, "line");
	if (c->from_ms != STAMP_NONE) {
		buf_add_str(text, ", mail from ");
		quantity_moment(text, c->from_ms);
		buf_add_str(text, " to ");
		quantity_moment(text, c->to_ms);
		buf_add_str(text, " UTC");
	} else if (c->unread) {
		buf_printf(text, ", a log of %s, which is not read yet", c->unread);
	} else {
		buf_add_str(text, ", no line of a mail server");
	}
}

static void shares_line(struct buf *text, const struct log_coverage *c)
{
	if (c->unparsed) {
		quantity_of(text, c->unparsed, "mail line");
		buf_add_str(text, " (");
		quantity_share(text, c->unparsed, c->mail_lines);
		buf_add_str(text, ") not understood, --unparsed shows them. ");
	}
	if (c->suppressed) {
		quantity_of(text, c->suppressed, "line");
		buf_add_str(text, " dropped by the logger. ");
	}
	if (c->long_lines) {
		quantity_of(text, c->long_lines, "line");
		buf_add_str(text, " longer than 1 MiB, read up to there. ");
	}
	if (c->early) {
		quantity_of(text, c->early, "message");
		buf_add_str(text, " cut short, because too many were open at once. ");
	}
}

/* What was done to ALL leaves no message's id in the log. */
static void by_all_line(struct buf *text, const struct log_coverage *c)
{
	const struct {
		const struct log_by_all *all;
		const char *what;
	} done[] = {{&c->removed, "removed"}, {&c->held, "put on hold"}, {&c->released, "released"}};
	uint64_t unknown = 0;
	bool first = true;
	for (size_t i = 0; i < sizeof(done) / sizeof(done[0]); i++) {
		if (!done[i].all->messages)
			continue;
		buf_add_str(text, first ? "" : ", ");
		quantity_of(text, done[i].all->messages, "message");
		buf_printf(text, " %s", done[i].what);
		unknown += done[i].all->unknown;
		first = false;
	}
	if (first)
		return;
	buf_add_str(text, " by 'ALL': the log does not say which ones");
	buf_add_str(text, unknown ? ". " : "; no more than that were in the queue, so it was these. ");
}

static void faults(struct buf *out, const struct log_coverage *c, struct buf *text, unsigned width)
{
	for (size_t i = 0; i < c->file_count; i++) {
		const struct source_file *f = &c->files[i];
		if (!f->fault && !f->cut)
			continue;
		buf_printf(text, "%s: %s", f->name, f->fault ? f->fault : "ends in the middle");
		entry(out, "unread", text, width);
	}
	for (size_t i = 0; i < c->gap_count; i++) {
		const struct source_gap *g = &c->gaps[i];
		buf_add_str(text, g->why);
		if (g->from_ms != STAMP_NONE || g->to_ms != STAMP_NONE) {
			buf_add_str(text, " (");
			quantity_moment(text, g->from_ms);
			buf_add_str(text, " to ");
			quantity_moment(text, g->to_ms);
			buf_add_char(text, ')');
		}
		entry(out, "hole", text, width);
	}
}

void coverage_text(struct buf *out, const struct log_coverage *c, unsigned width)
{
	struct buf text = buf_make(LINE_OCTETS_MAX);
	read_line(&text, c);
	entry(out, "read", &text, width);
	shares_line(&text, c);
	by_all_line(&text, c);
	if (text.len)
		entry(out, "", &text, width);
	faults(out, c, &text, width);
	buf_release(&text);
}

void coverage_text_shapes(struct buf *out, const struct log_coverage *c, const struct unparsed_shape *shapes,
			  size_t count, size_t top, unsigned width)
{
	if (count == 0)
		buf_add_str(out, "Every mail line was understood.\n");
	for (size_t i = 0; i < count && i < (top ? top : count); i++) {
		struct buf text = buf_make(LINE_OCTETS_MAX);
		buf_printf(&text, "%s: %s", shapes[i].program, shapes[i].shape);
		quantity_count(out, shapes[i].count);
		buf_add_str(out, " times\n");
		terminal_fill(out, buf_text(&text), 4, width);
		buf_clear(&text);
		place(&text, c, &shapes[i]);
		buf_printf(&text, " %s", shapes[i].example);
		terminal_fill(out, buf_text(&text), 4, width);
		buf_release(&text);
	}
}
