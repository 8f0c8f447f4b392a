/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MTA_SPOOL_EXIM_H
#define OFFLIST_MTA_SPOOL_EXIM_H

#include "mta/spool.h"

/*
 * Exim's spool files (its specification, "Format of spool files"): -H has the user, the sender, what is known of the client,
 * those who were served, the recipients and the header. Pure.
 */

/**
 * @param journal  what is in -J beside it: those who were served since; empty: none.
 * @return NULL: `m` has it; else what is wrong with it.
 */
const char *spool_exim_read(struct spool_message *m, struct span text, struct span journal);

/** Why it waits: the last reason in its message log. */
void spool_exim_log(struct spool_message *m, struct span text);

#endif
