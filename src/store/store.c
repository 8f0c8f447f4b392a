/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite.h"

enum {
	BUSY_TIMEOUT_MS = 5000,
	DIRECTORY_MODE = 0750,
	FILE_MODE = 0640, /* SQLite gives the same to its -wal and -shm */
};

/* What the system said; some of SQLite's failures have nothing to do with it. */
static int system_code(struct store *s, int otherwise)
{
	int e = sqlite3_system_errno(s->db);
	switch (e) {
	case EACCES:
	case EPERM:
		return -EACCES;
	case ENOSPC:
	case EDQUOT:
		return -ENOSPC;
	case EROFS:
	case ENOMEM:
		return -e;
	default:
		return otherwise;
	}
}

static int code_of(struct store *s, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY: /* most often a folder in which no -wal can be made; a read-only mount was seen before */
		return system_code(s, -EACCES);
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
	case SQLITE_ERROR: /* the statements are right, so a table is not what it should be */
		return -EBADMSG;
	case SQLITE_CONSTRAINT:
	case SQLITE_TOOBIG:
	case SQLITE_MISUSE:
		return -EINVAL;
	default:
		return system_code(s, -EIO);
	}
}

static int tell(const char *path, int code, const char *detail, struct error *err)
{
	switch (code) {
	case -EBUSY:
		return error_set(err, code, "%s: another process held the store for over %d s: try again", path,
				 BUSY_TIMEOUT_MS / 1000);
	case -ENOSPC:
		return error_set(err, code, "%s: the disk is full: make room, or choose another folder (--state)",
				 path);
	case -EROFS:
		return error_set(err, code, "%s: read-only: choose another folder (--state)", path);
	case -EACCES:
		return error_set(err, code, "%s: permission denied: choose another folder (--state)", path);
	case -EBADMSG:
		return error_set(err, code,
				 "%s: damaged, or no store of offlist: move it away (mv '%s' '%s.bad'), a new one "
				 "is made then",
				 path, path, path);
	default:
		return error_set(err, code, "%s: %s", path, detail);
	}
}

/* Whoever has waited once for a process that holds the store does not wait again for each of a hundred rows. */
static void set_patience(struct store *s, bool spent)
{
	s->patience_spent = spent;
	(void)sqlite3_busy_timeout(s->db, spent ? 0 : BUSY_TIMEOUT_MS);
}

int sqlite_fail(struct store *s, int rc, struct error *err)
{
	int code = code_of(s, rc);
	int r = tell(s->path, code, sqlite3_errmsg(s->db), err);
	if (code == -EBUSY)
		set_patience(s, true);
	return r;
}

static int fail_errno(const char *path, struct error *err)
{
	int e = errno == EPERM ? EACCES : errno == EDQUOT ? ENOSPC : errno;
	char text[128];
	return tell(path, -e, strerror_r(e, text, sizeof(text)), err);
}

/* With the parents that are missing: $XDG_STATE_HOME need not be there. */
static int make_directory(const char *dir, struct error *err)
{
	if (mkdir(dir, DIRECTORY_MODE) == 0 || errno == EEXIST)
		return 0;
	if (errno != ENOENT)
		return fail_errno(dir, err);
	char *path = strdup(dir);
	if (!path)
		return -ENOMEM;
	int r = 0;
	for (char *p = path + 1; *p && r == 0; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, DIRECTORY_MODE) < 0 && errno != EEXIST)
			r = fail_errno(path, err);
		*p = '/';
	}
	free(path);
	if (r == 0 && mkdir(dir, DIRECTORY_MODE) < 0 && errno != EEXIST)
		r = fail_errno(dir, err);
	return r;
}

/*
 * SQLite would make the file readable for all, and open one that it must not write as read-only. Only a file that was
 * not there is opened here: closing a descriptor drops the locks that other handles of this process have on the file.
 */
static int prepare_file(const char *path, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (fd >= 0) {
		(void)close(fd);
		return 0;
	}
	if (errno != EEXIST || faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) < 0)
		return fail_errno(path, err);
	return 0;
}

static int prepare_path(struct store *s, const char *dir, struct error *err)
{
	if (!dir) {
		s->path = strdup(":memory:");
		return s->path ? 0 : -ENOMEM;
	}
	int r = make_directory(dir, err);
	if (r < 0)
		return r;
	if (asprintf(&s->path, "%s/offlist.db", dir) < 0) {
		s->path = NULL;
		return -ENOMEM;
	}
	return prepare_file(s->path, err);
}

static int open_database(struct store *s, struct error *err)
{
	/* one handle belongs to one thread */
	int rc = sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
				 NULL);
	if (!s->db)
		return error_set(err, -ENOMEM, "out of memory");
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
	/* in WAL mode a power cut may take the last commits, never the file: enough for what can be asked again */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->db, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
	return rc == SQLITE_OK ? migrations_run(s, err) : sqlite_fail(s, rc, err);
}

int store_open(const char *dir, struct store **ret_store, struct error *err)
{
	struct store *s = calloc(1, sizeof(*s));
	int r = s ? prepare_path(s, dir, err) : -ENOMEM;
	if (r == 0)
		r = open_database(s, err);
	if (r < 0) {
		store_free(s);
		return r == -ENOMEM ? error_set(err, r, "out of memory") : r;
	}
	*ret_store = s;
	return 0;
}

struct store *store_free(struct store *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(s->statements[i]);
	(void)sqlite3_close(s->db); /* rolls back what is open */
	free(s->path);
	free(s);
	return NULL;
}

static int control(struct store *s, const char *sql, struct error *err)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return sqlite_fail(s, rc, err);
	if (s->patience_spent)
		set_patience(s, false);
	return 0;
}

int store_begin(struct store *s, struct error *err)
{
	if (!sqlite3_get_autocommit(s->db))
		return error_set(err, -EINVAL, "%s: a transaction is open already", s->path);
	return control(s, "BEGIN IMMEDIATE", err);
}

int store_begin_now(struct store *s, struct error *err)
{
	bool spent = s->patience_spent;
	int r;
	(void)sqlite3_busy_timeout(s->db, 0);
	r = store_begin(s, err);
	set_patience(s, r < 0 && spent);
	return r;
}

int store_commit(struct store *s, struct error *err)
{
	if (sqlite3_get_autocommit(s->db))
		return error_set(err, -EINVAL, "%s: no transaction is open", s->path);
	return control(s, "COMMIT", err);
}

void store_rollback(struct store *s)
{
	if (!sqlite3_get_autocommit(s->db)) /* some failures have rolled back by themselves */
		(void)control(s, "ROLLBACK", NULL);
}
