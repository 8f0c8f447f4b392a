/* SPDX-License-Identifier: BSD-2-Clause */
/* Prometheus text exposition format 0.0.4: for the node exporter's textfile collector. Samples of one metric stand
 * together, so each metric has a buffer and all are printed at the end. */
#include <errno.h>
#include <stdlib.h>

#include "cli/check_report.h"

enum metric { METRIC_LISTED, METRIC_STATUS, METRIC_VERDICT, METRIC_TIME, METRIC_LATENCY, METRIC_COUNT };

static const struct {
	const char *name, *help;
} metrics[METRIC_COUNT] = {
	[METRIC_LISTED] =
		{"offlist_listed",
		 "1 if the list lists the target, 0 if it is clear; no sample when the list gave no usable answer."},
	[METRIC_STATUS] = {"offlist_status", "What the list said, as the label status; always 1."},
	[METRIC_VERDICT] = {"offlist_verdict", "The verdict on the target, as the label verdict; always 1."},
	[METRIC_TIME] = {"offlist_check_timestamp_seconds", "When the target was checked, Unix time."},
	[METRIC_LATENCY] = {"offlist_answer_seconds", "How long the list took to answer."},
};

struct prometheus {
	struct buf samples[METRIC_COUNT];
};

static void label(struct buf *out, const char *name, const char *value, bool first)
{
	buf_printf(out, "%s%s=\"", first ? "{" : ",", name);
	for (; *value; value++) {
		if (*value == '\n') {
			buf_add_str(out, "\\n");
			continue;
		}
		if (*value == '\\' || *value == '"')
			buf_add_char(out, '\\');
		buf_add_char(out, *value);
	}
	buf_add_char(out, '"');
}

static struct buf *sample(struct prometheus *p, enum metric m, const char *target, const char *zone)
{
	struct buf *out = &p->samples[m];
	buf_add_str(out, metrics[m].name);
	label(out, "target", target, true);
	if (zone)
		label(out, "zone", zone, false);
	return out;
}

static void prometheus_begin(struct report *r)
{
	struct prometheus *p = calloc(1, sizeof(*p));
	r->own = p;
	if (!p)
		r->out.error = -ENOMEM;
	for (int m = 0; p && m < METRIC_COUNT; m++)
		p->samples[m] = buf_make(REPORT_OUT_MAX / METRIC_COUNT);
}

static void row_samples(struct prometheus *p, const char *target, const struct check_row *row)
{
	enum status status = row->finding->status;
	struct buf *out;
	if (status == STATUS_LISTED || status == STATUS_CLEAR) {
		out = sample(p, METRIC_LISTED, target, row->list->zone);
		label(out, "impact", impact_text(row->finding->impact), false);
		buf_printf(out, "} %d\n", status == STATUS_LISTED);
	}
	out = sample(p, METRIC_STATUS, target, row->list->zone);
	label(out, "status", status_text(status), false);
	buf_add_str(out, "} 1\n");
	if (row->latency_us >= 0) {
		out = sample(p, METRIC_LATENCY, target, row->list->zone);
		buf_printf(out, "} %.6f\n", (double)row->latency_us / 1000000);
	}
}

static void prometheus_result(struct report *r, const struct check_result *result)
{
	struct prometheus *p = r->own;
	const char *target = result->target->text;
	struct buf *out;
	if (!p)
		return;
	for (size_t i = 0; i < result->row_count; i++)
		row_samples(p, target, &result->rows[i]);
	out = sample(p, METRIC_VERDICT, target, NULL);
	label(out, "verdict", verdict_text(result->verdict), false);
	buf_add_str(out, "} 1\n");
	out = sample(p, METRIC_TIME, target, NULL);
	buf_printf(out, "} %.3f\n", (double)result->checked_at_ms / 1000);
}

/* One sample even where all is well, so that an alert can look for it; what it means stands in a comment. */
static void resolver_sample(struct report *r)
{
	if (r->fault.kind)
		buf_printf(&r->out, "# %s%s%s\n", r->fault.sentence, r->fault.remedy ? ". " : "",
			   r->fault.remedy ? r->fault.remedy : "");
	buf_add_str(&r->out, "# HELP offlist_resolver_fault 1 if the resolver hides or makes up what lists answer.\n"
			     "# TYPE offlist_resolver_fault gauge\nofflist_resolver_fault");
	label(&r->out, "resolver", r->fault.kind ? r->fault.address : r->resolver, true);
	label(&r->out, "kind", r->fault.kind ? r->fault.kind : "none", false);
	buf_printf(&r->out, "} %d\n", r->fault.kind != NULL);
}

static void prometheus_finish(struct report *r, const struct check_totals *totals)
{
	struct prometheus *p = r->own;
	resolver_sample(r);
	for (int m = 0; p && m < METRIC_COUNT; m++) {
		if (p->samples[m].error && !r->out.error)
			r->out.error = p->samples[m].error;
		if (p->samples[m].len == 0)
			continue;
		buf_printf(&r->out, "# HELP %s %s\n# TYPE %s gauge\n", metrics[m].name, metrics[m].help,
			   metrics[m].name);
		buf_add(&r->out, buf_span(&p->samples[m]));
	}
	if (!r->fleet)
		return;
	buf_add_str(&r->out,
		    "# HELP offlist_targets Targets of the fleet, by verdict.\n# TYPE offlist_targets gauge\n");
	buf_printf(&r->out, "offlist_targets{verdict=\"listed\"} %llu\n", (unsigned long long)totals->listed);
	buf_printf(&r->out, "offlist_targets{verdict=\"clear\"} %llu\n", (unsigned long long)totals->clear);
	buf_printf(&r->out, "offlist_targets{verdict=\"unknown\"} %llu\n", (unsigned long long)totals->unknown);
}

static void prometheus_release(struct report *r)
{
	struct prometheus *p = r->own;
	for (int m = 0; p && m < METRIC_COUNT; m++)
		buf_release(&p->samples[m]);
	free(p);
	r->own = NULL;
}

const struct report_format report_prometheus = {.name = "prometheus",
						.begin = prometheus_begin,
						.result = prometheus_result,
						.end = prometheus_finish,
						.release = prometheus_release};
