/* SPDX-License-Identifier: BSD-2-Clause */
/* Results to a format, a format's text to standard output. */
#include "cli/check_report.h"

#include <stdio.h>

#include "cli/output.h"

static const struct report_format *const formats[] = {
	&report_text, &report_json, &report_csv, &report_nagios, &report_prometheus,
};

const struct report_format *report_format_named(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

void report_init(struct report *r, const struct report_format *format)
{
	*r = (struct report){.format = format,
			     .width = 80,
			     .min_impact = IMPACT_MEDIUM,
			     .out = buf_make(REPORT_OUT_MAX),
			     .scratch = arena_make(REPORT_SCRATCH_MAX)};
}

void report_release(struct report *r)
{
	if (r->format && r->format->release)
		r->format->release(r);
	buf_release(&r->out);
	arena_release(&r->scratch);
}

void report_begin(struct report *r)
{
	if (r->format->begin)
		r->format->begin(r);
}

void report_fault(struct report *r, const struct check_fault *fault)
{
	r->fault = *fault; /* its texts end with the run */
	snprintf(r->fault_address, sizeof(r->fault_address), "%s", fault->address);
	snprintf(r->fault_sentence, sizeof(r->fault_sentence), "%s", fault->sentence);
	r->fault.address = r->fault_address;
	r->fault.sentence = r->fault_sentence;
	if (r->format->fault)
		r->format->fault(r);
	arena_release(&r->scratch);
}

void report_row(struct report *r, const struct target *t, const struct check_row *row)
{
	if (r->format->row)
		r->format->row(r, t, row);
	arena_release(&r->scratch);
}

void report_result(struct report *r, const struct check_result *result)
{
	r->results++;
	r->status = verdict_exit_join(r->status, verdict_exit(result->verdict));
	r->format->result(r, result);
	arena_release(&r->scratch);
}

int report_end(struct report *r, const struct check_totals *totals)
{
	/* a fleet keeps its clear results to itself; an interrupted one has targets that nobody knows about */
	if (r->fleet && totals->listed)
		r->status = verdict_exit_join(r->status, verdict_exit(VERDICT_LISTED));
	if (totals->interrupted || totals->unknown)
		r->status = verdict_exit_join(r->status, verdict_exit(VERDICT_UNKNOWN));
	if (r->format->end)
		r->format->end(r, totals);
	arena_release(&r->scratch);
	return r->status;
}

int report_flush(struct report *r)
{
	int e;
	if (r->out.error) {
		e = r->out.error;
		buf_clear(&r->out);
		return e;
	}
	if (r->out.len == 0)
		return 0;
	if (r->catalogue)
		catalogue_redact(r->catalogue, r->out.at);
	e = output_write(span_str(r->out.at));
	buf_clear(&r->out);
	return e;
}
