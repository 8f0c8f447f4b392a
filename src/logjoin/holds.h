/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGJOIN_HOLDS_H
#define OFFLIST_LOGJOIN_HOLDS_H

#include <stdbool.h>

#include "logjoin/mail_message.h"

/*
 * Which parts of messages' lives a log holds. A log out of which somebody took lines (grep, a mail to a colleague) shows
 * no cause for what was left out, and nothing is said of it.
 */

enum holds_lines {
	HOLDS_OTHERS,
	HOLDS_ARRIVALS,
	HOLDS_DETAILS,
	HOLDS_DELIVERIES,
	HOLDS_ENDS,
	HOLDS_REFUSALS,
	HOLDS_LINES
};

struct log_holds {
	/* lines of mail servers (not of Dovecot, filters, PHP) */
	union {
		struct {
			uint64_t others, arrivals, details, deliveries, ends, refusals;
		};
		uint64_t lines[HOLDS_LINES]; /* the same by their kind */
	};
	/* messages with a sender or none known, notices left out */
	uint64_t whole;      /* arrival and outcome are there */
	uint64_t no_arrival; /* an outcome, and no arrival */
	uint64_t no_outcome; /* an arrival, and nothing else */
	uint64_t waiting;    /* an arrival, the queue's word of its recipients, and no outcome */
};

enum log_lack {
	LACK_NOTHING,
	LACK_SERVER,     /* no line of a mail server, but lines of programs beside it */
	LACK_MESSAGES,   /* nothing but refusals and failed logins */
	LACK_ARRIVALS,   /* deliveries without arrivals */
	LACK_DELIVERIES, /* arrivals without deliveries */
	LACK_BOTH,       /* neither, but lines of the queue between them */
	LACK_TRIES,      /* the queue took all that arrived, and tried nothing of it: it stands still */
};

/** A mail line that says nothing that is kept. */
void holds_quiet(struct log_holds *h, enum mail_format format);
void holds_event(struct log_holds *h, const struct mail_event *e);
void holds_message(struct log_holds *h, const struct mail_message *m);

/**
 * What is missing for a judgement. A quiet server, one that only receives or only sends, and a log that begins in the
 * middle of some messages lack nothing.
 */
enum log_lack holds_lack(const struct log_holds *h, uint64_t mail_lines);
/** "arrivals", "deliveries"; NULL for LACK_NOTHING. */
const char *log_lack_text(enum log_lack lack);

#endif
