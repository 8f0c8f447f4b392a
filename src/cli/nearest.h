/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_NEAREST_H
#define OFFLIST_CLI_NEAREST_H

#include <stddef.h>

/* "Did you mean": the nearest of several names by edit distance (insert, delete, replace, swap neighbours). */
struct nearest {
	const char *wanted;
	const char *name; /* the best so far, NULL: nothing near enough */
	unsigned distance;
};

struct nearest nearest_to(const char *wanted);
void nearest_try(struct nearest *n, const char *name);

#endif
