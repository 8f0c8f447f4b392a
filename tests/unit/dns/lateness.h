/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_TEST_DNS_LATENESS_H
#define OFFLIST_TEST_DNS_LATENESS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How late this machine lets threads of ours go on. A bound of time gives way by that much, or a test would fail where a
 * busy or slow machine is to blame; on a quiet one it is as narrow as it says.
 */

/** Begin to watch. */
void lateness_watch(void);
/** @return whether so many microseconds are less than the bound, as this machine goes */
bool lateness_allows(int64_t took_us, int64_t bound_us);

#endif
