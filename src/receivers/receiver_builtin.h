/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_RECEIVERS_RECEIVER_BUILTIN_H
#define OFFLIST_RECEIVERS_RECEIVER_BUILTIN_H

#include "receivers/receiver_record.h"

/* data/receivers as constant tables; written by tools/compile-data at build time. */
extern const struct receiver_record *const receivers_builtin[];
extern const size_t receivers_builtin_count;

#endif
