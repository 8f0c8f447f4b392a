/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "sys/program.h"

static const struct program_limits usual = {.time_us = 20000000, .output_max = 65536, .errors_max = 10};

static int shell(const char *script, struct program_limits limits, struct program_end *ret_end)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	return program_run(argv, limits, ret_end);
}

static void words_are_arguments_and_no_script(void **state)
{
	const char *const echo[] = {"echo", "$HOME; exit 1", NULL};
	struct program_end end;
	(void)state;
	assert_int_equal(program_run(echo, usual, &end), 0);
	assert_int_equal(end.status, 0);
	assert_string_equal(buf_text(&end.output), "$HOME; exit 1\n");
	assert_string_equal(buf_text(&end.errors), "");
	program_end_release(&end);
}

static void both_outputs_and_the_status_come_back(void **state)
{
	struct program_end end;
	(void)state;
	assert_int_equal(shell("echo out; echo err >&2; exit 3", usual, &end), 0);
	assert_int_equal(end.status, 3);
	assert_string_equal(buf_text(&end.output), "out\n");
	assert_string_equal(buf_text(&end.errors), "err\n");
	program_end_release(&end);
	assert_int_equal(shell("kill -TERM $$", usual, &end), 0);
	assert_int_equal(end.status, 128 + SIGTERM);
	program_end_release(&end);
}

/* More than a pipe holds: it would wait without end were it not read. */
static void long_errors_are_cut(void **state)
{
	struct program_end end;
	(void)state;
	assert_int_equal(shell("head -c 300000 /dev/zero | tr '\\0' e >&2; echo out", usual, &end), 0);
	assert_string_equal(buf_text(&end.output), "out\n");
	assert_string_equal(buf_text(&end.errors), "eeeeeeeeee");
	program_end_release(&end);
	assert_int_equal(shell("exec >&-; head -c 300000 /dev/zero >&2", usual, &end), 0);
	assert_int_equal(end.errors.len, 10);
	program_end_release(&end);
}

static void an_endless_one_is_ended(void **state)
{
	const char *const endless[] = {"yes", NULL}, *const sleeps[] = {"sleep", "100", NULL};
	struct program_limits hurried = usual;
	struct program_end end;
	int64_t begun = clock_mono_us();
	(void)state;
	assert_int_equal(program_run(endless, usual, &end), -E2BIG);
	program_end_release(&end);
	hurried.time_us = 50000;
	assert_int_equal(program_run(sleeps, hurried, &end), -ETIMEDOUT);
	assert_int_equal(end.status, 128 + SIGKILL);
	program_end_release(&end);
	/* its output has ended, it has not */
	assert_int_equal(shell("exec >&-; exec sleep 100", usual, &end), -ETIMEDOUT);
	program_end_release(&end);
	assert_true(clock_mono_us() - begun < 50000000);
}

/* What it left running holds its errors open: that is not waited for. */
static void a_child_left_behind_is_not_waited_for(void **state)
{
	struct program_end end;
	int64_t begun = clock_mono_us();
	(void)state;
	assert_int_equal(shell("sleep 15 >&- & echo out", usual, &end), 0);
	assert_string_equal(buf_text(&end.output), "out\n");
	assert_true(clock_mono_us() - begun < 10000000);
	program_end_release(&end);
}

static void it_gets_no_input_and_two_variables(void **state)
{
	struct program_end end;
	(void)state;
	assert_int_equal(setenv("OFFLIST_SECRET", "1", 1), 0);
	assert_int_equal(shell("cat; env | grep -c '^OFFLIST_SECRET='; echo $LC_ALL:$PATH", usual, &end), 0);
	assert_string_equal(buf_text(&end.output), "0\nC:/usr/sbin:/usr/bin:/sbin:/bin\n");
	program_end_release(&end);
}

static void only_system_folders_are_searched(void **state)
{
	const char *const no[] = {"no-such-program", NULL};
	char name[400];
	const char *const longer[] = {name, NULL};
	struct program_end end;
	(void)state;
	assert_int_equal(program_run(no, usual, &end), -ENOENT);
	program_end_release(&end);
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(program_run(longer, usual, &end), -ENOENT);
	program_end_release(&end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_arguments_and_no_script),
		cmocka_unit_test(both_outputs_and_the_status_come_back),
		cmocka_unit_test(long_errors_are_cut),
		cmocka_unit_test(an_endless_one_is_ended),
		cmocka_unit_test(a_child_left_behind_is_not_waited_for),
		cmocka_unit_test(it_gets_no_input_and_two_variables),
		cmocka_unit_test(only_system_folders_are_searched),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
