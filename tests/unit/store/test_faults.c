/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>

#include <sqlite3.h>

static void expect_refused(const char *dir, int code, const char *words)
{
	struct store *s = NULL;
	struct error err = {""};
	assert_int_equal(store_open(dir, &s, &err), code);
	assert_null(s);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" is not in: %s", words, err.text);
}

static void change(const char *dir, const char *statement)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(file_of(dir), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, statement, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void overwrite(const char *dir, off_t from, const char *bytes, size_t count)
{
	int fd = open(file_of(dir), O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, count, from), count);
	assert_int_equal(close(fd), 0);
}

static void no_database_is_told(void **state)
{
	char junk[8192];
	memset(junk, 'x', sizeof(junk));
	overwrite(*state, 0, junk, sizeof(junk));
	expect_refused(*state, -EBADMSG, "move it away");
}

static void a_cut_file_is_told(void **state)
{
	store_free(open_ok(*state));
	assert_int_equal(truncate(file_of(*state), 5000), 0);
	struct store *s = NULL;
	struct store_bucket k;
	struct error err = {""};
	int r = store_open(*state, &s, &err);
	if (r == 0) /* the head is whole; the tables are not */
		r = store_bucket_get(s, "x", &k, &err);
	assert_int_equal(r, -EBADMSG);
	assert_non_null(strstr(err.text, "move it away"));
	store_free(s);
}

static void damaged_pages_are_told(void **state)
{
	char junk[4096];
	struct stat st;
	struct store_bucket k = {1, 2, 3, 4};
	struct error err = {""};
	struct store *s = open_ok(*state);
	assert_int_equal(store_bucket_put(s, "x", &k, &err), 0);
	store_free(s);
	memset(junk, 0xff, sizeof(junk));
	assert_int_equal(stat(file_of(*state), &st), 0);
	for (off_t at = 4096; at < st.st_size; at += 4096)
		overwrite(*state, at, junk, sizeof(junk));
	s = NULL;
	int r = store_open(*state, &s, &err);
	if (r == 0)
		r = store_bucket_get(s, "x", &k, &err);
	assert_int_equal(r, -EBADMSG);
	store_free(s);
}

static void newer_and_foreign_files_are_told(void **state)
{
	store_free(open_ok(*state));
	change(*state, "PRAGMA user_version = 9999");
	expect_refused(*state, -EBADMSG, "made by a newer offlist");
	change(*state, "PRAGMA user_version = 1; PRAGMA application_id = 5");
	expect_refused(*state, -EBADMSG, "another program");
}

static void foreign_tables_are_left_alone(void **state)
{
	change(*state, "CREATE TABLE mine(a)");
	expect_refused(*state, -EBADMSG, "another program");
	change(*state, "DROP TABLE mine"); /* still there */
}

static void an_empty_file_is_a_new_store(void **state)
{
	overwrite(*state, 0, "", 0);
	store_free(open_ok(*state));
}

static void a_missing_table_is_told(void **state)
{
	struct error err = {""};
	struct store_bucket k;
	store_free(open_ok(*state));
	change(*state, "DROP TABLE bucket");
	struct store *s = open_ok(*state);
	assert_int_equal(store_bucket_get(s, "x", &k, &err), -EBADMSG);
	assert_int_equal(store_bucket_get(s, "x", &k, &err), -EBADMSG);
	store_free(s);
}

static void odd_places_are_told(void **state)
{
	char path[300];
	expect_refused("/dev/null", -ENOTDIR, "/dev/null");
	(void)snprintf(path, sizeof(path), "%s/a", (const char *)*state);
	overwrite(*state, 0, "", 0);
	expect_refused(file_of(*state), -ENOTDIR, "offlist.db");
}

static void held_for_too_long(void **state)
{
	struct error err = {""};
	struct store *a = open_ok(*state), *b = open_ok(*state);
	time_t before;
	assert_int_equal(store_begin(a, &err), 0);
	assert_int_equal(store_begin(b, &err), -EBUSY);
	before = time(NULL);
	assert_int_equal(store_begin_now(b, &err), -EBUSY);
	assert_true(time(NULL) - before < 4); /* at once, not after the 5 s that store_begin() waits */
	assert_non_null(strstr(err.text, "another process held the store"));
	/* who has waited once does not wait again for each row, until it has had the store */
	for (int i = 0; i < 3; i++)
		assert_int_equal(store_fact_put(b, "a", 1, span_str("b"), &err), -EBUSY);
	assert_true(time(NULL) - before < 4);
	store_rollback(a);
	assert_int_equal(store_begin(b, &err), 0);
	assert_int_equal(store_fact_put(b, "a", 1, span_str("b"), &err), 0);
	store_free(a);
	store_free(b);
}

