/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "sys/files.h"

enum { STATUS_OCTETS_MAX = 16 << 10 };

static const char deleted[] = " (deleted)"; /* what the kernel adds to the path (proc_pid_exe(5)) */

static bool proc_path(char path[PATH_MAX], const char *root, pid_t pid, const char *name)
{
	return snprintf(path, PATH_MAX, "%s/proc/%d/%s", root, (int)pid, name) < PATH_MAX;
}

static int link_text(const char *root, pid_t pid, const char *name, char *text, size_t size)
{
	char path[PATH_MAX];
	ssize_t len = proc_path(path, root, pid, name) ? readlink(path, text, size - 1) : -1;
	text[len > 0 ? len : 0] = '\0';
	return len >= 0 ? 0 : errno == EPERM ? -EACCES : -errno;
}

/* @return 0; the errno. What is longer is cut. */
static int file_text(const char *root, pid_t pid, const char *name, struct buf *out)
{
	char path[PATH_MAX];
	buf_clear(out);
	return proc_path(path, root, pid, name) ? files_read(path, FILES_CUT, out, NULL, NULL) : -ENAMETOOLONG;
}

static const char *copy(struct arena *arena, struct span text, int *error)
{
	const char *owned = arena_copy(arena, text);
	if (!owned)
		*error = -ENOMEM;
	return owned;
}

/* "Uid:\t1000\t1000\t1000\t1000": the effective one is the second. */
static bool status_number(struct span text, const char *key, unsigned int column, uint64_t *ret)
{
	size_t len = strlen(key);
	for (struct span rest = text; rest.len; rest = span_from(rest, span_find(rest, '\n') + 1)) {
		struct span line = span_of(rest.at, span_find(rest, '\n'));
		if (!span_starts(line, key))
			continue;
		line = span_trim(span_from(line, len));
		while (column--)
			line = span_trim(span_from(line, span_find(line, '\t')));
		return ascii_parse_u64(span_of(line.at, span_find(line, '\t')), UINT32_MAX, ret) == 0;
	}
	return false;
}

/* The 22nd field of stat; the name, the second, may hold blanks and parentheses. */
static bool started(struct span text, uint64_t *ret)
{
	size_t name_end = text.len;
	struct span rest;
	while (name_end && text.at[name_end - 1] != ')')
		name_end--;
	rest = span_from(text, name_end + 1);
	for (int field = 3; field < 22; field++)
		rest = span_from(rest, span_find(rest, ' ') + 1);
	return name_end && ascii_parse_u64(span_of(rest.at, span_find(rest, ' ')), UINT64_MAX, ret) == 0;
}

/* An upgrade puts a new file in its place; that is seen as the process sees it, which may have another root. */
static bool replaced(const char *root, pid_t pid, const char *exe)
{
	char path[2 * PATH_MAX];
	snprintf(path, sizeof(path), "%s/proc/%d/root%s", root, (int)pid, exe);
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void read_exe(const char *root, struct arena *arena, struct process *p, int *error)
{
	char text[PATH_MAX];
	struct span exe;
	link_text(root, p->pid, "exe", text, sizeof(text));
	exe = span_str(text);
	p->deleted = exe.len > strlen(deleted) && strcmp(text + exe.len - strlen(deleted), deleted) == 0;
	if (p->deleted)
		exe.len -= strlen(deleted);
	p->exe = copy(arena, exe, error);
	p->deleted = p->deleted && p->exe && !replaced(root, p->pid, p->exe);
	link_text(root, p->pid, "cwd", text, sizeof(text));
	p->directory = copy(arena, span_str(text), error);
}

/* "0::/system.slice/apache2.service": its last part tells the service or container. */
static struct span unit_of(struct span text)
{
	struct span line = span_of(text.at, span_find(text, '\n'));
	size_t at = line.len;
	while (at && line.at[at - 1] != '/')
		at--;
	return span_from(line, at);
}

int process_read(const char *root, pid_t pid, struct arena *arena, struct process *ret_process)
{
	struct process p = {.pid = pid};
	struct buf text = buf_make(STATUS_OCTETS_MAX);
	uint64_t number = 0;
	int error = 0, rc = file_text(root, pid, "status", &text);
	if (rc == 0 && status_number(buf_span(&text), "Uid:", 1, &number))
		p.uid = (uint32_t)number;
	else if (rc == 0)
		rc = -ENOENT;
	if (rc == 0 && status_number(buf_span(&text), "PPid:", 0, &number))
		p.parent = (pid_t)number;
	if (rc == 0)
		rc = file_text(root, pid, "stat", &text);
	if (rc == 0 && !started(buf_span(&text), &p.started_ticks))
		rc = -ENOENT;
	if (rc == 0) {
		read_exe(root, arena, &p, &error);
		file_text(root, pid, "comm", &text);
		p.name = copy(arena, span_trim(buf_span(&text)), &error);
		file_text(root, pid, "cmdline", &text);
		for (size_t i = 0; i < text.len; i++)
			text.at[i] = text.at[i] ? text.at[i] : ' ';
		if (text.len > PROCESS_COMMAND_OCTETS_MAX)
			text.len = PROCESS_COMMAND_OCTETS_MAX;
		p.command = copy(arena, span_trim(buf_span(&text)), &error);
		file_text(root, pid, "cgroup", &text);
		p.unit = copy(arena, unit_of(buf_span(&text)), &error);
		*ret_process = p;
	}
	buf_release(&text);
	return rc < 0 ? rc : error;
}

static bool pid_of(const char *name, pid_t *ret)
{
	uint64_t number;
	if (ascii_parse_u64(span_str(name), INT_MAX, &number) < 0)
		return false;
	*ret = (pid_t)number;
	return number > 0;
}

ssize_t process_list(const char *root, pid_t *pids, size_t max)
{
	char path[PATH_MAX];
	size_t count = 0;
	DIR *dir;
	if (snprintf(path, sizeof(path), "%s/proc", root) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	dir = opendir(path);
	if (!dir)
		return -errno;
	for (const struct dirent *entry; (entry = readdir(dir));) {
		pid_t pid;
		if (!pid_of(entry->d_name, &pid))
			continue;
		if (count < max)
			pids[count] = pid;
		count++;
	}
	closedir(dir);
	return (ssize_t)count;
}

int process_net(const char *root, pid_t pid, char *text, size_t size)
{
	return link_text(root, pid, "ns/net", text, size);
}

int process_sockets(const char *root, pid_t pid, void (*on_socket)(void *arg, pid_t pid, uint64_t inode), void *arg)
{
	static const char begin[] = "socket:[";
	char path[PATH_MAX], target[64];
	DIR *dir = proc_path(path, root, pid, "fd") ? opendir(path) : NULL;
	if (!dir)
		return -errno;
	for (const struct dirent *entry; (entry = readdir(dir));) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		struct span text = span_of(target, len > 0 ? (size_t)len : 0);
		uint64_t inode;
		if (!span_starts(text, begin))
			continue;
		text = span_from(text, strlen(begin));
		if (ascii_parse_u64(span_of(text.at, span_find(text, ']')), UINT64_MAX, &inode) == 0)
			on_socket(arg, pid, inode);
	}
	closedir(dir);
	return 0;
}
