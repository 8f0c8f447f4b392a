/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_TESTS_CHECK_REPLAY_H
#define OFFLIST_TESTS_CHECK_REPLAY_H

#include "base/error.h"

/*
 * A run of check/ as a text: lists, targets, the answers of the network, time that passes, and what is expected of it.
 * replays/README.md has the form.
 *
 * @return 0; negative with "FILE:LINE: what is wrong".
 */
int replay_file(const char *path, struct error *err);

#endif
