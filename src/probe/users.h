/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_PROBE_USERS_H
#define OFFLIST_PROBE_USERS_H

#include "base/arena.h"

/**
 * The name of a user in etc/passwd below root, or its number as text: no directory service is asked, which might have to be
 * waited for. Owned by the arena; NULL: memory.
 */
const char *process_user(const char *root, uint32_t uid, struct arena *arena);

#endif
