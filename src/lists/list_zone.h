/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LISTS_LIST_ZONE_H
#define OFFLIST_LISTS_LIST_ZONE_H

#include "base/span.h"

/* Names of zones as they stand in configurations, replies and what people paste. */

bool list_zone_octet(uint8_t c);
/** Looks like a zone: two labels or more, not an address; "{key}" may be in it. */
bool list_zone_is_likely(struct span name);

#endif
