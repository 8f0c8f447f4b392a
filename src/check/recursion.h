/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CHECK_RECURSION_H
#define OFFLIST_CHECK_RECURSION_H

#include "check/check.h"

/** A resolver for names: through the one that the run asks, or from the root in direct mode. As resolver_new(). */
int recursion_new(const struct check_config *config, struct resolver **ret_resolver, struct error *err);

#endif
