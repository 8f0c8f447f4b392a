/* SPDX-License-Identifier: BSD-2-Clause */
#include "logjoin/maillog.h"

#include <errno.h>
#include <stdlib.h>

#include "logjoin/containers.h"
#include "logparse/format.h"
#include "logparse/unread.h"
#include "logjoin/join.h"
#include "logjoin/shapes.h"

enum {
	LINES_BETWEEN_PROGRESS = 100000,
	OCTETS_BETWEEN_PROGRESS = 16 << 20,
	LINES_TO_NAME = 1000, /* so many of a log without a mail line are asked whose they are */
};

struct maillog {
	struct sources *sources;
	struct join *join;
	struct shapes *shapes;
	struct formats formats;
	struct containers containers;
	uint32_t want;
	const struct mail_sink *sink; /* who reads; the join hands to `own`, which counts and hands on */
	struct mail_sink own;
	bool goes_on;
	bool (*progress)(void *arg);
	void *progress_arg;
	uint64_t lines_since, octets_since; /* it was last called */
	int64_t last_ms;                    /* a line without a stamp has its predecessor's */
	struct log_coverage coverage;
};

static void on_messages(void *arg, const struct mail_message *m, size_t count)
{
	struct maillog *log = arg;
	for (size_t i = 0; i < count; i++)
		holds_message(&log->coverage.holds, &m[i]);
	log->sink->messages(log->sink->arg, m, count);
}

static void on_event(void *arg, const struct mail_event *e, const struct line_copy *line)
{
	struct maillog *log = arg;
	log->sink->event(log->sink->arg, e, line);
}

struct maillog *maillog_new(struct sources *s, const struct mail_sink *sink)
{
	struct maillog *m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->sources = s;
	m->want = sink->want;
	m->sink = sink;
	m->own = (struct mail_sink){m, sink->want, on_messages, sink->event ? on_event : NULL, NULL};
	m->join = join_new(&m->own, 0);
	m->shapes = shapes_new();
	m->coverage.from_ms = m->coverage.to_ms = m->last_ms = STAMP_NONE;
	if (!m->join || !m->shapes) {
		maillog_free(m);
		return NULL;
	}
	return m;
}

void maillog_free(struct maillog *m)
{
	if (!m)
		return;
	join_free(m->join);
	shapes_free(m->shapes);
	free(m);
}

void maillog_on_progress(struct maillog *m, bool (*progress)(void *arg), void *arg)
{
	m->progress = progress;
	m->progress_arg = arg;
}

static void cover(struct log_coverage *c, int64_t at_ms)
{
	if (at_ms == STAMP_NONE)
		return;
	if (c->from_ms == STAMP_NONE || at_ms < c->from_ms)
		c->from_ms = at_ms;
	if (c->to_ms == STAMP_NONE || at_ms > c->to_ms)
		c->to_ms = at_ms;
}

/* A mail line whose stamp or program stands in no known form. */
static void count_unread(struct maillog *m, const struct log_line *l)
{
	m->coverage.mail_lines++;
	m->coverage.unparsed++;
	shapes_add(m->shapes, l);
}

static int take_line(struct maillog *m, const struct log_line *l)
{
	struct log_coverage *c = &m->coverage;
	int64_t at_ms = l->at_ms == STAMP_NONE ? m->last_ms : l->at_ms;
	struct mail_event e;
	enum line_result result = format_parse(&m->formats, l, m->want, &e);
	c->lines++;
	m->last_ms = at_ms;
	if (result == LINE_FOREIGN) {
		if (!l->program.len && format_names_server(l->raw))
			count_unread(m, l);
		else if (!c->unread && !c->mail_lines && c->lines <= LINES_TO_NAME)
			c->unread = format_unread(l->raw);
		return 0;
	}
	if (result == LINE_EVENT && e.kind == EVENT_SUPPRESSED) {
		c->suppressed += e.count;
		return 0;
	}
	c->mail_lines++;
	c->by_format[e.format]++;
	cover(c, at_ms);
	if (result == LINE_UNKNOWN || at_ms == STAMP_NONE) {
		c->unparsed++;
		holds_quiet(&c->holds, e.format);
		shapes_add(m->shapes, l);
		return 0;
	}
	if (result == LINE_QUIET) {
		holds_quiet(&c->holds, e.format);
		return 0;
	}
	holds_event(&c->holds, &e);
	e.at_ms = at_ms;
	if (containers_may_be(e.host))
		e.host = containers_host(&m->containers, e.host, at_ms);
	if (m->sink->every)
		m->sink->every(m->sink->arg, &e, l);
	return join_event(m->join, &e, l);
}

