/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUDIT_AUDIT_RELAY_PARTS_H
#define OFFLIST_AUDIT_AUDIT_RELAY_PARTS_H

#include "audit/audit.h"
#include "mta/finder.h"

/* The relay audit's own. */

struct audit_relay {
	struct audits *all;
	struct audit *a;
	struct finder f; /* for what the server's programs are asked */
	struct server server;
};

/** What Postfix's settings would let strangers do. @return 0; -errno: `a->why` tells or memory is used up. */
int audit_relay_postfix(struct audit_relay *r);

/** audit_found(), each id and subject once. */
void audit_relay_found(struct audit_relay *r, const char *id, const char *subject, const char *detail,
		       const char *evidence);

#endif
