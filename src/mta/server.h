/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MTA_SERVER_H
#define OFFLIST_MTA_SERVER_H

#include "base/arena.h"
#include "base/error.h"
#include "net/addr.h"
#include "sys/trace.h"

/* "This server" (rule 7): which MTA, its addresses with their origin, host name, domains, smarthost. */

enum mta_kind { MTA_NONE, MTA_POSTFIX, MTA_EXIM, MTA_SENDMAIL, MTA_OPENSMTPD };

struct server_address {
	struct addr addr;
	const char *origin; /* "inet_interfaces of Postfix", "interface eth0", "proxy_interfaces" ... */
};

/** Where mail waits. */
struct server_queue {
	const char *path; /* the folder */
	const char *
		settings; /* the folder of the instance's settings, as its programs take it with -c; NULL: the usual one */
};

struct server {
	enum mta_kind mta;
	const char *mta_name;             /* "Postfix", "none found" */
	const char *host_name;            /* NULL: not known */
	const char *helo;                 /* what it says in HELO by the MTA's settings; NULL: they do not tell */
	struct server_address *addresses; /* public or documentation addresses only */
	size_t address_count;
	const char **domains; /* domains it serves */
	size_t domain_count;
	struct prefix *networks; /* whose hosts may send to anybody: mynetworks and its like; none: not told */
	size_t network_count;
	const char *smarthost; /* relayhost and the like, NULL: none */
	struct server_queue *queues;
	size_t queue_count;
	bool behind_nat; /* it has addresses, none of them public */
};

/**
 * Look at this machine. No network. Programs (postconf, exim -bP) run with a 5 s limit and no shell.
 * @param root  "" normally; a directory in tests, in which etc/postfix/main.cf and so on are looked for.
 * @param trace  may be NULL.
 * @param arena  settings and maps are kept in it, each at most 1 MiB: give it a maximum of 64 MiB.
 * @return 0; -ENOMEM. Things that could not be read are named in notes (one line each, arena).
 */
int server_find(const char *root, const struct trace *trace, struct arena *arena, struct server *ret_server,
		const char ***ret_notes, size_t *ret_note_count);

#endif
