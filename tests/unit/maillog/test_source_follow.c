/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading on behind the end, across rotations and between runs. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
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
	assert_int_equal(sources_follow(t.sources, 1000, &l), 1);
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
	assert_int_equal(sources_follow(t.sources, 3000, &l), 1);
	assert_memory_equal(l->raw.at + l->raw.len - 8, "next day", 8);
	tree_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),           cmocka_unit_test(test_renamed),
		cmocka_unit_test(test_renamed_at_once), cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_dated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
