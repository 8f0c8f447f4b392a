/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_LOG_TRACE_H
#define OFFLIST_CLI_LOG_TRACE_H

#include "base/arena.h"
#include "base/buf.h"
#include "maillog/line.h"
#include "maillog/message.h"

/*
 * Whole messages out of a log: every line of those that match, with the messages they came from or became (filter hops,
 * forwards, notices). The log is read several times: first the ids that belong together are gathered until none is new,
 * then their lines. So memory is that of what is found.
 */

enum {
	TRACE_IDS_MAX = 200000,
	TRACE_OCTETS_MAX = 256 << 20, /* lines found */
	TRACE_PASSES_MAX = 8,         /* readings for ids: a chain of that many hops written in the wrong order */
};

/** Does the line match? `e` is NULL where the line says nothing that is kept. */
typedef bool trace_match_fn(void *arg, const struct log_line *l, const struct mail_event *e);

struct trace_line {
	int64_t at_ms;
	uint32_t source;
	uint64_t number;
	struct span raw;
	uint32_t life; /* index */
};

struct trace_life {      /* one message on one host from its first to its last line */
	struct span key; /* host, instance and id, with NUL between */
	struct span id;
	uint32_t before; /* index + 1 of the earlier life of the same key */
	uint32_t group;  /* index of the life that stands for all that belong together */
	int64_t first_ms, last_ms;
	bool matched, ended;
	size_t first_line;
	const char *summary;      /* filled in by trace_summary(); NULL: none */
	const char *summary_json; /* an object */
};

struct trace;

struct trace *trace_new(trace_match_fn *match, void *arg);
void trace_free(struct trace *t);
/** First readings: note the ids of a line that matches. */
void trace_gather(struct trace *t, const struct log_line *l);
/** A reading has ended. @return true: there were new ids, read once more. */
bool trace_more(struct trace *t);
/** Last reading: keep the line if it belongs to what was gathered, or matches by itself. @return it was kept. */
bool trace_keep(struct trace *t, const struct log_line *l, const struct mail_event *e);
/** After it: which lives belong together is settled. */
void trace_settle(struct trace *t);

/** Lives that stand for a group that matches, in the order of their first lines. */
const struct trace_life *trace_lives(const struct trace *t, size_t *ret_count);
const struct trace_line *trace_lines(const struct trace *t, size_t *ret_count);
uint32_t trace_group_of(const struct trace *t, uint32_t life);
bool trace_group_matched(const struct trace *t, uint32_t group);
/** The life that a joined message tells of; UINT32_MAX: none. */
uint32_t trace_life_of(const struct trace *t, const struct mail_message *m);
void trace_summary(struct trace *t, uint32_t life, const struct buf *text, const struct buf *json);
/** Something was left out: too many ids or lines, or memory. NULL: no. */
const char *trace_cut(const struct trace *t);

#endif
