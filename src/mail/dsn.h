/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MAIL_DSN_H
#define OFFLIST_MAIL_DSN_H

#include "base/arena.h"
#include "base/error.h"

/* Bounce messages: RFC 3464 reports, and the plain-text bounces of MTAs that write none. Pure; outside octets. */

struct dsn_recipient {
	struct span recipient;      /* Original-Recipient, else Final-Recipient, without "rfc822;" */
	struct span action, status; /* "failed", "5.7.1" */
	struct span remote_mta;     /* host */
	struct span diagnostic;     /* the reply, unfolded; without "smtp;" */
};

struct dsn {
	bool is_bounce;
	struct span reporting_mta, arrival_date, original_message_id, original_queue_id;
	const struct dsn_recipient *recipients;
	size_t recipient_count;
};

enum { DSN_OCTETS_MAX = 64 << 20, DSN_RECIPIENTS_MAX = 1000, DSN_MESSAGES_MAX = 100000 };

/** One message; line ends LF, CR or CRLF. @return 0 (is_bounce tells); -ENOMEM; -E2BIG. */
int dsn_read(struct span message, struct arena *arena, struct dsn *ret_dsn);
/** The words of a notice without their head, as a person pastes them: the same. */
int dsn_read_words(struct span text, struct arena *arena, struct dsn *ret_dsn);
/** Does the text look like a message (header lines) or an mbox ("From ")? */
bool dsn_is_message(struct span text);
/** Take the next message off an mbox or give the whole text once. False: none left. */
bool dsn_mbox_next(struct span *rest, struct span *ret_message);

#endif
