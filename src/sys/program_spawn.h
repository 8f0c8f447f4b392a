/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_SYS_PROGRAM_SPAWN_H
#define OFFLIST_SYS_PROGRAM_SPAWN_H

#include <sys/types.h>

#include "base/span.h"

/* Where a program begins; program.c alone includes this. */

/**
 * @param input   its standard input; empty: /dev/null.
 * @param output  descriptors that become its standard output and error; they are left open here.
 * @return its process id, which is its group's as well; -ENOENT: it is in none of the folders; -errno.
 */
pid_t program_spawn(const char *const *argv, struct span input, const int output[2]);

#endif
