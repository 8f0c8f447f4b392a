/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_QUOTED_H
#define OFFLIST_CLI_QUOTED_H

#include "net/addr.h"
#include "store/store.h"

/* This server's address as receivers quote it in their replies (rule 7): found by diagnose in this server's own log, kept
 * in the state, checked by a check without a target. */

/** Keep it. Failures are told once, on stderr. */
void quoted_keep(struct store *s, const char *address, int64_t now_ms);
/** @return it is known, public and not older than 30 days. */
bool quoted_known(struct store *s, int64_t now_ms, struct addr *ret_addr);

#endif
