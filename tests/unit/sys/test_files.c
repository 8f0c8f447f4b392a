/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/files.h"

enum { PATH_SIZE = 96 };

static char folder[] = "/tmp/offlist-files-XXXXXX";
static char path[PATH_SIZE];

static void put(const char *text, size_t n)
{
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void a_file_is_read_whole(void **state)
{
	struct buf out = buf_make(5);
	struct file_facts facts = {.cut = true};
	(void)state;
	put("12\0"
	    "45",
	    5);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(files_read(path, 0, &out, &facts, NULL), 0);
	assert_int_equal(out.len, 5);
	assert_memory_equal(out.at,
			    "12\0"
			    "45",
			    6);
	assert_int_equal(facts.mode, 0640);
	assert_false(facts.cut);
	buf_release(&out);
	put("", 0);
	assert_int_equal(files_read(path, FILES_REGULAR, &out, NULL, NULL), 0);
	assert_int_equal(out.len, 0);
	buf_release(&out);
}

static void what_is_there_already_is_kept(void **state)
{
	struct buf out = buf_make(100);
	(void)state;
	put("def", 3);
	buf_add_str(&out, "abc");
	assert_int_equal(files_read(path, 0, &out, NULL, NULL), 0);
	assert_string_equal(buf_text(&out), "abcdef");
	buf_release(&out);
}

/* Longer than one piece, at the maximum and one octet above it. */
static void no_more_than_the_maximum_is_read(void **state)
{
	static char text[3 * 65536 + 1];
	struct buf out = buf_make(sizeof(text) - 1);
	struct file_facts facts;
	struct error why;
	(void)state;
	memset(text, 'x', sizeof(text));
	put(text, sizeof(text) - 1);
	assert_int_equal(files_read(path, 0, &out, &facts, &why), 0);
	assert_int_equal(out.len, sizeof(text) - 1);
	assert_false(facts.cut);
	buf_clear(&out);
	put(text, sizeof(text));
	assert_int_equal(files_read(path, 0, &out, NULL, &why), -EFBIG);
	assert_string_equal(why.text, "longer than 192 KiB");
	buf_clear(&out);
	assert_int_equal(files_read(path, FILES_CUT, &out, &facts, &why), 0);
	assert_int_equal(out.len, sizeof(text) - 1);
	assert_true(facts.cut);
	buf_release(&out);
	out = buf_make(1000);
	assert_int_equal(files_read("/dev/zero", 0, &out, NULL, &why), -EFBIG);
	assert_string_equal(why.text, "longer than 1000 octets");
	buf_release(&out);
	out = buf_make(1 << 20);
	assert_int_equal(files_read("/dev/zero", 0, &out, NULL, &why), -EFBIG);
	assert_string_equal(why.text, "longer than 1 MiB");
	buf_release(&out);
}

static void what_is_no_file_is_told(void **state)
{
	struct buf out = buf_make(100);
	struct error why;
	char none[PATH_SIZE + 8];
	(void)state;
	snprintf(none, sizeof(none), "%s.none", path);
	assert_int_equal(files_read(none, 0, &out, NULL, &why), -ENOENT);
	assert_string_equal(why.text, "No such file or directory");
	assert_int_equal(files_read(folder, 0, &out, NULL, &why), -EISDIR);
	assert_string_equal(why.text, "Is a directory");
	assert_int_equal(files_read("/dev/null", FILES_REGULAR, &out, NULL, &why), -EINVAL);
	assert_string_equal(why.text, "it is not a regular file");
	assert_int_equal(files_read("/dev/null", 0, &out, NULL, &why), 0);
	assert_int_equal(out.len, 0);
	buf_release(&out);
}

/* One that nobody writes to would be waited for without end. */
static void a_pipe_is_not_waited_for(void **state)
{
	struct buf out = buf_make(100);
	(void)state;
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(files_read(path, FILES_REGULAR, &out, NULL, NULL), -EINVAL);
	unlink(path);
	buf_release(&out);
}

static void a_descriptor_stays_open(void **state)
{
	struct buf out = buf_make(100);
	int fds[2];
	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], "piped", 5), 5);
	close(fds[1]);
	assert_int_equal(files_read_open(fds[0], 0, &out, NULL, NULL), 0);
	assert_string_equal(buf_text(&out), "piped");
	assert_int_equal(close(fds[0]), 0);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_whole),
		cmocka_unit_test(what_is_there_already_is_kept),
		cmocka_unit_test(no_more_than_the_maximum_is_read),
		cmocka_unit_test(what_is_no_file_is_told),
		cmocka_unit_test(a_pipe_is_not_waited_for),
		cmocka_unit_test(a_descriptor_stays_open),
	};
	int failed;
	if (!mkdtemp(folder))
		return 74;
	snprintf(path, sizeof(path), "%s/file", folder);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	rmdir(folder);
	return failed;
}
