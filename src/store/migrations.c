/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "store/sqlite.h"

enum {
	APPLICATION_ID = 0x0ff11571, /* in the file's header: whose it is */
	BUSY_TRIES = 500,            /* of 10 ms: SQLite does not wait by itself when the journal mode changes */
	BUSY_NAP_MS = 10,
};

/* Entry i brings a store of version i (PRAGMA user_version) to i + 1. Never change one that was released: add one. */
static const char *const migrations[] = {
	"CREATE TABLE belief(resolver TEXT NOT NULL, zone TEXT NOT NULL, state INTEGER NOT NULL, why INTEGER NOT NULL,"
	" judged_at_ms INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL, PRIMARY KEY(resolver, zone)) WITHOUT ROWID;"
	"CREATE TABLE refusal(zone TEXT NOT NULL PRIMARY KEY, why INTEGER NOT NULL, until_ms INTEGER NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE bucket(operator TEXT NOT NULL PRIMARY KEY, tokens REAL NOT NULL, filled_at_ms INTEGER NOT NULL,"
	" day INTEGER NOT NULL, used_today INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE last_check(target TEXT NOT NULL PRIMARY KEY, at_ms INTEGER NOT NULL, verdict TEXT NOT NULL,"
	" json TEXT NOT NULL);"
	"CREATE TABLE sweep(digest TEXT NOT NULL PRIMARY KEY, at_ms INTEGER NOT NULL, blocks_done INTEGER NOT NULL,"
	" totals TEXT NOT NULL);",
	"CREATE TABLE fact(name TEXT NOT NULL PRIMARY KEY, at_ms INTEGER NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;",
};
enum { VERSION = sizeof(migrations) / sizeof(migrations[0]) };

static int get_number(struct store *s, const char *sql, int64_t *ret_number, struct error *err)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &q, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*ret_number = sqlite3_column_int64(q, 0);
	int r = rc == SQLITE_ROW ? 0 : sqlite_fail(s, rc, err);
	sqlite3_finalize(q);
	return r;
}

static int run(struct store *s, const char *sql, struct error *err)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : sqlite_fail(s, rc, err);
}

/* WAL stays with the file, so only a new one asks for it. Where it cannot be had (network file systems) any mode does. */
static int set_wal(struct store *s, struct error *err)
{
	int rc = SQLITE_BUSY;
	for (int i = 0; i < BUSY_TRIES; i++) {
		rc = sqlite3_exec(s->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
		if ((rc & 0xff) != SQLITE_BUSY)
			break;
		sqlite3_sleep(BUSY_NAP_MS);
	}
	return rc == SQLITE_OK ? 0 : sqlite_fail(s, rc, err);
}

static int foreign(struct store *s, struct error *err)
{
	return error_set(err, -EBADMSG,
			 "%s: a database of another program, not a store of offlist: choose another folder "
			 "(--state), or move the file away",
			 s->path);
}

/* Is this what we made, and of which version? */
static int look(struct store *s, int64_t *ret_version, struct error *err)
{
	int64_t version = 0, id = 0, tables = 0;
	int r = get_number(s, "PRAGMA user_version", &version, err);
	if (r == 0)
		r = get_number(s, "PRAGMA application_id", &id, err);
	if (r == 0 && version == 0)
		r = get_number(s, "SELECT count(*) FROM sqlite_master", &tables, err);
	if (r < 0)
		return r;
	bool ours = version == 0 ? id == 0 && tables == 0 : id == APPLICATION_ID;
	if (!ours)
		return foreign(s, err);
	if (version < 0 || version > VERSION)
		return error_set(err, -EBADMSG,
				 "%s: made by a newer offlist (store version %lld, this program knows %d): "
				 "use that one, or another folder (--state)",
				 s->path, (long long)version, VERSION);
	*ret_version = version;
	return 0;
}

/* All of it as of one moment: between two questions another process may have made the store. */
static int look_at_once(struct store *s, int64_t *ret_version, struct error *err)
{
	int r = run(s, "BEGIN", err);
	if (r < 0)
		return r;
	r = look(s, ret_version, err);
	(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* nothing was written */
	return r;
}

static int apply_from(struct store *s, int64_t version, struct error *err)
{
	char *mark = sqlite3_mprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID, VERSION);
	if (!mark)
		return -ENOMEM;
	int r = 0;
	for (int64_t v = version; v < VERSION && r == 0; v++)
		r = run(s, migrations[v], err);
	if (r == 0)
		r = run(s, mark, err);
	sqlite3_free(mark);
	return r;
}

int migrations_run(struct store *s, struct error *err)
{
	int64_t version = 0;
	int r = look_at_once(s, &version, err);
	if (r < 0 || version == VERSION)
		return r;
	if (version == 0)
		r = set_wal(s, err);
	if (r == 0)
		r = store_begin(s, err);
	if (r < 0)
		return r;
	/* again under the lock: another process may have been faster */
	r = look(s, &version, err);
	if (r == 0 && version < VERSION)
		r = apply_from(s, version, err);
	if (r == 0)
		r = store_commit(s, err);
	if (r < 0)
		store_rollback(s);
	return r;
}
