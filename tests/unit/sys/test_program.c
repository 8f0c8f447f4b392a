/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "sys/program.h"

enum { SECOND_US = 1000000 };

static const struct program_task usual = {.time_us = 20 * SECOND_US, .output_max = 65536, .errors_max = 10};

static struct program *start(const char *const *argv, struct program_task task)
{
	struct program *p = NULL;
	task.argv = argv;
	assert_int_equal(program_start(&task, clock_mono_us(), &p), 0);
	return p;
}

/* Steps only when the descriptor is ready or the deadline has come: by these two alone it comes to its end. */
static const struct program_end *wait_for(struct program *p)
{
	int64_t now_us = clock_mono_us(), until_us = now_us + 60 * SECOND_US;
	while (!program_step(p, now_us)) {
		struct pollfd ready = {.fd = program_fd(p), .events = POLLIN};
		int64_t left_us = program_deadline_us(p) - clock_mono_us();
		assert_true(poll(&ready, 1, left_us > 0 ? (int)(left_us / 1000) + 1 : 0) >= 0);
		now_us = clock_mono_us();
		assert_true(now_us < until_us);
	}
	return program_end(p);
}

static struct program *shell(const char *script, struct program_task task)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct program *p = start(argv, task);
	wait_for(p);
	return p;
}

static void ends(struct program *p, int error, int status, const char *output)
{
	const struct program_end *end = program_end(p);
	assert_int_equal(end->error, error);
	assert_int_equal(end->status, status);
	if (output)
		assert_string_equal(buf_text(&end->output), output);
	program_free(p);
}

static void words_are_arguments_and_no_script(void **state)
{
	const char *const echo[] = {"echo", "$HOME; exit 1", NULL};
	struct program *p = start(echo, usual);
	(void)state;
	assert_string_equal(buf_text(&wait_for(p)->errors), "");
	ends(p, 0, 0, "$HOME; exit 1\n");
}

static void both_outputs_and_the_status_come_back(void **state)
{
	struct program *p = shell("echo out; echo err >&2; exit 3", usual);
	(void)state;
	assert_string_equal(buf_text(&program_end(p)->errors), "err\n");
	ends(p, 0, 3, "out\n");
	ends(shell("kill -TERM $$", usual), 0, 128 + SIGTERM, "");
}

/* More than a pipe holds: it would wait without end were it not read. */
static void long_errors_are_cut(void **state)
{
	struct program *p = shell("head -c 300000 /dev/zero | tr '\\0' e >&2; echo out", usual);
	(void)state;
	assert_string_equal(buf_text(&program_end(p)->errors), "eeeeeeeeee");
	ends(p, 0, 0, "out\n");
	p = shell("exec >&-; head -c 300000 /dev/zero >&2", usual);
	assert_int_equal(program_end(p)->errors.len, 10);
	ends(p, 0, 0, "");
}

static void an_endless_one_is_ended(void **state)
{
	const char *const endless[] = {"yes", NULL}, *const sleeps[] = {"sleep", "100", NULL};
	struct program_task hurried = usual;
	struct program *p = start(endless, usual);
	int64_t begun = clock_mono_us();
	(void)state;
	wait_for(p);
	ends(p, -E2BIG, 128 + SIGKILL, NULL);
	hurried.time_us = 50000;
	p = start(sleeps, hurried);
	wait_for(p);
	ends(p, -ETIMEDOUT, 128 + SIGKILL, "");
	/* its output has ended, it has not */
	ends(shell("exec >&-; exec sleep 100", usual), -ETIMEDOUT, 128 + SIGKILL, "");
	assert_true(clock_mono_us() - begun < 50 * (int64_t)SECOND_US);
}

/* What it left running holds its errors open: that is not waited for. */
static void a_child_left_behind_is_not_waited_for(void **state)
{
	int64_t begun = clock_mono_us();
	(void)state;
	ends(shell("sleep 15 >&- & echo out", usual), 0, 0, "out\n");
	assert_true(clock_mono_us() - begun < 10 * (int64_t)SECOND_US);
}

