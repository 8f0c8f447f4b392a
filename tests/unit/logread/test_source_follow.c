/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading on behind the end, across rotations and between runs. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "source_tree.h"

#define AT(time, said) "2026-11-29T" time "Z mx1 postfix/smtpd[12]: " said "\n"

static void test_grows(void **state)
{
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mail.log", AT("10:00:00", "a"));
	tree_add(&t, "mail.log", true);
	assert_string_equal(tree_follow(&t), "a");
	assert_string_equal(tree_follow(&t), "");
	tree_append(&t, "mail.log", AT("10:00:01", "b") AT("10:00:02", "c") "2026-11-29T10:00:03Z mx1 post");
	assert_string_equal(tree_follow(&t), "b");
	assert_string_equal(tree_follow(&t), "c");
	assert_string_equal(tree_follow(&t), ""); /* half a line waits for its end */
	tree_append(&t, "mail.log", "fix/smtpd[12]: d\n");
	assert_string_equal(tree_follow(&t), "d");
	tree_end(&t);
}

static void test_renamed(void **state)
{
	const struct log_line *l;
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mail.log", AT("10:00:00", "a"));
	tree_add(&t, "mail.log", true);
	assert_string_equal(tree_follow(&t), "a");
	assert_string_equal(tree_follow(&t), "");
	tree_rename(&t, "mail.log", "mail.log.1");
	tree_append(&t, "mail.log.1", AT("10:00:01", "to the old one"));
	assert_string_equal(tree_follow(&t), "to the old one");
	tree_str(&t, "mail.log", "");
	assert_string_equal(tree_follow(&t), "");
	tree_append(&t, "mail.log.1", AT("10:00:02", "still"));
	tree_append(&t, "mail.log", AT("10:00:03", "new"));
	assert_string_equal(tree_follow(&t), "still");
	assert_int_equal(tree_follow_for(&t, 1000, &l), 1);
	assert_int_equal(l->number, 1);
	assert_int_equal(l->source, 0);
	tree_append(&t, "mail.log", AT("10:00:04", "newer"));
	assert_string_equal(tree_follow(&t), "newer");
	tree_end(&t);
}

/* Renamed between the end of reading and the first look after it. */
static void test_renamed_at_once(void **state)
{
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mail.log", AT("10:00:00", "a"));
	tree_add(&t, "mail.log", true);
	assert_string_equal(tree_read(&t), "a");
	tree_append(&t, "mail.log", AT("10:00:01", "b"));
	tree_rename(&t, "mail.log", "mail.log.1");
	tree_str(&t, "mail.log", AT("10:00:02", "c"));
	assert_string_equal(tree_follow(&t), "b");
	assert_string_equal(tree_follow(&t), "c");
	tree_end(&t);
}

static void test_cut_short(void **state)
{
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mail.log", AT("10:00:00", "a") AT("10:00:01", "b"));
	tree_add(&t, "mail.log", true);
	assert_string_equal(tree_follow(&t), "a");
	assert_string_equal(tree_follow(&t), "b");
	assert_string_equal(tree_follow(&t), "");
	assert_int_equal(truncate(tree_path(&t, "mail.log"), 0), 0);
	tree_append(&t, "mail.log", AT("10:00:02", "c"));
	assert_string_equal(tree_follow(&t), "c");
	assert_string_equal(tree_follow(&t), "");
	/* cut and longer than before when it is next looked at */
	tree_str(&t, "mail.log", AT("10:00:03", "d") AT("10:00:04", "e") AT("10:00:05", "f"));
	assert_string_equal(tree_follow(&t), "d");
	assert_string_equal(tree_follow(&t), "e");
	assert_string_equal(tree_follow(&t), "f");
	tree_end(&t);
}

static void test_dated(void **state)
{
	const struct log_line *l;
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mainlog-20261128", AT("09:00:00", "old"));
	tree_str(&t, "mainlog-20261129", AT("10:00:00", "a"));
	tree_add(&t, "mainlog", true);
	assert_string_equal(tree_read(&t), "old|a");
	assert_string_equal(tree_follow(&t), "");
	tree_str(&t, "mainlog-20261130", AT("23:59:59", "next day"));
	assert_int_equal(tree_follow_for(&t, 3000, &l), 1);
	assert_memory_equal(l->raw.at + l->raw.len - 8, "next day", 8);
	tree_end(&t);
}

