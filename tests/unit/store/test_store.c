/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#include <sys/wait.h>

static void records_come_back(void **state)
{
	const char *dir = *state;
	struct error err;
	struct store *s = open_ok(dir);
	struct store_belief b = {2, -1, 5, 6}, b2 = {0};
	assert_int_equal(store_belief_get(s, "direct", "zen.example", &b2, &err), -ENOENT);
	assert_int_equal(store_belief_put(s, "direct", "zen.example", &b, &err), 0);
	b.state = 3;
	assert_int_equal(store_belief_put(s, "direct", "zen.example", &b, &err), 0);
	assert_int_equal(store_belief_get(s, "system 192.0.2.53", "zen.example", &b2, &err), -ENOENT);

	struct store_bucket k = {12.25, 77, 20000, 5}, k2 = {0};
	assert_int_equal(store_bucket_put(s, "O'Hara \"; DROP TABLE bucket", &k, &err), 0);
	assert_int_equal(store_check_put(s, "192.0.2.10", 9, "listed", span_str("{\"a\":1}"), &err), 0);
	assert_int_equal(store_sweep_put(s, "d1", 9, 17, span_of("x\0y", 3), &err), 0);
	assert_int_equal(store_sweep_put(s, "d2", 9, 18, span_of(NULL, 0), &err), 0);
	s = store_free(s);
	assert_null(s);

	s = open_ok(dir);
	assert_int_equal(store_belief_get(s, "direct", "zen.example", &b2, &err), 0);
	assert_memory_equal(&b, &b2, sizeof(b));
	assert_int_equal(store_bucket_get(s, "O'Hara \"; DROP TABLE bucket", &k2, &err), 0);
	assert_memory_equal(&k, &k2, sizeof(k));
	struct buf text = buf_make(100);
	int64_t at = 0;
	buf_add_str(&text, "old");
	assert_int_equal(store_check_get(s, "192.0.2.10", &text, &at, &err), 0);
	assert_string_equal(buf_text(&text), "{\"a\":1}");
	assert_int_equal(at, 9);
	assert_int_equal(store_sweep_get(s, "d1", &at, &text, &err), 0);
	assert_int_equal(at, 17);
	assert_true(span_equal(buf_span(&text), span_of("x\0y", 3)));
	assert_int_equal(store_sweep_get(s, "d2", &at, &text, &err), 0);
	assert_int_equal(text.len, 0);
	assert_int_equal(store_fact_get(s, "quoted", &text, &at, &err), -ENOENT);
	assert_int_equal(store_fact_put(s, "quoted", 5, span_str("192.0.2.10"), &err), 0);
	assert_int_equal(store_fact_put(s, "quoted", 6, span_str("192.0.2.11"), &err), 0);
	assert_int_equal(store_fact_get(s, "quoted", &text, &at, &err), 0);
	assert_string_equal(buf_text(&text), "192.0.2.11");
	assert_int_equal(at, 6);
	assert_int_equal(store_sweep_drop(s, "d1", &err), 0);
	assert_int_equal(store_sweep_drop(s, "d1", &err), 0);
	assert_int_equal(store_sweep_get(s, "d1", &at, &text, &err), -ENOENT);
	buf_release(&text);

	struct buf small = buf_make(4);
	assert_int_equal(store_check_get(s, "192.0.2.10", &small, &at, &err), -E2BIG);
	buf_release(&small);
	store_free(s);
}

static void refusals_end(void **state)
{
	struct error err;
	struct store *s = open_ok(NULL);
	int why = 7;
	int64_t until = 0;
	assert_int_equal(store_refusal_put(s, "zen.example", 2, 1000, &err), 0);
	assert_int_equal(store_refusal_get(s, "zen.example", 999, &why, &until, &err), 0);
	assert_int_equal(why, 2);
	assert_int_equal(until, 1000);
	assert_int_equal(store_refusal_get(s, "zen.example", 1000, &why, &until, &err), -ENOENT);
	assert_int_equal(store_refusal_get(s, "other.example", 0, &why, &until, &err), -ENOENT);
	/* put while the clock was wrong: not left alone for years */
	assert_int_equal(store_refusal_put(s, "zen.example", 2, 1000 + STORE_REFUSAL_MAX_MS, &err), 0);
	assert_int_equal(store_refusal_get(s, "zen.example", 999, &why, &until, &err), -ENOENT);
	assert_int_equal(store_refusal_get(s, "zen.example", 1000, &why, &until, &err), 0);
	assert_int_equal(store_refusal_get(s, "zen.example", INT64_MAX, &why, &until, &err), -ENOENT);
	store_free(s);
}

