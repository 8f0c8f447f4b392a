/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_VIEW_VIEW_SPF_H
#define OFFLIST_VIEW_VIEW_SPF_H

#include "auth/spf.h"
#include "base/buf.h"

struct view_spf {
	const char *domain, *ip, *sender, *helo;
	const struct spf_report *report;
	const char *instead; /* a record that would pass; NULL: none is needed, or none was found */
};

/** One offlist.explain.spf/1 object and a newline. */
void view_spf(const struct view_spf *v, struct buf *out);
/** "match", "no_match", "broke", "modifier". */
const char *view_spf_effect_text(enum spf_effect effect);

#endif
