/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CHECK_TARGET_PARTS_H
#define OFFLIST_CHECK_TARGET_PARTS_H

#include "check/target.h"

/* The pieces of target_parse(); nobody else includes this. Faults are one line: TEXT: what is wrong; what to write. */

enum { TARGET_SHOWN_SIZE = 96 };

/** The user's text as it may stand in a fault: cut, and with nothing in it that a terminal would obey. */
const char *target_shown(struct span text, char shown[TARGET_SHOWN_SIZE]);

/** Does it look like an attempt at an IPv4 address (its last label is a number, as WHATWG's URL standard has it)? */
bool target_looks_ip4(struct span text);

int target_addr4(struct span text, struct addr *ret_addr, struct error *err);
int target_addr6(struct span text, struct addr *ret_addr, struct error *err);
int target_prefix(struct span text, struct prefix *ret_prefix, struct error *err);

/** A name to `name`, `registrable` and `unicode` of `t`. -EINVAL with its line; -ENOMEM. */
int target_domain(struct span text, struct arena *arena, struct target *t, struct error *err);

#endif
