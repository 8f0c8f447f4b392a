/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGQUERY_TRACKING_H
#define OFFLIST_LOGQUERY_TRACKING_H

#include "base/arena.h"
#include "base/buf.h"
#include "logread/line.h"
#include "logjoin/mail_message.h"

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
typedef bool tracking_match_fn(void *arg, const struct log_line *l, const struct mail_event *e);

struct tracking_line {
	int64_t at_ms;
	uint32_t source;
	uint64_t number;
	struct span raw;
	uint32_t life; /* index */
};

struct tracking_life {   /* one message on one host from its first to its last line */
	struct span key; /* host, instance and id, with NUL between */
	struct span id;
	uint32_t before; /* index + 1 of the earlier life of the same key */
	uint32_t group;  /* index of the life that stands for all that belong together */
	int64_t first_ms, last_ms;
	bool matched, ended;
	size_t first_line;
	const char *summary;      /* filled in by tracking_summary(); NULL: none */
	const char *summary_json; /* an object */
};

struct tracking;

struct tracking *tracking_new(tracking_match_fn *match, void *arg);
void tracking_free(struct tracking *t);
/** First readings: note the ids of a line that matches. */
void tracking_gather(struct tracking *t, const struct log_line *l);
/** A reading has ended. @return true: there were new ids, read once more. */
bool tracking_more(struct tracking *t);
/** Last reading: keep the line if it belongs to what was gathered, or matches by itself. @return it was kept. */
bool tracking_keep(struct tracking *t, const struct log_line *l, const struct mail_event *e);
/** After it: which lives belong together is settled. */
void tracking_settle(struct tracking *t);

/** Lives that stand for a group that matches, in the order of their first lines. */
const struct tracking_life *tracking_lives(const struct tracking *t, size_t *ret_count);
const struct tracking_line *tracking_lines(const struct tracking *t, size_t *ret_count);
uint32_t tracking_group_of(const struct tracking *t, uint32_t life);
bool tracking_group_matched(const struct tracking *t, uint32_t group);
/** The life that a joined message tells of; UINT32_MAX: none. */
uint32_t tracking_life_of(const struct tracking *t, const struct mail_message *m);
void tracking_summary(struct tracking *t, uint32_t life, const struct buf *text, const struct buf *json);
/** Something was left out: too many ids or lines, or memory. NULL: no. */
const char *tracking_cut(const struct tracking *t);

#endif
