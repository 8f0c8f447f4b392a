/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_OVERLAPS_H
#define OFFLIST_DIAGNOSE_OVERLAPS_H

#include "diagnose/rows.h"

/* One message counts for several identities: the smallest that explains a burst stands for it. */

struct finding {
	struct reporting *w;
	struct found *at;
	size_t count;
	double least; /* what is weaker explains nothing: what is weak does not stand before what is strong */
};

/** Whether another one of the finding, no weaker than f->least, stands for this one. */
bool overlap_explains(const struct finding *f, const struct found *x);

#endif
