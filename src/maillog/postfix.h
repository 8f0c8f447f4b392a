/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MAILLOG_POSTFIX_H
#define OFFLIST_MAILLOG_POSTFIX_H

#include "maillog/format.h"

/* The files of the Postfix reader. `rest` is a line's text after "ID: ". */

enum postfix_daemon {
	POSTFIX_OTHER,
	POSTFIX_SMTPD, /* postscreen too */
	POSTFIX_PICKUP,
	POSTFIX_CLEANUP,
	POSTFIX_QMGR,
	POSTFIX_SMTP,
	POSTFIX_LMTP,
	POSTFIX_LOCAL,
	POSTFIX_PIPE,
	POSTFIX_ERROR, /* error, retry */
	POSTFIX_DISCARD,
	POSTFIX_BOUNCE,
	POSTFIX_QUIET, /* daemons that say nothing of single messages */
	POSTFIX_NONE,  /* no daemon of Postfix */
};

enum postfix_daemon postfix_daemon(struct span name);
enum line_result postfix_client(enum postfix_daemon daemon, struct span rest, struct mail_event *e);
enum line_result postfix_cleanup(struct span rest, struct mail_event *e);
enum line_result postfix_delivery(enum postfix_daemon daemon, struct span rest, struct mail_event *e);
/** "reject: RCPT from NAME[IP]: 554 ...; from=<> to=<> proto= helo=<>", with or without a queue id before it. */
enum line_result postfix_refusal(struct span rest, struct mail_event *e);
/** Lines without a queue id. */
enum line_result postfix_note(enum postfix_daemon daemon, struct span text, uint32_t want, struct mail_event *e);

static inline bool postfix_starts(struct span s, const char *with)
{
	size_t n = strlen(with);
	return s.len >= n && memcmp(s.at, with, n) == 0;
}

#endif
