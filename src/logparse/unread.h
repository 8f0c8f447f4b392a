/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGPARSE_UNREAD_H
#define OFFLIST_LOGPARSE_UNREAD_H

#include "base/span.h"

/** @param raw  a line that no format claims. @return the server whose log it is, by name, not read yet; NULL: unknown. */
const char *format_unread(struct span raw);

#endif
