/* SPDX-License-Identifier: BSD-2-Clause */
/* What a check would ask and how long the lists' terms make it take. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/json.h"
#include "cli/check_command.h"
#include "cli/output.h"

struct plan {
	struct check_command *k;
	struct buf *out; /* NULL: totals only */
	uint64_t queries;
	size_t lists, left_out;
	int64_t longest_ms;
	const struct list *longest;
};

static void duration(int64_t ms, char text[32])
{
	if (ms == INT64_MAX)
		snprintf(text, 32, "over a day");
	else
		progress_time(ms, text);
}

static void text_line(struct plan *p, const struct check_plan_line *line)
{
	char time[32] = "";
	if (!line->left_out)
		duration(line->duration_ms, time);
	buf_printf(p->out, "%-36s %12" PRIu64 "  %-12s %s\n", line->list->zone, line->left_out ? 0 : line->queries,
		   time, line->left_out ? line->left_out : line->list->operator_name);
}

static void json_line(struct plan *p, const struct check_plan_line *line)
{
	struct json j = json_make(p->out);
	json_begin(&j, '{');
	json_key(&j, "schema");
	json_str(&j, "offlist.check.plan/1");
	json_key(&j, "zone");
	json_str(&j, line->list->zone);
	json_key(&j, "name");
	json_str(&j, line->list->name);
	json_key(&j, "operator");
	json_str(&j, line->list->operator_name);
	json_key(&j, "queries");
	json_int(&j, line->left_out ? 0 : (int64_t)line->queries);
	json_key(&j, "duration_ms"); /* null: over a day */
	if (line->duration_ms == INT64_MAX)
		json_null(&j);
	else
		json_int(&j, line->duration_ms);
	json_key(&j, "left_out");
	json_str(&j, line->left_out);
	json_end(&j, '}');
	buf_add_char(p->out, '\n');
}

static void on_line(void *arg, const struct check_plan_line *line)
{
	struct plan *p = arg;
	if (line->left_out) {
		p->left_out++;
	} else {
		p->lists++;
		p->queries += line->queries;
		if (line->duration_ms > p->longest_ms) {
			p->longest_ms = line->duration_ms;
			p->longest = line->list;
		}
	}
	if (!p->out)
		return;
	if (p->k->report.format == &report_json)
		json_line(p, line);
	else
		text_line(p, line);
}

static void make(struct plan *p)
{
	const struct targets *t = &p->k->targets;
	check_plan(&p->k->config, t->count4, t->count6, t->count_names, on_line, p);
}

static void sum(const struct plan *p, struct buf *out)
{
	char time[32];
	duration(p->longest_ms, time);
	buf_printf(out, "%" PRIu64 " targets, %zu lists, %" PRIu64 " queries", targets_total(&p->k->targets), p->lists,
		   p->queries);
	if (p->longest)
		buf_printf(out, ", about %s (%s allows no faster)", time, p->longest->operator_name);
	if (p->left_out)
		buf_printf(out, "; %zu lists left out", p->left_out);
}

int cmd_check_print_plan(struct check_command *k)
{
	struct plan plan = {.k = k, .out = &k->report.out};
	if (k->report.format != &report_text && k->report.format != &report_json)
		return complain(EXIT_USAGE, "--dry-run prints text or json");
	if (k->report.format == &report_text)
		buf_printf(plan.out, "%-36s %12s  %-12s %s\n", "LIST", "QUERIES", "TIME", "OPERATOR, OR WHY NOT");
	make(&plan);
	if (k->report.format == &report_text) {
		sum(&plan, plan.out);
		buf_add_char(plan.out, '\n');
	}
	return report_flush(&k->report) < 0 ? EXIT_IO : EXIT_NOTHING;
}

void cmd_check_announce_plan(struct check_command *k)
{
	struct plan plan = {.k = k};
	struct buf text = buf_make(4096);
	make(&plan);
	sum(&plan, &text);
	cmd_check_note(k, buf_text(&text));
	buf_release(&text);
}
