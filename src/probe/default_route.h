/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_PROBE_DEFAULT_ROUTE_H
#define OFFLIST_PROBE_DEFAULT_ROUTE_H

#include "base/span.h"
#include "net/addr.h"

/** The IPv4 gateway of the default route in the text of /proc/net/route; family 0: it has none. */
struct addr default_route_parse(struct span routes);

/** The gateway of the container that this program runs in; family 0: it runs in none, or that cannot be told. */
struct addr default_route_of_container(const char *root);

#endif
