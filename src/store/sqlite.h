/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_STORE_SQLITE_H
#define OFFLIST_STORE_SQLITE_H

#include <sqlite3.h>

#include "store/store.h"

/* Private to the room: what its files share. */

enum statement { /* one prepared statement each, in order of their text in records.c */
		 SQL_BELIEF_GET,
		 SQL_BELIEF_PUT,
		 SQL_REFUSAL_GET,
		 SQL_REFUSAL_PUT,
		 SQL_BUCKET_GET,
		 SQL_BUCKET_PUT,
		 SQL_CHECK_GET,
		 SQL_CHECK_PUT,
		 SQL_SWEEP_GET,
		 SQL_SWEEP_PUT,
		 SQL_SWEEP_DROP,
		 SQL_FACT_GET,
		 SQL_FACT_PUT,
		 SQL_COUNT,
};

struct store {
	sqlite3 *db;
	char *path; /* for messages; ":memory:" for a private one */
	sqlite3_stmt *statements[SQL_COUNT];
	bool patience_spent; /* it was waited for in vain, and not had since */
};

/** The database's last failure as an errno (rc: what SQLite returned), with a line that says what to do. */
int sqlite_fail(struct store *s, int rc, struct error *err);

/** Make a new file a store, or bring an older one up to date. Safe when several processes do it at once. */
int migrations_run(struct store *s, struct error *err);

#endif
