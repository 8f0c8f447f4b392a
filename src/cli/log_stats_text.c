/* SPDX-License-Identifier: BSD-2-Clause */
/* Statistics for a person. */
#include "cli/coverage.h"
#include "cli/log_text.h"
#include "cli/quantity.h"
#include "cli/terminal.h"

enum {
	TOP_SHOWN = 10,
	NUMBER_COLUMNS = 11,
	WIDE_COLUMNS = 100,
	GAP_COLUMNS = 1,
	NAME_COLUMNS_MIN = 40,
	NAME_INDENT = 6,
	CELL_OCTETS_MAX = 256,
	NAME_OCTETS_MAX = 4096
};

static void heading(const struct log_text *v, struct buf *out, const char *text)
{
	buf_printf(out, "%s%s%s\n", v->colour ? "\033[1m" : "", text, v->colour ? "\033[0m" : "");
}

static void right(struct buf *out, const struct buf *cell, size_t columns)
{
	size_t n = terminal_columns(buf_span(cell));
	buf_printf(out, "%*s", n < columns ? (int)(columns - n) : 1, "");
	buf_add(out, buf_span(cell));
}

static void seconds(struct buf *out, uint64_t ms)
{
	double s = (double)ms / 1000;
	if (s < 100)
		buf_printf(out, "%.1f s", s);
	else if (s < 6000)
		buf_printf(out, "%.1f min", s / 60);
	else
		buf_printf(out, "%.1f h", s / 3600);
}

static void moment(struct buf *out, uint64_t ms)
{
	quantity_moment(out, ms ? (int64_t)ms : STAMP_NONE);
}

static void number(struct buf *out, uint64_t n)
{
	struct buf cell = buf_make(CELL_OCTETS_MAX);
	quantity_count(&cell, n);
	right(out, &cell, NUMBER_COLUMNS);
	buf_release(&cell);
}

static void octets(struct buf *out, uint64_t n)
{
	struct buf cell = buf_make(CELL_OCTETS_MAX);
	quantity_octets(&cell, n);
	right(out, &cell, NUMBER_COLUMNS);
	buf_release(&cell);
}

struct column {
	enum stats_column bit;
	const char *title;
	enum stats_value value;
	void (*print)(struct buf *out, uint64_t n);
};

static const struct column columns[] = {
	{STATS_COLUMN_RECIPIENTS, "recipients", STATS_VALUE_RECIPIENTS, quantity_count},
	{STATS_COLUMN_DELIVERED, "delivered", STATS_VALUE_DELIVERED, quantity_count},
	{STATS_COLUMN_DEFERRED, "deferred", STATS_VALUE_DEFERRED, quantity_count},
	{STATS_COLUMN_BOUNCED, "bounced", STATS_VALUE_BOUNCED, quantity_count},
	{STATS_COLUMN_REJECTED, "rejected", STATS_VALUE_REJECTED, quantity_count},
	{STATS_COLUMN_OCTETS, "size", STATS_VALUE_OCTETS, quantity_octets},
	{STATS_COLUMN_DELAY, "delay", STATS_VALUE_DELAY_MS, seconds},
	{STATS_COLUMN_DELAY, "longest", STATS_VALUE_DELAY_MAX_MS, seconds},
	{STATS_COLUMN_LAST, "last (UTC)", STATS_VALUE_LAST_MS, moment},
};
enum { COLUMN_COUNT = sizeof(columns) / sizeof(columns[0]) };

/* How wide the count and each column are: on a narrow terminal no wider than what stands in them, for the name's sake. */
struct layout {
	size_t count, at[COLUMN_COUNT];
};

static bool has(const struct stats_table_row *row, size_t column)
{
	return row->columns & 1u << columns[column].bit;
}

static const char *count_title(const struct stats_table_row *row)
{
	return row->columns & 1u << STATS_COLUMN_REJECTED ? "received" : "count";
}

static void cell_of(struct buf *cell, size_t column, const struct top_entry *e)
{
	uint64_t value = e->values[columns[column].value];
	if (columns[column].value == STATS_VALUE_DELAY_MS && columns[column].bit == STATS_COLUMN_DELAY)
		value = e->count ? value / e->count : 0;
	buf_clear(cell);
	columns[column].print(cell, value);
}

static void widen(size_t *columns_of, const struct buf *cell)
{
	size_t n = terminal_columns(buf_span(cell)) + GAP_COLUMNS;
	*columns_of = n > *columns_of ? n : *columns_of;
}

