/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUTH_SPF_MEND_H
#define OFFLIST_AUTH_SPF_MEND_H

#include "base/buf.h"
#include "net/addr.h"

/**
 * The record with one address more, before the term that ends it ("all", "redirect="), else at its end; nothing else is
 * changed. Whether it then passes is for an evaluation to say. @return 0; -EINVAL: no record; -E2BIG: errors of `out`.
 */
int spf_mend_add(struct span record, const struct addr *address, struct buf *out);

#endif
