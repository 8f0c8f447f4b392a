/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_CANDIDATES_H
#define OFFLIST_DIAGNOSE_CANDIDATES_H

#include "diagnose/detect.h"

/** All that was weighed, causes or not, before overlaps are settled: what tests/weights/fit learns from. `stretch` counts
 * an identity's stretches; c is borrowed for the call. Call after diagnosis_finish(), with its coverage. */
typedef void candidate_fn(void *arg, const struct candidate *c, size_t stretch);

/** @return 0; -ENOMEM. */
int diagnosis_candidates(struct diagnosis *d, const struct log_coverage *coverage, candidate_fn *fn, void *arg);

#endif