static struct layout layout_of(const struct log_text *v, const struct stats_table_row *row,
			       const struct top_entry *const *rows, size_t count)
{
	size_t least = v->terminal && v->width < WIDE_COLUMNS ? 0 : NUMBER_COLUMNS, title;
	struct layout l = {.count = strlen(count_title(row)) + 2};
	struct buf cell = buf_make(CELL_OCTETS_MAX);
	l.count = l.count > least ? l.count : least;
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		title = strlen(columns[i].title) + GAP_COLUMNS;
		l.at[i] = title > least ? title : least;
	}
	for (size_t k = 0; k < count; k++) {
		buf_clear(&cell);
		quantity_count(&cell, rows[k]->count);
		widen(&l.count, &cell);
		for (size_t i = 0; i < COLUMN_COUNT; i++) {
			if (!has(row, i))
				continue;
			cell_of(&cell, i, rows[k]);
			widen(&l.at[i], &cell);
		}
	}
	buf_release(&cell);
	return l;
}

static void titles(struct buf *out, const struct stats_table_row *row, const struct layout *l)
{
	buf_printf(out, "%*s", (int)l->count, count_title(row));
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		if (has(row, i))
			buf_printf(out, "%*s", (int)l->at[i], columns[i].title);
	buf_add_str(out, "  name\n");
}

/* The name last: it may be a reply of any length. On a terminal where it has no room it gets a line, and is cut there. */
static void name(const struct log_text *v, struct buf *out, struct span key, size_t begun)
{
	struct buf shown = buf_make(NAME_OCTETS_MAX);
	size_t used = terminal_columns(span_from(buf_span(out), begun)) + 2;
	size_t room = v->width > used ? v->width - used : 0, n;
	terminal_add(&shown, key);
	n = shown.len;
	if (v->terminal && room < NAME_COLUMNS_MIN && terminal_columns(buf_span(&shown)) > room) {
		buf_add_char(out, '\n');
		buf_printf(out, "%*s", NAME_INDENT, "");
		room = v->width > NAME_INDENT + NAME_COLUMNS_MIN ? v->width - NAME_INDENT : NAME_COLUMNS_MIN;
	} else {
		buf_add_str(out, "  ");
	}
	while (v->terminal && n &&
	       (terminal_columns(span_of(shown.at, n)) > room || (n < shown.len && (shown.at[n] & 0xc0) == 0x80)))
		n--;
	buf_add(out, span_of(shown.at, n));
	buf_add_char(out, '\n');
	buf_release(&shown);
}

static void entry(const struct log_text *v, struct buf *out, const struct stats_table_row *row, const struct layout *l,
		  const struct top_entry *e)
{
	struct buf cell = buf_make(CELL_OCTETS_MAX);
	size_t begun = out->len;
	quantity_count(&cell, e->count);
	right(out, &cell, l->count);
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (!has(row, i))
			continue;
		cell_of(&cell, i, e);
		right(out, &cell, l->at[i]);
	}
	name(v, out, e->key, begun);
	buf_release(&cell);
}

static void table(const struct log_text *v, struct buf *out, const struct stats_table_row *row)
{
	const struct top *t = stats_table(v->of.stats, row->table);
	size_t n = 0, usual = v->of.top ? v->of.top : TOP_SHOWN, shown;
	const struct top_entry *const *rows = stats_rows(v->of.stats, row, &n);
	if (n == 0)
		return;
	shown = row->by == TOP_BY_NAME || n < usual ? n : usual;
	buf_add_char(out, '\n');
	heading(v, out, row->heading);
	struct layout l = layout_of(v, row, rows, shown);
	titles(out, row, &l);
	for (size_t i = 0; i < shown; i++)
		entry(v, out, row, &l, rows[i]);
	if (top_error(t)) {
		buf_add_str(out, "  counts above are too high by at most ");
		quantity_count(out, top_error(t));
		buf_printf(out, ": more than %zu names\n", stats_names(v->of.stats));
	} else if (shown < n) {
		buf_printf(out, "  %zu of %zu names\n", shown, n);
	}
}

static void total(const struct log_text *v, struct buf *out, enum stats_total which, const char *words)
{
	uint64_t n = stats_total(v->of.stats, which);
	bool size = which == STATS_OCTETS_RECEIVED || which == STATS_OCTETS_DELIVERED;
	(size ? octets : number)(out, n);
	buf_printf(out, "  %s\n", words);
}

static void distinct(const struct log_text *v, struct buf *out, enum stats_table which, const char *words)
{
	const struct top *t = stats_table(v->of.stats, which);
	number(out, top_count(t));
	buf_printf(out, "%s %s\n", top_error(t) ? "+" : " ", words);
}

static void reached(const struct log_text *v, struct buf *out)
{
	struct top *t = stats_table(v->of.stats, STATS_RECIPIENTS);
	size_t count, n = 0;
	const struct top_entry *const *rows = top_sorted(t, TOP_BY_COUNT, &count);
	for (size_t i = 0; i < count; i++)
		n += rows[i]->values[STATS_VALUE_DELIVERED] > 0;
	number(out, n);
	buf_printf(out, "%s of them reached\n", top_error(t) ? "+" : " ");
}

