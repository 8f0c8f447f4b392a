/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_LIMITS_H
#define OFFLIST_DIAGNOSE_LIMITS_H

#include "diagnose/diagnose.h"

/** Do these words of our own server say that a sender went over one of its limits (cPanel, Exim's ratelimit, policyd,
 * postfwd, rspamd, anvil)? What a receiver says is another matter, and so is a mailbox that is full. */
bool limits_exceeded(struct span reply, struct span status);
/** Do our own server's words say that no connection to the receiver came about: timed out, no route? */
bool limits_unreached(const struct mail_delivery *d);

#endif
