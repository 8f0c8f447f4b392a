/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_NET_VANTAGE_H
#define OFFLIST_NET_VANTAGE_H

#include "base/error.h"
#include "net/addr.h"

/*
 * A place from which this machine looks like a server elsewhere: a network namespace of our own, joined to the machine by a
 * pair of interfaces, with an address of RFC 2544 that nobody has. It needs CAP_SYS_ADMIN and CAP_NET_ADMIN, and is gone with
 * its last descriptor, however the process ends. The machine gets an interface and a route to the one address, but no
 * address: what servers take for their own networks does not change.
 */

struct vantage {
	int here, there;  /* the namespaces */
	struct addr addr; /* whom connections come from */
};

/** @return 0; -EPERM and others: `why` tells. */
int vantage_open(struct vantage *ret_vantage, struct error *why);
/** conn_begin() from there. */
int vantage_connect(const struct vantage *v, const struct endpoint *to, int *ret_fd);
/** One that was not opened (all zero) is taken. */
void vantage_close(struct vantage *v);

/** IPv4 addresses of this machine that others may reach, public ones first. @return how many of `max`. */
size_t vantage_targets(struct addr *list, size_t max);

#endif
