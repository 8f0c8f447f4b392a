/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CHECK_REVERSE_H
#define OFFLIST_CHECK_REVERSE_H

#include "check/check.h"

/*
 * Reverse names of addresses (PTR), and whether they lead back (forward-confirmed reverse DNS, RFC 8601 section 3): many
 * receivers refuse mail from an address without one. Looked up while the lists are asked; they change no verdict.
 */

enum reverse_state {
	REVERSE_UNKNOWN,   /* no answer */
	REVERSE_NONE,      /* the address has no name */
	REVERSE_MISMATCH,  /* no name leads back to the address */
	REVERSE_CONFIRMED, /* this name leads back */
};

struct reverse {
	enum reverse_state state;
	char name[DNS_NAME_TEXT_SIZE]; /* the one that leads back, else the first; "" without one */
	enum reverse_state helo; /* does the HELO name lead to the address? REVERSE_UNKNOWN also: none was given */
};

struct reverse_run;

/**
 * Ask for all targets that are public addresses, a few hundred at most; returns at once.
 * @param network  with the recursion of check_recursion(), for this alone; it is closed with this.
 * @param targets  stay where they are until reverse_free().
 * @param helo     this server's HELO name, to be looked up as well; NULL: none.
 * @return 0; -ENOMEM; others: no resolver, with a line in err.
 */
int reverse_begin(const struct check_config *config, const struct dns_network *network, const struct target *targets,
		  size_t count, const char *helo, int64_t now_us, struct reverse_run **ret_run, struct error *err);
/** @return true: nothing is waited for any more: all has come, or one list's budget has passed since the begin. */
bool reverse_step(const struct reverse_run *run, int64_t now_us);
int64_t reverse_deadline_us(const struct reverse_run *run);
/** What is known of a target now. @return false: not asked. */
bool reverse_get(const struct reverse_run *run, const struct target *target, struct reverse *ret_reverse);
struct reverse_run *reverse_free(struct reverse_run *run);

const char *reverse_state_text(enum reverse_state s); /* "unknown" "none" "mismatch" "confirmed" */

#endif
