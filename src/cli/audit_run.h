/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_AUDIT_RUN_H
#define OFFLIST_CLI_AUDIT_RUN_H

#include "audit/audit.h"

/**
 * Audits from begin to end, findings worst first; a signal ends them (stop.h), and those that had not ended say so.
 * @param all  with its config. @param rows  as audits_begin(). @return 0; negative errno.
 */
int audit_run(struct audits *all, const struct audit_row *const *rows, size_t count, struct arena *arena);

#endif
