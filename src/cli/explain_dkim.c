/* SPDX-License-Identifier: BSD-2-Clause */
/* What a verification and a key record have come to, in words. */
#include "cli/explain_dkim.h"

#include <inttypes.h>

#include "base/clock.h"
#include "cli/terminal.h"

enum { LINE_MAX_OCTETS = 8192 };

static void fill(const struct context *c, struct buf *out, struct buf *line, unsigned int indent)
{
	terminal_fill(out, buf_text(line), indent, c->width);
	buf_clear(line);
}

static const char *meaning(const struct dkim_verdict *v)
{
	static const char *const texts[] = {
		"not signed",
		"the message is as it was signed",
		"receivers take the message as not signed",
		"receivers must not count it",
		"it cannot be read as a signature",
		"receivers try again later",
		"it cannot be verified",
	};
	return texts[v->result];
}

static void add_head(const struct context *c, const struct dkim_report *r, size_t at, struct buf *out)
{
	const struct dkim_verdict *v = &r->verdicts[at];
	struct buf line = buf_make(LINE_MAX_OCTETS);
	buf_printf(&line, "Signature %zu of %zu, by %s (selector %s): %s; %s", at + 1, r->count + r->left_out,
		   v->domain[0] ? v->domain : "nobody", v->selector[0] ? v->selector : "none",
		   dkim_result_text(v->result), meaning(v));
	fill(c, out, &line, 0);
	if (v->why)
		terminal_fill(out, v->why, 2, c->width);
	if (v->intact && v->result != DKIM_PASS)
		terminal_fill(out, "(By its mathematics it holds: the message was not changed.)", 2, c->width);
	buf_release(&line);
}

static void add_covers(const struct context *c, const struct dkim_verdict *v, struct buf *out)
{
	const struct dkim_signature *s = v->signature;
	struct buf line = buf_make(LINE_MAX_OCTETS);
	buf_add_str(&line, "covers ");
	for (size_t i = 0; i < v->cover_count; i++) {
		const struct dkim_cover *one = &v->covers[i];
		buf_printf(&line, "%s, ", one->name);
		if (one->listed > one->present)
			line.len -= 2, buf_printf(&line, " (and that there is no %s), ",
						  one->present ? "other" : "such field");
	}
	if (s->has_length)
		buf_printf(&line, "%" PRIu64 " of the body's %" PRIu64 " octets", s->length, v->body_octets);
	else
		buf_printf(&line, "the body (%" PRIu64 " octets)", v->body_octets);
	fill(c, out, &line, 2);
	buf_release(&line);
}

static void add_strength(const struct context *c, const struct dkim_verdict *v, struct buf *out)
{
	const struct dkim_signature *s = v->signature;
	char at[CLOCK_TEXT_SIZE];
	struct buf line = buf_make(LINE_MAX_OCTETS);
	buf_printf(&line, "%s, %s/%s", v->algorithm, s->header_relaxed ? "relaxed" : "simple",
		   s->body_relaxed ? "relaxed" : "simple");
	if (v->bits)
		buf_printf(&line, ", %s key of %u bits", dkim_record_kind_text(v->kind), v->bits);
	if (s->has_time) {
		clock_text(s->time_s * 1000, at);
		buf_printf(&line, "; made %s", at);
	}
	if (s->has_expiry) {
		clock_text(s->expiry_s * 1000, at);
		buf_printf(&line, "; expires %s", at);
	}
	fill(c, out, &line, 2);
	buf_release(&line);
}

static void add_notes(const struct context *c, const char *const *notes, size_t count, struct buf *out)
{
	struct buf line = buf_make(LINE_MAX_OCTETS);
	for (size_t i = 0; i < count; i++) {
		buf_printf(&line, "note: %s", notes[i]);
		fill(c, out, &line, 2);
	}
	buf_release(&line);
}

void cmd_explain_dkim_message(const struct context *c, const struct dkim_report *r, struct buf *out)
{
	if (r->count == 0)
		terminal_fill(out, "none: the message has no DKIM signature", 0, c->width);
	for (size_t i = 0; i < r->count; i++) {
		const struct dkim_verdict *v = &r->verdicts[i];
		if (i)
			buf_add_char(out, '\n');
		add_head(c, r, i, out);
		if (v->signature->problem)
			continue;
		add_strength(c, v, out);
		add_covers(c, v, out);
		add_notes(c, v->notes, v->note_count, out);
	}
	if (r->left_out)
		buf_printf(out, "\n%zu more signatures were not looked at: a message with so many is no honest one\n",
			   r->left_out);
}

static void add_key_head(const struct context *c, const struct view_dkim_key *v, struct buf *out)
{
	struct buf line = buf_make(LINE_MAX_OCTETS);
	buf_printf(&line, "%s: ", v->name ? v->name : "This record");
	if (v->problem)
		buf_add_str(&line, v->problem);
	else
		buf_printf(&line, "%s key of %u bits, which receivers can use", dkim_record_kind_text(v->record->kind),
			   v->record->bits);
	fill(c, out, &line, 0);
	buf_release(&line);
	if (v->text && v->name) {
		buf_add_str(out, "  ");
		terminal_add_str(out, v->text);
		buf_add_char(out, '\n');
	}
}

void cmd_explain_dkim_key(const struct context *c, const struct view_dkim_key *v, struct buf *out)
{
	add_key_head(c, v, out);
	if (v->texts > 1)
		terminal_fill(out,
			      "note: the name has several TXT records, of which receivers take any (RFC 6376 3.6.2.2): "
			      "leave one",
			      2, c->width);
	if (v->record)
		add_notes(c, v->record->notes, v->record->note_count, out);
	if (v->matches)
		terminal_fill(out,
			      v->matches[0] == 'y'
				      ? "The private key belongs to it."
				      : "The private key does not belong to it: what it signs fails everywhere.",
			      2, c->width);
	if (v->publish) {
		terminal_fill(out, "The record for this private key:", 2, c->width);
		buf_add_str(out, "  ");
		terminal_add_str(out, v->publish);
		buf_add_char(out, '\n');
	}
}
