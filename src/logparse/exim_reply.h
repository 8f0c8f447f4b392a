/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGPARSE_EXIM_REPLY_H
#define OFFLIST_LOGPARSE_EXIM_REPLY_H

#include "logparse/exim.h"

/** The text of a failure: `r` stands before its ':'. Sets reply, remote_reply, code, status and the relay it names. */
void exim_failure_text(struct exim_rest *r, struct mail_event *e);
/** Set link and related when the reply tells under which id the next hop took it: "250 OK id=..", "queued as ..". */
void exim_next_hop(struct mail_event *e);

#endif
