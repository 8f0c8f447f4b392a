/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_STORE_STORE_H
#define OFFLIST_STORE_STORE_H

#include "base/buf.h"
#include "base/error.h"

/*
 * What a run leaves for the next one: belief, budgets, refusals, the last check, progress of a sweep. SQLite in WAL
 * mode, numbered migrations; the only room that knows SQL. Several processes may have one store open.
 * All functions return 0, or -EACCES, -EROFS, -ENOSPC, -EIO, -EBUSY (another process held it for over 5 s),
 * -EBADMSG (not a store, or made by a newer offlist) with a line in err; -ENOENT where a record is not there.
 * -E2BIG: more than the buffer takes. -ENOMEM. times are clock_wall_ms().
 */
struct store;

/** Opens DIR/offlist.db, makes directories (0750) and file (0640) when needed. dir NULL: a private one in memory. */
int store_open(const char *dir, struct store **ret_store, struct error *err);
struct store *store_free(struct store *s);

/** Everything between is one transaction (immediate); nested calls are an error (-EINVAL). */
int store_begin(struct store *s, struct error *err);
/** The same, -EBUSY at once where another process writes: for those who have something else to do meanwhile. */
int store_begin_now(struct store *s, struct error *err);
int store_commit(struct store *s, struct error *err);
void store_rollback(struct store *s);

/** What a list is worth through one resolver ("system 192.0.2.53", "direct"). */
struct store_belief {
	int state; /* enum belief_state of verdict/ */
	int why;   /* enum refusal_why, or -1 */
	int64_t judged_at_ms, expires_at_ms;
};
int store_belief_get(struct store *s, const char *resolver, const char *zone, struct store_belief *ret,
		     struct error *err);
int store_belief_put(struct store *s, const char *resolver, const char *zone, const struct store_belief *b,
		     struct error *err);

/**
 * A list that must be left alone until a time (rule 5). -ENOENT also when that time is past, or further off than any
 * refusal holds: then the clock was wrong when it was put.
 */
#define STORE_REFUSAL_MAX_MS (7 * INT64_C(86400000))
int store_refusal_get(struct store *s, const char *zone, int64_t now_ms, int *ret_why, int64_t *ret_until_ms,
		      struct error *err);
int store_refusal_put(struct store *s, const char *zone, int why, int64_t until_ms, struct error *err);

/** One token bucket an operator, shared by all runs on this store, and its queries of this UTC day. */
struct store_bucket {
	double tokens;
	int64_t filled_at_ms;
	int64_t day; /* days since the epoch */
	int64_t used_today;
};
int store_bucket_get(struct store *s, const char *operator_name, struct store_bucket *ret, struct error *err);
int store_bucket_put(struct store *s, const char *operator_name, const struct store_bucket *b, struct error *err);

/** The last check of a target, as its JSON object (offlist.check/1). What ret_json held before is gone. */
int store_check_put(struct store *s, const char *target, int64_t at_ms, const char *verdict, struct span json,
		    struct error *err);
int store_check_get(struct store *s, const char *target, struct buf *ret_json, int64_t *ret_at_ms, struct error *err);

/** What a run found out that others want to know, by name: an opaque text. What ret_value held before is gone. */
int store_fact_put(struct store *s, const char *name, int64_t at_ms, struct span value, struct error *err);
int store_fact_get(struct store *s, const char *name, struct buf *ret_value, int64_t *ret_at_ms, struct error *err);

/** Progress of a sweep: a digest of its plan -> number of blocks done and the running totals (an opaque text). */
int store_sweep_put(struct store *s, const char *digest, int64_t at_ms, int64_t blocks_done, struct span totals,
		    struct error *err);
int store_sweep_get(struct store *s, const char *digest, int64_t *ret_blocks_done, struct buf *ret_totals,
		    struct error *err);
int store_sweep_drop(struct store *s, const char *digest, struct error *err);

#endif
