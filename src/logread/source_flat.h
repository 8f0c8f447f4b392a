/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_FLAT_H
#define OFFLIST_LOGREAD_SOURCE_FLAT_H

#include "base/buf.h"

/**
 * A JSON object (RFC 8259) as the text of a line (LINE_FIELD in line.h): each member, and each of the objects in it, as a
 * field "outer.inner=value" without JSON's escapes; a list's texts with LINE_ITEM between them; null is left out. What
 * would end a field or a line becomes a blank, what may not stand in a key '?'. An object with an SMTP reply
 * ({"code":550,"enhanced_code":{"class":5,..},"content":".."}) is given once more as the reply's own line.
 * @return 0; -EBADMSG: it is no object; -ENOMEM. What does not fit into `out` is left off.
 */
int source_flat(struct span object, struct buf *out);

#endif
