/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdarg.h>

#include "store/sqlite.h"

static const char *const sql[SQL_COUNT] = {
	[SQL_BELIEF_GET] = "SELECT state, why, judged_at_ms, expires_at_ms FROM belief WHERE resolver = ? AND zone = ?",
	[SQL_BELIEF_PUT] = ("INSERT OR REPLACE INTO belief(resolver, zone, state, why, judged_at_ms, expires_at_ms)"
			    " VALUES(?, ?, ?, ?, ?, ?)"),
	[SQL_REFUSAL_GET] = "SELECT why, until_ms FROM refusal WHERE zone = ? AND until_ms > ?2 AND until_ms <= ?3",
	[SQL_REFUSAL_PUT] = "INSERT OR REPLACE INTO refusal(zone, why, until_ms) VALUES(?, ?, ?)",
	[SQL_BUCKET_GET] = "SELECT tokens, filled_at_ms, day, used_today FROM bucket WHERE operator = ?",
	[SQL_BUCKET_PUT] = ("INSERT OR REPLACE INTO bucket(operator, tokens, filled_at_ms, day, used_today)"
			    " VALUES(?, ?, ?, ?, ?)"),
	[SQL_CHECK_GET] = "SELECT json, at_ms FROM last_check WHERE target = ?",
	[SQL_CHECK_PUT] = "INSERT OR REPLACE INTO last_check(target, at_ms, verdict, json) VALUES(?, ?, ?, ?)",
	[SQL_SWEEP_GET] = "SELECT totals, blocks_done FROM sweep WHERE digest = ?",
	[SQL_SWEEP_PUT] = "INSERT OR REPLACE INTO sweep(digest, at_ms, blocks_done, totals) VALUES(?, ?, ?, ?)",
	[SQL_SWEEP_DROP] = "DELETE FROM sweep WHERE digest = ?",
	[SQL_FACT_GET] = "SELECT value, at_ms FROM fact WHERE name = ?",
	[SQL_FACT_PUT] = "INSERT OR REPLACE INTO fact(name, at_ms, value) VALUES(?, ?, ?)",
};

/* Prepare on first use, then bind: `form` has a letter a value, t const char *, i int64_t, r double, s struct span. */
static int start(struct store *s, enum statement which, sqlite3_stmt **ret_q, struct error *err, const char *form, ...)
{
	sqlite3_stmt **q = &s->statements[which];
	int rc = *q ? SQLITE_OK : sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, q, NULL);
	va_list ap;
	va_start(ap, form);
	for (int i = 1; rc == SQLITE_OK && form[i - 1]; i++) {
		struct span bytes;
		switch (form[i - 1]) {
		case 't': /* borrowed: every statement is reset before its caller returns */
			rc = sqlite3_bind_text(*q, i, va_arg(ap, const char *), -1, SQLITE_STATIC);
			break;
		case 'i':
			rc = sqlite3_bind_int64(*q, i, va_arg(ap, int64_t));
			break;
		case 'r':
			rc = sqlite3_bind_double(*q, i, va_arg(ap, double));
			break;
		default:
			bytes = va_arg(ap, struct span);
			rc = sqlite3_bind_text64(*q, i, bytes.len ? (const char *)bytes.at : "", bytes.len,
						 SQLITE_STATIC, SQLITE_UTF8);
		}
	}
	va_end(ap);
	*ret_q = *q;
	return rc == SQLITE_OK ? 0 : sqlite_fail(s, rc, err);
}

/* Ends every use of a statement: one that is not reset holds its lock, and its bindings are the caller's memory. */
static int finish(sqlite3_stmt *q, int r)
{
	if (q) {
		sqlite3_reset(q);
		sqlite3_clear_bindings(q);
	}
	return r;
}

/* r: what start() said. @return 0: a row is there; -ENOENT: none (err untouched, it is no failure). */
static int row(struct store *s, sqlite3_stmt *q, int r, struct error *err)
{
	if (r < 0)
		return r;
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		return 0;
	return rc == SQLITE_DONE ? -ENOENT : sqlite_fail(s, rc, err);
}

static int done(struct store *s, sqlite3_stmt *q, int r, struct error *err)
{
	int found = row(s, q, r, err);
	return finish(q, found == -ENOENT ? 0 : found);
}

/* Column 0 as bytes, column 1 as a number. */
static int take_bytes(sqlite3_stmt *q, struct buf *ret_bytes, int64_t *ret_number)
{
	const void *at = sqlite3_column_blob(q, 0);
	buf_clear(ret_bytes);
	buf_add(ret_bytes, span_of(at, at ? (size_t)sqlite3_column_bytes(q, 0) : 0));
	if (ret_bytes->error)
		return ret_bytes->error;
	*ret_number = sqlite3_column_int64(q, 1);
	return 0;
}

