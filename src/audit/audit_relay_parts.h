/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUDIT_AUDIT_RELAY_PARTS_H
#define OFFLIST_AUDIT_AUDIT_RELAY_PARTS_H

#include "audit/audit.h"
#include "mta/finder.h"
#include "probe/stranger_probe.h"

/* The relay audit's own. */

enum { AUDIT_RELAY_TARGETS_MAX = 8 };

struct audit_relay {
	struct audits *all;
	struct audit *a;
	struct finder f; /* for what the server's programs are asked */
	struct server server;
	bool screened; /* postscreen stands before it */
	/* the tries of a stranger */
	struct vantage vantage;
	struct addr targets[AUDIT_RELAY_TARGETS_MAX];
	size_t target_count, target;
	struct stranger_task task;
	struct stranger_probe *probe;
};

/** What Postfix's settings would let strangers do. @return 0; -errno: `a->why` tells or memory is used up. */
int audit_relay_postfix(struct audit_relay *r);

/** audit_found(), each id and subject once. */
void audit_relay_found(struct audit_relay *r, const char *id, const char *subject, const char *detail,
		       const char *evidence);

/** A stranger tries it: from where, and at which addresses. @return 0; -errno: `why` tells why nobody could. */
int audit_relay_tries_begin(struct audit_relay *r, int64_t now_us, struct error *why);
/** @return whether they are over; what came of them is told then. */
bool audit_relay_tries_step(struct audit_relay *r, int64_t now_us);
void audit_relay_tries_end(struct audit_relay *r);

#endif
