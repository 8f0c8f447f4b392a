/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_TEST_STORE_FIXTURE_H
#define OFFLIST_TEST_STORE_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"

/* *state is a fresh folder, gone afterwards with what a store leaves in it. */
static inline int folder_up(void **state)
{
	char *dir = strdup("/tmp/offlist-store-XXXXXX");
	*state = dir;
	return dir && mkdtemp(dir) ? 0 : -1;
}

static inline int folder_down(void **state)
{
	static const char *const names[] = {"/offlist.db", "/offlist.db-wal", "/offlist.db-shm", "/a/b", "/a"};
	char *dir = *state, path[300];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", dir, names[i]);
		(void)remove(path);
		(void)snprintf(path, sizeof(path), "%s/a/b%s", dir, names[i]);
		(void)remove(path);
	}
	int r = rmdir(dir);
	free(dir);
	return r;
}

/* DIR/offlist.db; overwritten by the next call. */
static inline const char *file_of(const char *dir)
{
	static char path[400];
	(void)snprintf(path, sizeof(path), "%s/offlist.db", dir);
	return path;
}

static inline struct store *open_ok(const char *dir)
{
	struct store *s = NULL;
	struct error err = {""};
	if (store_open(dir, &s, &err) < 0)
		fail_msg("%s", err.text);
	return s;
}

#endif
