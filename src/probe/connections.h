/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_PROBE_CONNECTIONS_H
#define OFFLIST_PROBE_CONNECTIONS_H

#include "net/addr.h"

/* TCP sockets as /proc/net/tcp and /proc/net/tcp6 have them (proc_net_tcp in the kernel's documentation). Pure. */

enum connection_state { CONNECTION_OPEN, CONNECTION_OPENING, CONNECTION_CLOSING, CONNECTION_LISTENS };

struct connection {
	struct endpoint local, remote;
	enum connection_state state;
	uint32_t uid;
	uint64_t inode; /* 0: its process has closed it, or is gone */
};

/** Take the next connection off the text; lines that are none are passed over. False: none left. */
bool connection_next(struct span *rest, struct connection *ret_connection);

/** smtp, submissions, submission (25, 465, 587). */
bool connection_is_mail_port(uint16_t port);

#endif
