/* SPDX-License-Identifier: BSD-2-Clause */
/* Asking a program of this machine for its settings. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "mta/finder.h"

enum { RUN_MAX_US = 5000000, LINGER_US = 200000, OUTPUT_MAX = 256 * 1024, PATH_SIZE = 256 };

/* not $PATH: whoever runs offlist with rights must not be made to run something else */
static const char *const folders[] = {"/usr/sbin", "/usr/bin", "/usr/local/sbin"};

static bool find_program(const char *name, char path[PATH_SIZE])
{
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, PATH_SIZE, "%s/%s", folders[i], name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/** Start it with its output on `out`. @return its process id, or a negative errno. */
static pid_t start(const char *path, const char *const *argv, int out)
{
	static char locale[] = "LC_ALL=C", search[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const env[] = {locale, search, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	pid_t pid;
	int r;
	if (posix_spawn_file_actions_init(&files) != 0)
		return -ENOMEM;
	if (posix_spawnattr_init(&attr) != 0) {
		posix_spawn_file_actions_destroy(&files);
		return -ENOMEM;
	}
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	/* argv is only read: POSIX 2008, posix_spawn, rationale on const */
	r = posix_spawn(&pid, path, &files, &attr, (char *const *)(uintptr_t)argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return r ? -r : pid;
}

/** Read to the end of file, the limit of octets or of time. */
static int collect(int fd, struct buf *out)
{
	int64_t end = clock_mono_us() + RUN_MAX_US, left;
	char chunk[4096];
	ssize_t n = 1;
	while (n > 0 && !out->error) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		left = end - clock_mono_us();
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)(left / 1000) + 1) <= 0)
			continue;
		n = read(fd, chunk, sizeof(chunk));
		if (n > 0)
			buf_add(out, span_of(chunk, (size_t)n));
	}
	return out->error ? out->error : n < 0 ? -EIO : 0;
}

/** Its exit, waited for a little while after its output ended; what goes on then, or is at a limit, is killed. */
static int reap(pid_t pid, int r)
{
	int64_t end = clock_mono_us() + LINGER_US;
	int status = 0;
	pid_t done = 0;
	while (r == 0 && (done = waitpid(pid, &status, WNOHANG)) == 0 && clock_mono_us() < end)
		poll(NULL, 0, 1);
	if (done != pid) {
		kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	if (r == 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		r = -EIO;
	return r;
}

int ask_program(const char *const *argv, struct arena *arena, struct span *ret_output)
{
	struct buf out = buf_make(OUTPUT_MAX);
	char path[PATH_SIZE];
	const char *copy;
	int fds[2], r;
	pid_t pid;
	if (!find_program(argv[0], path))
		return -ENOENT;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = start(path, argv, fds[1]);
	close(fds[1]);
	r = pid < 0 ? (int)pid : collect(fds[0], &out);
	close(fds[0]);
	if (pid > 0)
		r = reap(pid, r);
	if (r == 0) {
		copy = arena_copy(arena, buf_span(&out));
		r = copy ? 0 : -ENOMEM;
		if (copy)
			*ret_output = span_of(copy, out.len);
	}
	buf_release(&out);
	return r;
}
