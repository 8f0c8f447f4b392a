/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_SYS_LOADED_H
#define OFFLIST_SYS_LOADED_H

#include <stddef.h>

#include "base/error.h"

/*
 * Libraries that are loaded when they are needed: with all that stands behind them they would cost every start of the
 * program, and not every machine has them.
 */

/** One function: its name in the library, and where its pointer lies in the caller's struct. */
struct loaded_symbol {
	const char *name;
	size_t offset;
};

struct loaded_library {
	const char *name;                    /* as people know it: "libunbound" */
	const char *file;                    /* "libunbound.so.8" */
	const struct loaded_symbol *symbols; /* ended by a name of NULL */
};

/**
 * Load it and fill in the pointers of `api`; it is all of them or none.
 * The library stays in memory after loaded_close(): thread-local data of some cannot be unloaded safely.
 * @return 0; -ELIBACC: it is not there; -ELIBBAD: it has not all functions; err tells which.
 */
int loaded_open(const struct loaded_library *library, void *api, void **ret_handle, struct error *err);

/** NULL is taken. */
void loaded_close(void *handle);

#endif
