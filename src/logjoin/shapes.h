/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGJOIN_SHAPES_H
#define OFFLIST_LOGJOIN_SHAPES_H

#include "logjoin/maillog.h"

/* Lines that were not understood, counted by shape: digits, addresses, ids and quoted text folded to '#'. */

struct shapes;

struct shapes *shapes_new(void);
void shapes_free(struct shapes *s);
void shapes_add(struct shapes *s, const struct log_line *l);
const struct unparsed_shape *shapes_sorted(struct shapes *s, size_t *ret_count);

#endif