static void connections(const struct log_text *v, struct buf *out)
{
	uint64_t ended = stats_total(v->of.stats, STATS_CONNECTIONS_ENDED);
	total(v, out, STATS_CONNECTIONS, "SMTP connections from clients");
	if (ended) {
		struct buf cell = buf_make(CELL_OCTETS_MAX);
		seconds(&cell, stats_total(v->of.stats, STATS_CONNECTION_MS) / ended);
		right(out, &cell, NUMBER_COLUMNS);
		buf_release(&cell);
		buf_add_str(out, "  mean time of a connection\n");
	}
	total(v, out, STATS_LOGINS, "logins");
	total(v, out, STATS_LOGIN_FAILURES, "failed logins");
}

static void totals(const struct log_text *v, struct buf *out)
{
	heading(v, out, "Totals");
	total(v, out, STATS_RECEIVED, "messages received");
	total(v, out, STATS_NOTICES, "bounces and notices made here");
	total(v, out, STATS_RECIPIENTS_TOTAL, "recipients in all");
	total(v, out, STATS_DELIVERED, "recipients delivered");
	total(v, out, STATS_DELIVERED_LOCAL, "of them to mailboxes here");
	total(v, out, STATS_DELIVERED_REMOTE, "of them to other servers");
	total(v, out, STATS_FORWARDED, "recipients forwarded: another message was made");
	total(v, out, STATS_REDIRECTED, "recipients sent on to other servers in place of an address here");
	total(v, out, STATS_DEFERRED, "recipients deferred");
	total(v, out, STATS_DEFERRALS, "deferrals (tries)");
	total(v, out, STATS_WAITING, "recipients still waiting when the log ends");
	total(v, out, STATS_BOUNCED, "recipients bounced");
	total(v, out, STATS_EXPIRED, "recipients given up after deferrals");
	total(v, out, STATS_REJECTED, "refused here");
	total(v, out, STATS_REJECT_WARNINGS, "accepted, though a rule on trial would have refused them");
	total(v, out, STATS_HELD, "recipients on hold");
	total(v, out, STATS_REMOVED, "recipients removed from the queue by the administrator");
	total(v, out, STATS_DISCARDED, "recipients discarded");
	total(v, out, STATS_WARNINGS, "warnings");
	total(v, out, STATS_OCTETS_RECEIVED, "received");
	total(v, out, STATS_OCTETS_DELIVERED, "delivered");
	distinct(v, out, STATS_SENDERS, "senders");
	distinct(v, out, STATS_SENDER_DOMAINS, "sender domains");
	distinct(v, out, STATS_CLIENTS, "sending hosts");
	distinct(v, out, STATS_RECIPIENTS, "recipients");
	reached(v, out);
	distinct(v, out, STATS_RECIPIENT_DOMAINS, "recipient domains");
	connections(v, out);
}

static void delays(const struct log_text *v, struct buf *out)
{
	static const char *const words[] = {"1 min", "5 min", "15 min", "30 min", "1 h", "3 h", "6 h", "1 day"};
	buf_add_char(out, '\n');
	heading(v, out, "Time on this server until delivery");
	buf_printf(out, "%*s%*s\n", NUMBER_COLUMNS, "all", NUMBER_COLUMNS, "by SMTP");
	for (unsigned c = 0; c < STATS_DELAYS; c++) {
		number(out, stats_delays(v->of.stats, c, false));
		number(out, stats_delays(v->of.stats, c, true));
		buf_printf(out, "  %s %s\n", c < STATS_DELAYS - 1 ? "under" : "over",
			   words[c < STATS_DELAYS - 1 ? c : STATS_DELAYS - 2]);
	}
}

void log_stats_text(const struct log_text *v, struct buf *out)
{
	totals(v, out);
	delays(v, out);
	for (size_t i = 0; i < stats_table_count; i++)
		if (stats_tables[i].table != STATS_BY_HOUR)
			table(v, out, &stats_tables[i]);
	if (strcmp(v->of.zone_name, "local") == 0)
		buf_add_str(out, "\nDays and hours are in this machine's time zone.\n");
	else
		buf_printf(out, "\nDays and hours are in time zone %s.\n", v->of.zone_name);
	coverage_text(out, v->of.coverage, v->width);
}

void log_senders_text(const struct log_text *v, struct buf *out)
{
	for (size_t i = 0; i < stats_table_count; i++)
		if (stats_tables[i].table == STATS_ORIGINS)
			table(v, out, &stats_tables[i]);
	buf_add_char(out, '\n');
	coverage_text(out, v->of.coverage, v->width);
}
