/* SPDX-License-Identifier: BSD-2-Clause */
#include "sys/program_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PATH_SIZE = 256 };

/* not $PATH: whoever runs offlist with rights must not be made to run something else */
static const char *const folders[] = {"/usr/sbin", "/usr/bin", "/usr/local/sbin"};

static bool find_program(const char *name, char path[PATH_SIZE])
{
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		int n = snprintf(path, PATH_SIZE, "%s/%s", folders[i], name);
		if (n < PATH_SIZE && access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static int write_all(int fd, struct span text)
{
	ssize_t n = 0;
	while (text.len && (n = write(fd, text.at, text.len)) >= 0)
		text = span_from(text, (size_t)n);
	return n < 0 || lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

/* All of it is known before, so it lies in memory: no pipe has to be filled while the program reads, or does not. */
static int open_input(struct span input)
{
	int fd = input.len ? memfd_create("input", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC), r;
	if (fd < 0)
		return -errno;
	r = input.len ? write_all(fd, input) : 0;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

/* Its own group, so that what it starts can be ended with it; signals as a program expects them. */
static int set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, defaults;
	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE); /* ignored here, and that would be inherited */
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &defaults);
	posix_spawnattr_setpgroup(attr, 0);
	return posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

static pid_t spawn(const char *path, const char *const *argv, const posix_spawn_file_actions_t *files)
{
	static char locale[] = "LC_ALL=C", search[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const env[] = {locale, search, NULL};
	posix_spawnattr_t attr;
	pid_t pid;
	int r;
	if (posix_spawnattr_init(&attr) != 0)
		return -ENOMEM;
	r = set_attributes(&attr);
	/* argv is only read: POSIX 2008, posix_spawn, rationale on const */
	if (r == 0)
		r = posix_spawn(&pid, path, files, &attr, (char *const *)(uintptr_t)argv, env);
	posix_spawnattr_destroy(&attr);
	return r ? -r : pid;
}

pid_t program_spawn(const char *const *argv, struct span input, const int output[2])
{
	posix_spawn_file_actions_t files;
	char path[PATH_SIZE];
	pid_t pid;
	int fd;
	if (!find_program(argv[0], path))
		return -ENOENT;
	fd = open_input(input);
	if (fd < 0)
		return fd;
	if (posix_spawn_file_actions_init(&files) != 0) {
		close(fd);
		return -ENOMEM;
	}
	posix_spawn_file_actions_adddup2(&files, fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, output[0], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, output[1], STDERR_FILENO);
	pid = spawn(path, argv, &files);
	posix_spawn_file_actions_destroy(&files);
	close(fd);
	return pid;
}