static struct log_by_all by_all(const struct maillog *m, enum mail_outcome outcome)
{
	const struct join_by_all *all = join_by_all(m->join, outcome);
	return (struct log_by_all){all->messages, all->unknown};
}

static void report_coverage(struct maillog *m, struct log_coverage *ret_coverage)
{
	m->coverage.early = join_dropped_early(m->join);
	m->coverage.removed = by_all(m, OUTCOME_REMOVED);
	m->coverage.held = by_all(m, OUTCOME_HELD);
	m->coverage.released = by_all(m, OUTCOME_NONE);
	m->coverage.files = sources_files(m->sources, &m->coverage.file_count);
	m->coverage.gaps = sources_gaps(m->sources, &m->coverage.gap_count);
	*ret_coverage = m->coverage;
	if (m->coverage.mail_lines)
		ret_coverage->unread = NULL;
}

static void hand_over_idle(struct maillog *m)
{
	if (m->last_ms != STAMP_NONE)
		join_idle(m->join, m->last_ms - FOLLOW_IDLE_MS);
}

void maillog_goes_on(struct maillog *m)
{
	m->goes_on = true;
}

/* The caller is asked once in so many lines, or octets where lines are long. */
static bool is_stopped(struct maillog *m, size_t octets)
{
	m->lines_since++;
	m->octets_since += octets;
	if (m->lines_since < LINES_BETWEEN_PROGRESS && m->octets_since < OCTETS_BETWEEN_PROGRESS)
		return false;
	m->lines_since = m->octets_since = 0;
	return m->progress && m->progress(m->progress_arg);
}

int maillog_read(struct maillog *m, struct log_coverage *ret_coverage)
{
	const struct log_line *l;
	int rc;
	while ((rc = sources_next(m->sources, &l)) > 0) {
		rc = take_line(m, l);
		if (rc == 0 && is_stopped(m, l->raw.len))
			rc = -EINTR;
		if (rc < 0)
			break;
	}
	if (m->goes_on)
		hand_over_idle(m);
	else
		join_end(m->join);
	report_coverage(m, ret_coverage);
	return rc;
}

int maillog_follow(struct maillog *m, int64_t now_us, int64_t wall_ms)
{
	const struct log_line *l;
	int lines = 0, rc = 0;
	while (lines < FOLLOW_LINES && !(m->progress && m->progress(m->progress_arg)) &&
	       (rc = sources_follow(m->sources, now_us, wall_ms, &l)) > 0) {
		rc = take_line(m, l);
		if (rc < 0)
			break;
		lines++;
	}
	return rc < 0 ? rc : lines;
}

int maillog_follow_fd(const struct maillog *m)
{
	return sources_follow_fd(m->sources);
}

int64_t maillog_follow_deadline_us(const struct maillog *m)
{
	return sources_follow_deadline_us(m->sources);
}

void maillog_followed(struct maillog *m, struct log_coverage *ret_coverage)
{
	hand_over_idle(m);
	report_coverage(m, ret_coverage);
}

const struct unparsed_shape *maillog_unparsed(const struct maillog *m, size_t *ret_count)
{
	return shapes_sorted(m->shapes, ret_count);
}
