/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MTA_MTA_SMTPD_H
#define OFFLIST_MTA_MTA_SMTPD_H

#include "mta/mta_settings.h"

/* Postfix's SMTP services, each with the settings that hold for it, and its tables: asked of Postfix's own programs. */

enum { MTA_SMTPD_SERVICES_MAX = 32 };

struct mta_smtpd {
	const char *name;             /* as master.cf has it: "smtp inet", "[::1]:10025 inet" */
	bool outside;                 /* it listens where other machines may reach it */
	bool screened;                /* postscreen stands before it */
	struct mta_settings settings; /* its -o options over main.cf, names put in */
};

/**
 * The services whose program is smtpd.
 * @param f  after finder_prepare().
 * @return 0; -ENOENT: there is no postconf; -errno: `why` tells.
 */
int mta_smtpd_find(struct finder *f, struct mta_smtpd **ret_services, size_t *ret_count, struct error *why);

/** What a table ("hash:/etc/postfix/access") answers to one key; empty: it has none. @return 0; -errno. */
int mta_smtpd_lookup(struct finder *f, const char *table, const char *key, struct span *ret_value);

/**
 * All rows of a table, one a line, key and value parted by white space; of regexp, pcre and cidr the lines of its file.
 * @return 0; -EIO: this type of table does not show them; -errno.
 */
int mta_smtpd_rows(struct finder *f, const char *table, struct span *ret_rows);

#endif
