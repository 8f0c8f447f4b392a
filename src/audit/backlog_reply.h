/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUDIT_BACKLOG_REPLY_H
#define OFFLIST_AUDIT_BACKLOG_REPLY_H

#include "base/span.h"

/** What a receiver said, out of the words of the mail server that put it off. */
struct backlog_reply {
	struct span relay; /* its name; empty: not told */
	uint16_t code;     /* 0: none */
	struct span status, text;
};

/**
 * "host NAME[IP] said: 450 4.7.1 ... (in reply to RCPT TO command)" (Postfix), "H=NAME [IP]: SMTP error from remote mail server
 * after RCPT TO:<...>: 450 4.7.1 ..." (Exim); of other words all is text.
 */
struct backlog_reply backlog_reply_of(struct span reason);

#endif
