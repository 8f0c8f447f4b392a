/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_NET_VANTAGE_LINK_H
#define OFFLIST_NET_VANTAGE_LINK_H

#include "net/addr.h"

/* The room's own: interfaces, addresses and routes of the namespace that the thread is in, by rtnetlink(7). */

/** A pair: `name` here, `peer` in the namespace of that descriptor. @return 0; -errno, as all of them. */
int vantage_link_pair(const char *name, const char *peer, int peer_namespace);
int vantage_link_up(const char *name);
int vantage_link_address(const char *name, const struct addr *a);
/** To one address, or to all (NULL), by that interface without a gateway. */
int vantage_link_route(const char *name, const struct addr *to);

#endif