static void transactions_hold_together(void **state)
{
	struct error err;
	struct store *s = open_ok(*state), *other = open_ok(*state);
	struct store_bucket k = {1, 2, 3, 4}, k2;
	assert_int_equal(store_commit(s, &err), -EINVAL);
	store_rollback(s);
	assert_int_equal(store_begin(s, &err), 0);
	assert_int_equal(store_begin(s, &err), -EINVAL);
	assert_int_equal(store_bucket_put(s, "x", &k, &err), 0);
	assert_int_equal(store_bucket_get(other, "x", &k2, &err), -ENOENT); /* readers go on, and see what was */
	store_rollback(s);
	assert_int_equal(store_bucket_get(s, "x", &k2, &err), -ENOENT);
	assert_int_equal(store_begin(s, &err), 0);
	assert_int_equal(store_bucket_put(s, "x", &k, &err), 0);
	assert_int_equal(store_commit(s, &err), 0);
	assert_int_equal(store_bucket_get(other, "x", &k2, &err), 0);
	assert_int_equal(store_begin(s, &err), 0); /* left open: gone with the handle */
	assert_int_equal(store_bucket_put(s, "y", &k, &err), 0);
	store_free(s);
	assert_int_equal(store_bucket_get(other, "y", &k2, &err), -ENOENT);
	store_free(other);
	assert_null(store_free(NULL));
}

static void private_stores_are_apart(void **state)
{
	struct error err;
	struct store *a = open_ok(NULL), *b = open_ok(NULL);
	struct store_bucket k = {1, 2, 3, 4};
	assert_int_equal(store_bucket_put(a, "x", &k, &err), 0);
	assert_int_equal(store_bucket_get(a, "x", &k, &err), 0);
	assert_int_equal(store_bucket_get(b, "x", &k, &err), -ENOENT);
	store_free(a);
	store_free(b);
}

static void folders_are_made(void **state)
{
	char path[300];
	struct stat st;
	mode_t mask = umask(022);
	(void)snprintf(path, sizeof(path), "%s/a/b", (const char *)*state);
	store_free(open_ok(path));
	umask(mask);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(stat(file_of(path), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

enum { WORKERS = 4, ROUNDS = 40 };

/* A run of its own: takes one from the bucket, ROUNDS times. */
static int worker(const char *dir)
{
	struct store *s = NULL;
	if (store_open(dir, &s, NULL) < 0)
		return 1;
	for (int i = 0; i < ROUNDS; i++) {
		struct store_bucket k = {0};
		if (store_begin(s, NULL) < 0)
			return 2;
		int r = store_bucket_get(s, "shared", &k, NULL);
		if (r < 0 && r != -ENOENT)
			return 3;
		k.used_today++;
		if (store_bucket_put(s, "shared", &k, NULL) < 0 || store_commit(s, NULL) < 0)
			return 4;
	}
	store_free(s);
	return 0;
}

/* The file is not there yet: they also race to make it. */
static void processes_share_one_bucket(void **state)
{
	pid_t pids[WORKERS];
	for (int i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(worker(*state));
	}
	for (int i = 0; i < WORKERS; i++) {
		int status = -1;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	struct store *s = open_ok(*state);
	struct store_bucket k;
	struct error err;
	assert_int_equal(store_bucket_get(s, "shared", &k, &err), 0);
	assert_int_equal(k.used_today, WORKERS * ROUNDS);
	store_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(records_come_back, folder_up, folder_down),
		cmocka_unit_test(refusals_end),
		cmocka_unit_test_setup_teardown(transactions_hold_together, folder_up, folder_down),
		cmocka_unit_test(private_stores_are_apart),
		cmocka_unit_test_setup_teardown(folders_are_made, folder_up, folder_down),
		cmocka_unit_test_setup_teardown(processes_share_one_bucket, folder_up, folder_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