/* A zombie is none that runs. */
static bool runs(pid_t pid)
{
	char path[64], text[256] = "";
	const char *at;
	FILE *f;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (!f)
		return false;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	at = strrchr(text, ')');
	return at && at[2] != 'Z';
}

/* The number that a program has written, and nothing but a number. */
static pid_t pid_said(const struct program *p)
{
	uint64_t pid = 0;
	assert_int_equal(ascii_parse_u64(span_trim(buf_span(&program_end(p)->output)), INT32_MAX, &pid), 0);
	return (pid_t)pid;
}

static void its_children_are_ended_with_it(void **state)
{
	struct program_task hurried = usual;
	struct program *p;
	pid_t child;
	(void)state;
	hurried.time_us = 500000;
	p = shell("sleep 100 & echo $!; sleep 100", hurried);
	child = pid_said(p);
	assert_true(child > 1);
	ends(p, -ETIMEDOUT, 128 + SIGKILL, NULL);
	for (int i = 0; i < 500 && runs(child); i++)
		usleep(10000);
	assert_false(runs(child));
}

static void one_that_is_given_up_is_ended(void **state)
{
	const char *const argv[] = {"sh", "-c", "echo $$; exec sleep 100", NULL};
	struct program *p = start(argv, usual);
	struct pollfd ready = {.fd = program_fd(p), .events = POLLIN};
	pid_t pid;
	(void)state;
	while (program_end(p)->output.len == 0) {
		assert_true(poll(&ready, 1, 20000) > 0);
		assert_false(program_step(p, clock_mono_us()));
	}
	pid = pid_said(p);
	assert_true(runs(pid));
	program_free(p);
	assert_false(runs(pid));
}

/* Time is the caller's: an hour that has passed for the step has passed. */
static void a_step_reads_no_clock(void **state)
{
	const char *const sleeps[] = {"sleep", "100", NULL};
	struct program_task patient = usual;
	struct program *p;
	int64_t now_us = clock_mono_us();
	(void)state;
	patient.time_us = 3600 * (int64_t)SECOND_US;
	p = start(sleeps, patient);
	assert_false(program_step(p, now_us + 3500 * (int64_t)SECOND_US));
	assert_false(program_step(p, now_us + 3601 * (int64_t)SECOND_US)); /* killed; its exit comes */
	wait_for(p);
	ends(p, -ETIMEDOUT, 128 + SIGKILL, "");
}

static void it_gets_no_input_and_two_variables(void **state)
{
	(void)state;
	assert_int_equal(setenv("OFFLIST_SECRET", "1", 1), 0);
	ends(shell("cat; env | grep -c '^OFFLIST_SECRET='; echo $LC_ALL:$PATH", usual), 0, 0,
	     "0\nC:/usr/sbin:/usr/bin:/sbin:/bin\n");
}

/* More than a pipe holds, and read by nobody; then read to its end. */
static void it_gets_the_input_that_is_given(void **state)
{
	struct program_task task = usual;
	char *text = calloc(1, 200000);
	(void)state;
	assert_non_null(text);
	memset(text, 'x', 199999);
	task.input = span_of(text, 199999);
	ends(shell("exit 0", task), 0, 0, "");
	ends(shell("wc -c", task), 0, 0, "199999\n");
	free(text);
}

/* Ignored here, as a writer of pipes does, and not for it: `yes` ends by the signal, and says nothing. */
static void signals_are_as_a_program_expects_them(void **state)
{
	struct program *p;
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	(void)state;
	p = shell("yes | head -n 1", usual);
	assert_string_equal(buf_text(&program_end(p)->errors), "");
	ends(p, 0, 0, "y\n");
	signal(SIGPIPE, old);
}

