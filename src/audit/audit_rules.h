/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUDIT_AUDIT_RULES_H
#define OFFLIST_AUDIT_AUDIT_RULES_H

#include <stdbool.h>

#include "base/arena.h"
#include "mta/mta_settings.h"

/*
 * Postfix's restriction lists, read as smtpd reads them (postconf(5), SMTPD_ACCESS_README): what becomes of a stranger's
 * recipient elsewhere. Pure. What depends on the world (DNS, lists, policy servers) is taken to let the stranger pass: who
 * wants to relay sees to that.
 */

/** What a table looks at, and so who chooses its key. */
enum audit_rules_kind { RULES_CLIENT, RULES_HELO, RULES_SENDER, RULES_RECIPIENT, RULES_OTHER };

struct audit_rules {
	const struct mta_settings *settings; /* of one service */
	bool in_networks;                    /* the stranger's address is in mynetworks */
	bool every_domain;                   /* relay_domains holds every domain */
	bool artful; /* the stranger chooses HELO, sender and recipient so that tables let him pass */
	/**
	 * Rows of an access table that a stranger's key may match, one a line, key and action parted by white space.
	 * Empty: none, or the table cannot be read.
	 */
	struct span (*rows)(void *arg, enum audit_rules_kind kind, struct span table);
	void *arg;
};

/** Why he is let through: the word in whose place the list would have refused him. */
struct audit_rules_way {
	const char *list; /* the parameter; NULL: no list refuses anybody */
	struct span word; /* empty: as before */
	struct span table, row;
	enum audit_rules_kind kind; /* of the table */
};

/**
 * Does smtpd take this service up? Without anything that could refuse relaying it ends with an error ("specify at least one
 * working instance of: reject_unauth_destination, ..."), and nobody can send.
 */
bool audit_rules_serve(const struct audit_rules *rules);

/** @return whether the recipient is taken. */
bool audit_rules_let(const struct audit_rules *rules, struct audit_rules_way *ret_way);

#endif
