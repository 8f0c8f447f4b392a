/* SPDX-License-Identifier: BSD-2-Clause */
#include "sys/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	LINGER_US = 200000, /* an exit is waited for so long after the end of the output */
	PATH_SIZE = 256,
	PIECE_OCTETS = 4096,
	PIECES_LEFT_MAX = 64, /* read of its errors after its end: what a pipe may hold; a child of it might write on */
};

/* not $PATH: whoever runs offlist with rights must not be made to run something else */
static const char *const folders[] = {"/usr/sbin", "/usr/bin", "/usr/local/sbin"};

/* One of its two outputs, as far as it was read. */
struct stream {
	int fd;     /* -1: it has ended */
	int writer; /* the program's end of the pipe; -1: not ours any more */
	struct buf *into;
	bool cut; /* what is above the maximum is thrown away, else it is -E2BIG */
};

static bool find_program(const char *name, char path[PATH_SIZE])
{
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		int n = snprintf(path, PATH_SIZE, "%s/%s", folders[i], name);
		if (n < PATH_SIZE && access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int stream_open(struct stream *s)
{
	int fds[2];
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	s->fd = fds[0];
	s->writer = fds[1];
	return fcntl(s->fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* One piece of what has come; its end closes it. @return 0; -E2BIG; -ENOMEM; -EIO */
static int stream_read(struct stream *s)
{
	char piece[PIECE_OCTETS];
	ssize_t n = read(s->fd, piece, sizeof(piece));
	size_t room = s->into->max - s->into->len;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -EIO;
	if (n == 0)
		close_fd(&s->fd);
	buf_add(s->into, span_of(piece, s->cut && (size_t)n > room ? room : (size_t)n));
	return s->into->error;
}

/** @return its process id, or a negative errno. */
static pid_t spawn(const char *path, const char *const *argv, const posix_spawn_file_actions_t *files)
{
	static char locale[] = "LC_ALL=C", search[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const env[] = {locale, search, NULL};
	posix_spawnattr_t attr;
	sigset_t none;
	pid_t pid;
	int r;
	if (posix_spawnattr_init(&attr) != 0)
		return -ENOMEM;
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	/* argv is only read: POSIX 2008, posix_spawn, rationale on const */
	r = posix_spawn(&pid, path, files, &attr, (char *const *)(uintptr_t)argv, env);
	posix_spawnattr_destroy(&attr);
	return r ? -r : pid;
}

/** Start it with its outputs on the two pipes. @return its process id, or a negative errno. */
static pid_t start(const char *path, const char *const *argv, const struct stream streams[2])
{
	posix_spawn_file_actions_t files;
	pid_t pid;
	if (posix_spawn_file_actions_init(&files) != 0)
		return -ENOMEM;
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, streams[0].writer, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, streams[1].writer, STDERR_FILENO);
	pid = spawn(path, argv, &files);
	posix_spawn_file_actions_destroy(&files);
	return pid;
}

/** Read both to the end of its output, the limit of octets or of time. A child of it may hold its errors open longer. */
static int collect(struct stream streams[2], int64_t time_us)
{
	int64_t end = clock_mono_us() + time_us, left;
	int r = 0;
	while (r == 0 && streams[0].fd >= 0) {
		struct pollfd p[2] = {{.fd = streams[0].fd, .events = POLLIN}, {.fd = streams[1].fd, .events = POLLIN}};
		left = end - clock_mono_us();
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(p, 2, (int)(left / 1000) + 1) <= 0)
			continue;
		for (size_t i = 0; i < 2 && r == 0; i++)
			if (p[i].revents)
				r = stream_read(&streams[i]);
	}
	return r;
}

/* What it said last: nothing is waited for. */
static void read_left(struct stream *errors)
{
	for (int i = 0; i < PIECES_LEFT_MAX && errors->fd >= 0; i++) {
		struct pollfd p = {.fd = errors->fd, .events = POLLIN};
		if (poll(&p, 1, 0) <= 0 || stream_read(errors) < 0)
			return;
	}
}

/** Its exit, waited for a little while after its output ended; what goes on then, or is at a limit, is killed. */
static int reap(pid_t pid, int r, struct stream *errors, int *ret_status)
{
	int64_t end = clock_mono_us() + LINGER_US;
	int status = 0;
	pid_t done = 0;
	while (r == 0 && (done = waitpid(pid, &status, WNOHANG)) == 0 && clock_mono_us() < end) {
		read_left(errors); /* it might wait for room to write in */
		poll(NULL, 0, 1);
	}
	if (done != pid) {
		kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		r = r ? r : -ETIMEDOUT;
	}
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return r;
}

static int run(const char *path, const char *const *argv, int64_t time_us, struct stream streams[2], int *ret_status)
{
	int r = stream_open(&streams[0]);
	pid_t pid = -1;
	if (r == 0)
		r = stream_open(&streams[1]);
	if (r == 0) {
		pid = start(path, argv, streams);
		r = pid < 0 ? (int)pid : 0;
	}
	for (size_t i = 0; i < 2; i++)
		close_fd(&streams[i].writer); /* else its end would not be seen */
	if (r == 0)
		r = collect(streams, time_us);
	if (pid > 0) {
		r = reap(pid, r, &streams[1], ret_status);
		read_left(&streams[1]);
	}
	for (size_t i = 0; i < 2; i++)
		close_fd(&streams[i].fd);
	return r;
}

int program_run(const char *const *argv, struct program_limits limits, struct program_end *ret_end)
{
	struct program_end *end = ret_end;
	struct stream streams[2] = {
		{.fd = -1, .writer = -1, .into = &end->output},
		{.fd = -1, .writer = -1, .into = &end->errors, .cut = true},
	};
	char path[PATH_SIZE];
	*end = (struct program_end){buf_make(limits.output_max), buf_make(limits.errors_max), 0};
	if (!find_program(argv[0], path))
		return -ENOENT;
	return run(path, argv, limits.time_us, streams, &end->status);
}

void program_end_release(struct program_end *end)
{
	buf_release(&end->output);
	buf_release(&end->errors);
}
