/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_VIEW_VIEW_AUDIT_H
#define OFFLIST_VIEW_VIEW_AUDIT_H

#include "audit/audit.h"
#include "base/buf.h"
#include "base/json.h"

/** One offlist.audit/1 object and a newline. @param host  of this machine; NULL: not known. */
void view_audit(const struct audits *all, const char *host, struct buf *out);
/** The member "findings" of an object that is open: the first `count` of them. @param all  NULL: none. */
void view_audit_findings(struct json *j, const struct audits *all, size_t count);

#endif