static void only_system_folders_are_searched(void **state)
{
	const char *const no[] = {"no-such-program", NULL};
	char name[400];
	const char *const longer[] = {name, NULL};
	struct program_task task = usual;
	struct program *p = NULL;
	(void)state;
	task.argv = no;
	assert_int_equal(program_start(&task, 0, &p), -ENOENT);
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	task.argv = longer;
	assert_int_equal(program_start(&task, 0, &p), -ENOENT);
	assert_null(p);
}

static void explains(const char *script, struct program_task task, const char *wanted)
{
	struct program *p = shell(script, task);
	struct error why = {{0}};
	program_explain(p, &why);
	assert_string_equal(why.text, wanted);
	program_free(p);
}

static void a_failure_comes_with_its_own_words(void **state)
{
	struct program_task task = usual;
	(void)state;
	task.errors_max = 100;
	task.output_max = 2048;
	explains("echo fatal: no such file >&2; echo more >&2; exit 75", task, "exit status 75: fatal: no such file");
	explains("printf 'a\\033[2Jb\\n' >&2; exit 1", task, "exit status 1: a?[2Jb");
	explains("exit 2", task, "exit status 2");
	explains("kill -KILL $$", task, "ended by signal 9");
	explains("echo warning >&2", task, "");
	explains("head -c 3000 /dev/zero", task, "more than 2 KiB of output");
	task.time_us = 200000;
	explains("echo waiting for a lock >&2; sleep 100", task, "it did not end in time: waiting for a lock");
}

static void keep(void *arg, struct span line)
{
	buf_add(arg, line);
	buf_add_char(arg, '\n');
}

static void both_ends_are_traced(void **state)
{
	struct buf kept = buf_make(4096);
	const struct trace trace = {keep, &kept};
	struct program_task task = usual;
	(void)state;
	task.trace = &trace;
	ends(shell("echo a; echo b >&2; exit 3", task), 0, 3, "a\n");
	assert_non_null(strstr(buf_text(&kept), "room=sys event=program_start name=sh pid="));
	assert_non_null(strstr(buf_text(&kept), "room=sys event=program_end error=none status=3 took_us="));
	assert_non_null(strstr(buf_text(&kept), " output=2 errors=\"b\\x0a\"\n"));
	buf_release(&kept);
}

/* Older systems have none; must be the last test, for the process stays so. */
static void an_exit_is_seen_without_a_descriptor_for_it(void **state)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]), .filter = filter};
	int64_t begun = clock_mono_us();
	(void)state;
	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
	assert_true(pidfd_open(getpid(), 0) < 0);
	ends(shell("exec >&- 2>&-; sleep 0.05; exit 3", usual), 0, 3, "");
	ends(shell("exec >&- 2>&-; exec sleep 100", usual), -ETIMEDOUT, 128 + SIGKILL, "");
	assert_true(clock_mono_us() - begun < 50 * (int64_t)SECOND_US);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_arguments_and_no_script),
		cmocka_unit_test(both_outputs_and_the_status_come_back),
		cmocka_unit_test(long_errors_are_cut),
		cmocka_unit_test(an_endless_one_is_ended),
		cmocka_unit_test(a_child_left_behind_is_not_waited_for),
		cmocka_unit_test(its_children_are_ended_with_it),
		cmocka_unit_test(one_that_is_given_up_is_ended),
		cmocka_unit_test(a_step_reads_no_clock),
		cmocka_unit_test(it_gets_no_input_and_two_variables),
		cmocka_unit_test(it_gets_the_input_that_is_given),
		cmocka_unit_test(signals_are_as_a_program_expects_them),
		cmocka_unit_test(only_system_folders_are_searched),
		cmocka_unit_test(a_failure_comes_with_its_own_words),
		cmocka_unit_test(both_ends_are_traced),
		cmocka_unit_test(an_exit_is_seen_without_a_descriptor_for_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
