/* SPDX-License-Identifier: BSD-2-Clause */
/* A folder with what strangers lay out: links out of it, a pipe that would never end. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/tree_walk.h"

static char root[] = "/tmp/offlist-tree-XXXXXX";

static const char *below(const char *name)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

static void put(const char *name)
{
	FILE *f = fopen(below(name), "w");
	assert_non_null(f);
	fputs("text", f);
	fclose(f);
}

static int make(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(root));
	assert_int_equal(mkdir(below("a"), 0755), 0);
	put("a/file");
	assert_int_equal(mkfifo(below("a/pipe"), 0644), 0);
	assert_int_equal(symlink("/etc", below("a/out")), 0);
	assert_int_equal(symlink("/etc/passwd", below("a/passwd")), 0);
	assert_int_equal(symlink("a", below("link")), 0);
	return 0;
}

static int clean(void **state)
{
	static const char *const names[] = {"a/file", "a/pipe", "a/out", "a/passwd", "link"};
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(below(names[i]));
	rmdir(below("a"));
	return rmdir(root);
}

/* @return how many files it told; the last is read. */
static int count(const char *path, bool trusted)
{
	struct tree_walk *w;
	enum tree_walk_step step;
	int files = 0;
	char text[8] = "";
	assert_int_equal(tree_walk_new(path, trusted, &w), 0);
	while ((step = tree_walk_next(w)) != TREE_WALK_END) {
		if (step != TREE_WALK_FILE)
			continue;
		int fd = tree_walk_open(w);
		assert_true(fd >= 0);
		assert_int_equal(read(fd, text, sizeof(text)), 4);
		assert_memory_equal(text, "text", 4);
		close(fd);
		assert_string_equal(strrchr(tree_walk_path(w), '/'), "/file");
		files++;
	}
	assert_int_equal(tree_walk_missed(w), 0);
	tree_walk_free(w);
	return files;
}

static void only_its_own_files(void **state)
{
	(void)state;
	assert_int_equal(count(root, true), 1);
	assert_int_equal(count(below("a/file"), true), 1);
	assert_int_equal(count(below("a/pipe"), true), 0);
	assert_int_equal(count(below("nothing"), true), 0);
	assert_int_equal(count(below("link"), true), 1);
}

static void links_of_others_lead_nowhere(void **state)
{
	struct tree_walk *w;
	(void)state;
	assert_int_equal(tree_walk_new(below("link"), false, &w), -ELOOP);
	assert_int_equal(tree_walk_new(below("link/file"), false, &w), -ELOOP);
	assert_int_equal(count(below("a"), false), 1);
}

static void a_file_that_was_changed_for_another(void **state)
{
	struct tree_walk *w;
	(void)state;
	assert_int_equal(tree_walk_new(below("a"), true, &w), 0);
	while (tree_walk_next(w) != TREE_WALK_FILE)
		;
	assert_int_equal(unlink(below("a/file")), 0);
	assert_int_equal(symlink("/etc/passwd", below("a/file")), 0);
	assert_true(tree_walk_open(w) < 0);
	tree_walk_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_its_own_files),
		cmocka_unit_test(links_of_others_lead_nowhere),
		cmocka_unit_test(a_file_that_was_changed_for_another),
	};
	return cmocka_run_group_tests(tests, make, clean);
}
