/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_EXPLAIN_SUGGEST_H
#define OFFLIST_EXPLAIN_SUGGEST_H

#include "base/buf.h"
#include "lists/lists.h"

/* A configuration to start from: lists that work, need no key and no registration, with filters that take their listings
 * and none of their refusals, and with their terms. */

/** The programs that it can be made for, by number from 0; NULL: there are no more. */
const char *suggest_program(size_t number);

/** @param program  one of them. @return false: none of them. Errors stick in `out`. */
bool suggest_config(const struct catalogue *c, const char *program, struct buf *out);

#endif
