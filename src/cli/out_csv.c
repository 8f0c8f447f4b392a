/* SPDX-License-Identifier: BSD-2-Clause */
/* CSV (RFC 4180): a header, then one line a list and target. */
#include "base/clock.h"
#include "cli/check_report.h"

/* A field; quoted where it must be. What a spreadsheet would run as a formula gets a ' in front. */
static void field(struct buf *out, const char *text, bool first)
{
	if (!first)
		buf_add_char(out, ',');
	if (!text)
		return;
	if (*text && strchr("=+-@\t\r", *text)) {
		buf_add_str(out, "\"'");
	} else if (!strpbrk(text, ",\"\r\n")) {
		buf_add_str(out, text);
		return;
	} else {
		buf_add_char(out, '"');
	}
	for (; *text; text++) {
		if (*text == '"')
			buf_add_char(out, '"');
		buf_add_char(out, *text);
	}
	buf_add_char(out, '"');
}

static void codes(struct buf *out, const struct finding *f)
{
	char code[sizeof("255.255.255.255")];
	for (size_t i = 0; i < f->reason_count; i++) {
		if (i && f->reasons[i].code == f->reasons[i - 1].code)
			continue;
		report_code_text(f->reasons[i].code, code);
		buf_printf(out, "%s%s", i ? " " : "", code);
	}
}

static void meanings(struct buf *out, const struct finding *f)
{
	for (size_t i = 0; i < f->reason_count; i++)
		buf_printf(out, "%s%s", i ? "; " : "",
			   f->reasons[i].answer ? f->reasons[i].answer->meaning : "meaning not known");
}

static void line(struct report *r, const struct check_result *result, const struct check_row *row)
{
	struct buf *out = &r->out, text = buf_make(1 << 20);
	const struct finding *f = row ? row->finding : NULL;
	char at[CLOCK_TEXT_SIZE];
	clock_text(result->checked_at_ms, at);
	field(out, result->target->text, true);
	field(out, report_kind(result->target), false);
	field(out, result->target->via, false);
	field(out, verdict_text(result->verdict), false);
	field(out, row ? row->list->zone : NULL, false);
	field(out, row ? status_text(f->status) : NULL, false);
	field(out, row ? status_why_text(f->why) : result->unaskable, false);
	field(out, row ? list_class_text(row->list->class) : NULL, false);
	field(out, row ? impact_text(f->impact) : NULL, false);
	if (row)
		codes(&text, f);
	field(out, buf_text(&text), false);
	buf_clear(&text);
	if (row)
		meanings(&text, f);
	field(out, buf_text(&text), false);
	field(out, row ? row->asked : NULL, false);
	buf_add_char(out, ',');
	if (row && row->latency_us >= 0)
		buf_printf(out, "%.1f", (double)row->latency_us / 1000);
	field(out, at, false);
	buf_add_str(out, "\r\n");
	buf_release(&text);
}

/* A line of its own, in the columns of the others: the resolver's address, what is wrong, in words what it means. */
static void csv_fault(struct report *r)
{
	struct buf *out = &r->out, words = buf_make(1 << 12);
	buf_printf(&words, "%s%s%s", r->fault.sentence, r->fault.remedy ? ". " : "",
		   r->fault.remedy ? r->fault.remedy : "");
	field(out, r->fault.address, true);
	field(out, "resolver", false);
	buf_add_str(out, ",,,"); /* via, verdict, zone */
	field(out, "fault", false);
	field(out, r->fault.kind, false);
	buf_add_str(out, ",,,"); /* class, impact, codes */
	field(out, buf_text(&words), false);
	buf_add_str(out, ",,,\r\n"); /* asked, latency, time */
	buf_release(&words);
}

static void csv_begin(struct report *r)
{
	buf_add_str(&r->out, "target,kind,via,verdict,zone,status,why,class,impact,codes,meaning,asked,latency_ms,"
			     "checked_at\r\n");
}

static void csv_result(struct report *r, const struct check_result *result)
{
	if (result->row_count == 0)
		line(r, result, NULL);
	for (size_t i = 0; i < result->row_count; i++)
		line(r, result, &result->rows[i]);
}

const struct report_format report_csv = {.name = "csv", .begin = csv_begin, .fault = csv_fault, .result = csv_result};