int store_belief_get(struct store *s, const char *resolver, const char *zone, struct store_belief *ret,
		     struct error *err)
{
	sqlite3_stmt *q;
	int r = start(s, SQL_BELIEF_GET, &q, err, "tt", resolver, zone);
	r = row(s, q, r, err);
	if (r == 0)
		*ret = (struct store_belief){
			.state = sqlite3_column_int(q, 0),
			.why = sqlite3_column_int(q, 1),
			.judged_at_ms = sqlite3_column_int64(q, 2),
			.expires_at_ms = sqlite3_column_int64(q, 3),
		};
	return finish(q, r);
}

int store_belief_put(struct store *s, const char *resolver, const char *zone, const struct store_belief *b,
		     struct error *err)
{
	sqlite3_stmt *q;
	int r = start(s, SQL_BELIEF_PUT, &q, err, "ttiiii", resolver, zone, (int64_t)b->state, (int64_t)b->why,
		      b->judged_at_ms, b->expires_at_ms);
	return done(s, q, r, err);
}

int store_refusal_get(struct store *s, const char *zone, int64_t now_ms, int *ret_why, int64_t *ret_until_ms,
		      struct error *err)
{
	int64_t latest_ms = now_ms > INT64_MAX - STORE_REFUSAL_MAX_MS ? INT64_MAX : now_ms + STORE_REFUSAL_MAX_MS;
	sqlite3_stmt *q;
	int r = start(s, SQL_REFUSAL_GET, &q, err, "tii", zone, now_ms, latest_ms);
	r = row(s, q, r, err);
	if (r == 0) {
		*ret_why = sqlite3_column_int(q, 0);
		*ret_until_ms = sqlite3_column_int64(q, 1);
	}
	return finish(q, r);
}

int store_refusal_put(struct store *s, const char *zone, int why, int64_t until_ms, struct error *err)
{
	sqlite3_stmt *q;
	int r = start(s, SQL_REFUSAL_PUT, &q, err, "tii", zone, (int64_t)why, until_ms);
	return done(s, q, r, err);
}

int store_bucket_get(struct store *s, const char *operator_name, struct store_bucket *ret, struct error *err)
{
	sqlite3_stmt *q;
	int r = start(s, SQL_BUCKET_GET, &q, err, "t", operator_name);
	r = row(s, q, r, err);
	if (r == 0)
		*ret = (struct store_bucket){
			.tokens = sqlite3_column_double(q, 0),
			.filled_at_ms = sqlite3_column_int64(q, 1),
			.day = sqlite3_column_int64(q, 2),
			.used_today = sqlite3_column_int64(q, 3),
		};
	return finish(q, r);
}

int store_bucket_put(struct store *s, const char *operator_name, const struct store_bucket *b, struct error *err)
{
	sqlite3_stmt *q;
	int r = start(s, SQL_BUCKET_PUT, &q, err, "triii", operator_name, b->tokens, b->filled_at_ms, b->day,
		      b->used_today);
	return done(s, q, r, err);
}

int store_check_put(struct store *s, const char *target, int64_t at_ms, const char *verdict, struct span json,
		    struct error *err)
{
	sqlite3_stmt *q;
	int r = start(s, SQL_CHECK_PUT, &q, err, "tits", target, at_ms, verdict, json);
	return done(s, q, r, err);
}

int store_check_get(struct store *s, const char *target, struct buf *ret_json, int64_t *ret_at_ms, struct error *err)
{
	sqlite3_stmt *q;
	int r = start(s, SQL_CHECK_GET, &q, err, "t", target);
	r = row(s, q, r, err);
	return finish(q, r == 0 ? take_bytes(q, ret_json, ret_at_ms) : r);
}

int store_sweep_put(struct store *s, const char *digest, int64_t at_ms, int64_t blocks_done, struct span totals,
		    struct error *err)
{
	sqlite3_stmt *q;
	int r = start(s, SQL_SWEEP_PUT, &q, err, "tiis", digest, at_ms, blocks_done, totals);
	return done(s, q, r, err);
}

int store_sweep_get(struct store *s, const char *digest, int64_t *ret_blocks_done, struct buf *ret_totals,
		    struct error *err)
{
	sqlite3_stmt *q;
	int r = start(s, SQL_SWEEP_GET, &q, err, "t", digest);
	r = row(s, q, r, err);
	return finish(q, r == 0 ? take_bytes(q, ret_totals, ret_blocks_done) : r);
}

int store_sweep_drop(struct store *s, const char *digest, struct error *err)
{
	sqlite3_stmt *q;
	int r = start(s, SQL_SWEEP_DROP, &q, err, "t", digest);
	return done(s, q, r, err);
}

int store_fact_put(struct store *s, const char *name, int64_t at_ms, struct span value, struct error *err)
{
	sqlite3_stmt *q;
	int r = start(s, SQL_FACT_PUT, &q, err, "tis", name, at_ms, value);
	return done(s, q, r, err);
}

int store_fact_get(struct store *s, const char *name, struct buf *ret_value, int64_t *ret_at_ms, struct error *err)
{
	sqlite3_stmt *q;
	int r = start(s, SQL_FACT_GET, &q, err, "t", name);
	r = row(s, q, r, err);
	return finish(q, r == 0 ? take_bytes(q, ret_value, ret_at_ms) : r);
}
