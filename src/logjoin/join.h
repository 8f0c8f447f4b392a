/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGJOIN_JOIN_H
#define OFFLIST_LOGJOIN_JOIN_H

#include "logread/line.h"
#include "logjoin/mail_message.h"

/*
 * Puts events together to messages. A message's key is host, instance and queue id. Never joined across hosts.
 * Time is the events' own. Memory is bounded: at most `open_max` messages are open; the longest untouched is handed
 * over first. A message that came from our own loopback without a login waits after its end for JOIN_LINGER_MS, as the
 * line that links it to its first hop may follow. Messages are handed over several at a time: some that have come to
 * their end wait for the next ones, until join_idle() or join_end().
 */

enum {
	JOIN_OPEN_MAX = 200000,
	JOIN_LINGER_MS = 10000,
	JOIN_AGE_MS =
		6 * 86400 * 1000, /* Postfix and Exim give up after 5 and 4 days; no line since then: handed over */
	JOIN_SUBMIT_MS = 2000,    /* Exim's cwd= line, Sendmail's AUTH= line: how long they wait for their message */
};

struct join;

/** @param open_max  messages open at once; 0: JOIN_OPEN_MAX. @return NULL: no memory. */
struct join *join_new(const struct mail_sink *sink, size_t open_max);
void join_free(struct join *j);
/** Take one event; the line is copied where it may be shown. @return 0; -ENOMEM. */
int join_event(struct join *j, const struct mail_event *e, const struct log_line *line);
/**
 * Hand over messages that no line has told of since `before_ms`, and all that have come to their end: the log goes on,
 * but somebody wants to know now.
 */
void join_idle(struct join *j, int64_t before_ms);
/** Hand over all that is open: the log has ended. */
void join_end(struct join *j);
/** What was done to messages that no line names (postsuper .. ALL): `outcome` REMOVED, HELD, or NONE: released. */
struct join_by_all {
	uint64_t messages;
	uint64_t unknown; /* of these so many of which it cannot be told which ones they were: they count as before */
};
const struct join_by_all *join_by_all(const struct join *j, enum mail_outcome outcome);
/** Messages handed over before their end because open_max was reached. */
uint64_t join_dropped_early(const struct join *j);

#endif
