/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_DRIVE_AUDIT_H
#define OFFLIST_CLI_DRIVE_AUDIT_H

#include "audit/audit.h"

/**
 * Audits from begin to end, findings worst first; a signal ends them (stop.h), and those that had not ended say so.
 * @param all  with its config, but for the network. @param rows  as audits_begin(). @param dns  how lookups are made;
 * NULL: none are. @return 0; negative errno.
 */
int drive_audits(struct audits *all, const struct audit_row *const *rows, size_t count,
		 const struct dns_network_config *dns, struct arena *arena);

#endif