/* The kernel tells of each, so that nothing waits for the next look; half a minute is for a busy machine. */
static void test_told(void **state)
{
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mail.log", AT("10:00:00", "a"));
	tree_add(&t, "mail.log", true);
	assert_string_equal(tree_follow(&t), "a");
	assert_string_equal(tree_follow(&t), "");
	assert_false(tree_told(&t, 0));
	tree_append(&t, "mail.log", AT("10:00:01", "written"));
	assert_true(tree_told(&t, 30000));
	assert_string_equal(tree_follow(&t), "written");
	assert_string_equal(tree_follow(&t), "");
	tree_rename(&t, "mail.log", "mail.log.1");
	tree_append(&t, "mail.log.1", AT("10:00:02", "to the old one"));
	assert_true(tree_told(&t, 30000));
	assert_string_equal(tree_follow(&t), "to the old one");
	assert_string_equal(tree_follow(&t), "");
	tree_str(&t, "mail.log", "");
	assert_true(tree_told(&t, 30000)); /* a name has come */
	assert_string_equal(tree_follow(&t), "");
	assert_false(tree_told(&t, 0));
	tree_append(&t, "mail.log", AT("10:00:03", "to the new one"));
	assert_true(tree_told(&t, 30000));
	assert_string_equal(tree_follow(&t), "to the new one");
	assert_string_equal(tree_follow(&t), "");
	assert_int_equal(truncate(tree_path(&t, "mail.log"), 0), 0);
	assert_true(tree_told(&t, 30000));
	assert_string_equal(tree_follow(&t), "");
	tree_append(&t, "mail.log", AT("10:00:04", "after copytruncate"));
	assert_true(tree_told(&t, 30000));
	assert_string_equal(tree_follow(&t), "after copytruncate");
	tree_end(&t);
}

/* It may be away for a while. */
static void test_comes_again(void **state)
{
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mail.log", AT("10:00:00", "a"));
	tree_add(&t, "mail.log", false);
	assert_string_equal(tree_read(&t), "a");
	assert_int_equal(unlink(tree_path(&t, "mail.log")), 0);
	assert_string_equal(tree_follow(&t), "");
	assert_false(tree_told(&t, 0));
	tree_str(&t, "mail.log", AT("10:00:01", "b"));
	assert_true(tree_told(&t, 30000));
	assert_string_equal(tree_follow(&t), "b");
	tree_end(&t);
}

/* A file system may tell nothing: with time alone, and that is the caller's, all is found within a second. */
static void test_looked_at(void **state)
{
	static const struct {
		const char *file, *said;
	} steps[] = {{"mainlog-20261129", "b"}, {"mainlog-20261129", "c"}, {"mainlog-20261130", "next day"}};
	int64_t now_us = 5000000;
	const struct log_line *l;
	struct tree t;
	(void)state;
	tree_begin(&t);
	tree_str(&t, "mainlog-20261129", AT("10:00:00", "a"));
	tree_add(&t, "mainlog", true);
	assert_string_equal(tree_read(&t), "a");
	assert_int_equal(sources_follow(t.sources, now_us, 0, &l), 0);
	for (size_t i = 0; i < 3; i++) {
		char line[128];
		snprintf(line, sizeof(line), AT("11:00:00", "%s"), steps[i].said);
		tree_append(&t, steps[i].file, line);
		assert_in_range(sources_follow_deadline_us(t.sources), now_us, now_us + 1000000);
		now_us = sources_follow_deadline_us(t.sources);
		assert_int_equal(sources_follow(t.sources, now_us, 0, &l), 1);
		assert_memory_equal(l->raw.at + l->raw.len - strlen(steps[i].said), steps[i].said,
				    strlen(steps[i].said));
		assert_true(sources_follow_deadline_us(t.sources) <= now_us); /* there may be more at once */
		assert_int_equal(sources_follow(t.sources, now_us, 0, &l), 0);
	}
	tree_end(&t);
}

static void keep_event(void *arg, struct span line)
{
	buf_add(arg, line);
	buf_add_char(arg, '\n');
}

static void test_traced(void **state)
{
	struct buf events = buf_make(1 << 16);
	const struct trace trace = {keep_event, &events};
	struct tree t;
	(void)state;
	tree_begin(&t);
	sources_trace(t.sources, &trace);
	tree_str(&t, "mail.log", AT("10:00:00", "a"));
	tree_add(&t, "mail.log", true);
	assert_string_equal(tree_follow(&t), "a");
	assert_string_equal(tree_follow(&t), "");
	assert_non_null(strstr(buf_text(&events), "event=follow_open path=/tmp/"));
	assert_null(strstr(buf_text(&events), "event=follow_cut_short"));
	assert_int_equal(truncate(tree_path(&t, "mail.log"), 0), 0);
	assert_string_equal(tree_follow(&t), "");
	assert_non_null(strstr(buf_text(&events), "event=follow_cut_short path=/tmp/"));
	tree_end(&t);
	buf_release(&events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),           cmocka_unit_test(test_renamed),
		cmocka_unit_test(test_renamed_at_once), cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_dated),           cmocka_unit_test(test_told),
		cmocka_unit_test(test_comes_again),     cmocka_unit_test(test_looked_at),
		cmocka_unit_test(test_traced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
