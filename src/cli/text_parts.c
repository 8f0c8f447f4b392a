/* SPDX-License-Identifier: BSD-2-Clause */
/* Words, colours and lines of the text format. */
#include "cli/terminal.h"
#include "cli/text.h"

void text_styled(struct report *r, enum text_style style, const char *text)
{
	static const char *const codes[] = {"", "1", "1;31", "33", "32", "2"};
	if (r->colour && style != STYLE_PLAIN)
		buf_printf(&r->out, "\033[%sm", codes[style]);
	terminal_add_str(&r->out, text);
	if (r->colour && style != STYLE_PLAIN)
		buf_add_str(&r->out, "\033[0m");
}

void text_entry(struct report *r, unsigned indent, const char *label, const char *text)
{
	struct buf filled = buf_make(1 << 20);
	unsigned column = *label ? indent + 10 : indent;
	terminal_fill(&filled, text, column, r->width);
	if (*label)
		buf_printf(&r->out, "%*s%-10s", (int)indent, "", label);
	else
		buf_printf(&r->out, "%*s", (int)indent, "");
	buf_add(&r->out, span_from(buf_span(&filled), filled.len > column ? column : filled.len - 1));
	buf_release(&filled);
}

void text_resolver_fault(struct report *r, const struct check_fault *fault)
{
	text_styled(r, STYLE_DOUBT, "Your resolver is at fault");
	buf_add_char(&r->out, '\n');
	text_entry(r, 2, "", fault->sentence);
	if (fault->remedy)
		text_entry(r, 2, "", fault->remedy);
}

const char *text_status_words(enum status s)
{
	switch (s) {
	case STATUS_LISTED:
		return "listed";
	case STATUS_CLEAR:
		return "clear";
	case STATUS_REFUSED:
		return "refused to answer";
	case STATUS_BROKEN:
		return "broken";
	case STATUS_UNREACHABLE:
		return "gave no usable answer";
	default:
		return "not queried";
	}
}

void text_target_name(struct report *r, const struct target *t)
{
	text_styled(r, STYLE_BOLD, t->text);
	if (t->unicode) {
		buf_add_str(&r->out, " (");
		terminal_add_str(&r->out, t->unicode);
		buf_add_char(&r->out, ')');
	}
	if (t->via) {
		buf_add_str(&r->out, ", from ");
		terminal_add_str(&r->out, t->via);
	}
	if (t->origin) {
		buf_add_str(&r->out, ", ");
		terminal_add_str(&r->out, t->origin);
	}
}

enum text_group text_group_of(const struct report *r, const struct check_row *row)
{
	const struct finding *f = row->finding;
	bool block = false;
	if (f->status != STATUS_LISTED)
		return GROUP_NONE;
	for (size_t i = 0; i < f->reason_count; i++)
		block |= status_class_lists(f->reasons[i].class) && f->reasons[i].class != CLASS_POLICY;
	if (f->reason_count && !block)
		return GROUP_POLICY;
	return f->impact < r->min_impact ? GROUP_LOW : GROUP_LISTED;
}
