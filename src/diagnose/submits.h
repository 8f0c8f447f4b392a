/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_SUBMITS_H
#define OFFLIST_DIAGNOSE_SUBMITS_H

#include "maillog/event.h"

/* PHP's mail.log names the script and the recipient, but no message: the last ones are kept, and a local message to the
 * same recipient within two seconds is that script's. */

enum { SUBMITS_KEPT = 1 << 14, SUBMIT_PLACES = 8, SCRIPTS_MAX = 1024, SUBMIT_NEAR_S = 2 };

struct submit {
	uint64_t recipient; /* hash; 0: free */
	int64_t at_s;
	uint32_t script;
};

struct submits {
	struct submit *at; /* by recipient and second, each in one of SUBMIT_PLACES */
	char **scripts;
	uint32_t script_count;
	int error;
};

void submits_release(struct submits *s);
void submits_note(struct submits *s, const struct mail_event *e);
/** The script that handed over a message to this recipient at this time; empty: none known. */
struct span submits_find(const struct submits *s, struct span recipient, int64_t at_ms);

#endif