/* What runs as a child in mounts of its own, with a tmpfs of that size on the folder; it tells by its exit status. */
enum { CHILD_SKIP = 77, SMALL_SIZE = 512 * 1024 };

static void in_small_mount(const char *dir, int (*child)(const char *))
{
	int status = -1;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		char options[64];
		(void)snprintf(options, sizeof(options), "size=%d", SMALL_SIZE);
		if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("tmpfs", dir, "tmpfs", 0, options) < 0)
			_exit(CHILD_SKIP);
		_exit(child(dir));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_SKIP) {
		print_message("skipped: needs the right to mount (root)\n");
		skip();
	}
	assert_int_equal(status, 0);
}

/* Fill it through the store; what was there stays readable, and the error says so. */
static int fills_up(const char *dir)
{
	static char text[50000];
	struct store *s = NULL;
	struct error err = {""};
	struct store_bucket k = {1, 2, 3, 4};
	memset(text, 'x', sizeof(text));
	if (store_open(dir, &s, &err) < 0 || store_bucket_put(s, "x", &k, &err) < 0)
		return 1;
	int r = 0;
	for (int i = 0; i < 100 && r == 0; i++) {
		char target[16];
		(void)snprintf(target, sizeof(target), "t%d", i);
		r = store_check_put(s, target, i, "clear", span_of(text, sizeof(text)), &err);
	}
	if (r != -ENOSPC || !strstr(err.text, "disk is full"))
		return 2;
	if (store_bucket_get(s, "x", &k, &err) < 0)
		return 3;
	store_free(s);
	return store_open(dir, &s, &err) == 0 ? (store_free(s), 0) : 4;
}

static int full_from_the_start(const char *dir)
{
	static char text[SMALL_SIZE];
	char path[300];
	(void)snprintf(path, sizeof(path), "%s/filler", dir);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	while (write(fd, text, sizeof(text)) > 0)
		;
	(void)close(fd);
	struct store *s = NULL;
	struct error err = {""};
	if (store_open(dir, &s, &err) != -ENOSPC)
		return 5;
	if (unlink(path) < 0 || store_open(dir, &s, &err) < 0) /* and it heals */
		return 6;
	store_free(s);
	return 0;
}

static int read_only(const char *dir)
{
	struct store *s = NULL;
	struct error err = {""};
	if (store_open(dir, &s, &err) < 0)
		return 7;
	store_free(s);
	if (mount(NULL, dir, NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
		return CHILD_SKIP;
	if (store_open(dir, &s, &err) != -EROFS || !strstr(err.text, "read-only"))
		return 8;
	char path[300];
	(void)snprintf(path, sizeof(path), "%s/new", dir);
	return store_open(path, &s, &err) == -EROFS ? 0 : 9;
}

static void full_disk(void **state)
{
	in_small_mount(*state, fills_up);
}

static void full_disk_at_open(void **state)
{
	in_small_mount(*state, full_from_the_start);
}

static void read_only_mount(void **state)
{
	in_small_mount(*state, read_only);
}

/* A user without rights: root drops them in the child. */
static void forbidden_folder(void **state)
{
	store_free(open_ok(*state));
	int status = -1;
	assert_int_equal(chmod(*state, 0555), 0);
	assert_int_equal(chmod(file_of(*state), 0666), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct store *s = NULL;
		char path[300];
		if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			_exit(CHILD_SKIP);
		(void)snprintf(path, sizeof(path), "%s/a", (const char *)*state);
		if (store_open(path, &s, NULL) != -EACCES)
			_exit(1);
		/* the file may be written, but its -wal not be made */
		_exit(store_open(*state, &s, NULL) == -EACCES ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(chmod(*state, 0755), 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_SKIP)
		skip();
	assert_int_equal(status, 0);
}

#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, folder_up, folder_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(no_database_is_told),
		IN_FOLDER(a_cut_file_is_told),
		IN_FOLDER(damaged_pages_are_told),
		IN_FOLDER(newer_and_foreign_files_are_told),
		IN_FOLDER(foreign_tables_are_left_alone),
		IN_FOLDER(an_empty_file_is_a_new_store),
		IN_FOLDER(a_missing_table_is_told),
		IN_FOLDER(odd_places_are_told),
		IN_FOLDER(held_for_too_long),
		IN_FOLDER(full_disk),
		IN_FOLDER(full_disk_at_open),
		IN_FOLDER(read_only_mount),
		IN_FOLDER(forbidden_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
