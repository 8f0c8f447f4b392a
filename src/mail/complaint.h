/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MAIL_COMPLAINT_H
#define OFFLIST_MAIL_COMPLAINT_H

#include "base/arena.h"

/* Complaints about a message of ours: ARF (RFC 5965), Microsoft's JMRP, XARF (JSON), SpamCop's, and the plain abuse mail of a
 * provider. What they quote of the message tells which it was. Pure; outside octets, so whatever it says is a claim. */

enum complaint_kind { COMPLAINT_ARF, COMPLAINT_JMRP, COMPLAINT_XARF, COMPLAINT_SPAMCOP, COMPLAINT_ABUSE };

struct complaint {
	enum complaint_kind kind;
	struct span type;     /* "abuse", "spam"; empty: not told */
	struct span reporter; /* From of the report */
	struct span address;  /* from which the message came to them: ours */
	struct span at;       /* when, as they write it; of our own Received line where it is quoted */
	struct span mail_from, rcpt_to;
	/* of the message, as it is quoted */
	struct span message_id, subject, from;
	/* of the Received line that our server wrote */
	struct span host, queue_id, login, user_id;
	struct span script; /* X-PHP-Originating-Script and its like */
};

/** A message, or XARF's JSON by itself. @return 1: it is one; 0: it is not; -ENOMEM. Spans live in the arena or the text. */
int complaint_read(struct span text, struct arena *arena, struct complaint *ret_complaint);
/** "arf", "jmrp", "xarf", "spamcop", "abuse". */
const char *complaint_kind_text(enum complaint_kind kind);
/** An RFC 5322 or RFC 3339 date in UTC milliseconds. @return 0; -EINVAL. */
int complaint_time(struct span text, int64_t *ret_ms);

#endif
