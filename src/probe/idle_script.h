/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_PROBE_IDLE_SCRIPT_H
#define OFFLIST_PROBE_IDLE_SCRIPT_H

#include <stdbool.h>

#include "base/span.h"

/**
 * Does this PHP file do nothing? Programs put such into folders so that these are not listed ("<?php // Silence"), and at the
 * head of logs (<?php exit; ?>). Pure.
 * @param head   what the file begins with. @param whole  it is all of it.
 */
bool idle_script(struct span head, bool whole);

/** Is it a name that web servers hand to PHP? */
bool idle_script_is_php(struct span name);

#endif
