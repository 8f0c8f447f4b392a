/* SPDX-License-Identifier: BSD-2-Clause */
/* Statistics as one JSON object (offlist.log.stats/1, offlist.log.senders/1). */
#include "view/view_stats.h"

#include "view/view_coverage.h"

static void count(struct json *j, const char *key, uint64_t n)
{
	json_key(j, key);
	json_int(j, n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

static void columns(struct json *j, const struct stats_table_row *row, const struct top_entry *e)
{
	static const struct {
		enum stats_column column;
		const char *name;
		enum stats_value value;
	} plain[] = {
		{STATS_COLUMN_OCTETS, "octets", STATS_VALUE_OCTETS},
		{STATS_COLUMN_RECIPIENTS, "recipients", STATS_VALUE_RECIPIENTS},
		{STATS_COLUMN_DELIVERED, "delivered", STATS_VALUE_DELIVERED},
		{STATS_COLUMN_DEFERRED, "deferred", STATS_VALUE_DEFERRED},
		{STATS_COLUMN_BOUNCED, "bounced", STATS_VALUE_BOUNCED},
		{STATS_COLUMN_REJECTED, "rejected", STATS_VALUE_REJECTED},
	};
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (row->columns & 1u << plain[i].column)
			count(j, plain[i].name, e->values[plain[i].value]);
	if (row->columns & 1u << STATS_COLUMN_DELAY) {
		count(j, "delay_ms_average", e->count ? e->values[STATS_VALUE_DELAY_MS] / e->count : 0);
		count(j, "delay_ms_max", e->values[STATS_VALUE_DELAY_MAX_MS]);
	}
	if (row->columns & 1u << STATS_COLUMN_LAST)
		view_time(j, "last_at",
			  e->values[STATS_VALUE_LAST_MS] ? (int64_t)e->values[STATS_VALUE_LAST_MS] : STAMP_NONE);
}

static void entry(struct json *j, const struct stats_table_row *row, const struct top_entry *e)
{
	json_begin(j, '{');
	json_key(j, "name");
	json_span(j, e->key);
	count(j, row->columns & 1u << STATS_COLUMN_REJECTED ? "received" : "count", e->count);
	count(j, "error", e->error);
	columns(j, row, e);
	json_end(j, '}');
}

static void table(struct json *j, const struct view_stats *v, const struct stats_table_row *row)
{
	const struct top *t = stats_table(v->stats, row->table);
	size_t n = 0, shown;
	const struct top_entry *const *rows = stats_rows(v->stats, row, &n);
	shown = v->top && row->by != TOP_BY_NAME && v->top < n ? v->top : n;
	json_key(j, row->name);
	json_begin(j, '{');
	count(j, "names", top_count(t));
	json_member_bool(j, "exact", top_error(t) == 0);
	count(j, "error_bound", top_error(t));
	count(j, "total", top_total(t));
	json_key(j, "rows");
	json_begin(j, '[');
	for (size_t i = 0; i < shown; i++)
		entry(j, row, rows[i]);
	json_end(j, ']');
	json_end(j, '}');
}

static void totals(struct json *j, const struct view_stats *v)
{
	json_key(j, "totals");
	json_begin(j, '{');
	for (unsigned t = 0; t < STATS_TOTALS; t++)
		count(j, stats_total_text((enum stats_total)t), stats_total(v->stats, (enum stats_total)t));
	json_end(j, '}');
}

static void delays(struct json *j, const struct view_stats *v)
{
	json_key(j, "delays");
	json_begin(j, '[');
	for (unsigned c = 0; c < STATS_DELAYS; c++) {
		json_begin(j, '{');
		json_key(j, "under_ms");
		if (c < STATS_DELAYS - 1)
			json_int(j, stats_delay_limits_ms[c]);
		else
			json_null(j);
		count(j, "all", stats_delays(v->stats, c, false));
		count(j, "remote", stats_delays(v->stats, c, true));
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void head(struct json *j, const struct view_stats *v, const char *schema)
{
	json_begin(j, '{');
	json_member_str(j, "schema", schema);
	view_window(j, v->coverage->from_ms, v->coverage->to_ms);
	json_member_str(j, "zone", v->zone_name);
}

static void tail(struct json *j, const struct view_stats *v, struct buf *out)
{
	view_coverage(j, v->coverage);
	json_end(j, '}');
	buf_add_char(out, '\n');
}

void view_stats(const struct view_stats *v, struct buf *out)
{
	struct json j = json_make(out);
	head(&j, v, "offlist.log.stats/1");
	totals(&j, v);
	delays(&j, v);
	count(&j, "exact_names", stats_names(v->stats));
	json_key(&j, "tables");
	json_begin(&j, '{');
	for (size_t i = 0; i < stats_table_count; i++)
		table(&j, v, &stats_tables[i]);
	json_end(&j, '}');
	tail(&j, v, out);
}

void view_senders(const struct view_stats *v, struct buf *out)
{
	struct json j = json_make(out);
	head(&j, v, "offlist.log.senders/1");
	for (size_t i = 0; i < stats_table_count; i++)
		if (stats_tables[i].table == STATS_ORIGINS)
			table(&j, v, &stats_tables[i]);
	tail(&j, v, out);
}
