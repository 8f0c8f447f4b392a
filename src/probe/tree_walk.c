/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/tree_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct tree_walk {
	struct {
		DIR *dir;
		size_t path_len;
	} at[TREE_WALK_DEPTH_MAX];
	size_t depth, missed;
	int file;  /* it is one file and no folder: O_PATH; else -1 */
	bool told; /* that file */
	char path[TREE_WALK_PATH_SIZE];
	struct stat st;
};

static int open_top(const char *path, bool trusted)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = trusted ? 0 : RESOLVE_NO_SYMLINKS};
	long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

static void enter(struct tree_walk *w, int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 || w->depth == TREE_WALK_DEPTH_MAX ? NULL : fdopendir(fd);
	if (!dir) {
		w->missed += fd >= 0 || errno != ENOENT;
		if (fd >= 0)
			close(fd);
		return;
	}
	w->at[w->depth].dir = dir;
	w->at[w->depth++].path_len = strlen(w->path);
}

int tree_walk_new(const char *path, bool trusted, struct tree_walk **ret_walk)
{
	struct tree_walk *w = calloc(1, sizeof(*w));
	int top, rc = 0;
	if (!w)
		return -ENOMEM;
	w->file = -1;
	top = open_top(path, trusted);
	if (top < 0 && top != -ENOENT && top != -ENOTDIR)
		rc = top;
	else if (snprintf(w->path, sizeof(w->path), "%s", path) >= (int)sizeof(w->path))
		rc = -ENAMETOOLONG;
	else if (top >= 0 && fstat(top, &w->st) < 0)
		rc = -errno;
	else if (top >= 0 && S_ISDIR(w->st.st_mode))
		enter(w, top, ".");
	else if (top >= 0 && S_ISREG(w->st.st_mode))
		w->file = top;
	if (top >= 0 && w->file < 0)
		close(top);
	if (rc < 0)
		tree_walk_free(w);
	else
		*ret_walk = w;
	return rc;
}

struct tree_walk *tree_walk_free(struct tree_walk *w)
{
	if (!w)
		return NULL;
	while (w->depth)
		closedir(w->at[--w->depth].dir);
	if (w->file >= 0)
		close(w->file);
	free(w);
	return NULL;
}

static enum tree_walk_step tell_file(struct tree_walk *w)
{
	bool told = w->told || w->file < 0;
	w->told = true;
	return told ? TREE_WALK_END : TREE_WALK_FILE;
}

static bool put_name(struct tree_walk *w, const char *name)
{
	size_t at = w->at[w->depth - 1].path_len;
	int len = snprintf(w->path + at, sizeof(w->path) - at, "/%s", name);
	return len > 0 && (size_t)len < sizeof(w->path) - at;
}

enum tree_walk_step tree_walk_next(struct tree_walk *w)
{
	const struct dirent *entry;
	int parent;
	if (w->depth == 0)
		return tell_file(w);
	entry = readdir(w->at[w->depth - 1].dir);
	if (!entry) {
		closedir(w->at[--w->depth].dir);
		return w->depth ? TREE_WALK_OTHER : TREE_WALK_END;
	}
	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return TREE_WALK_OTHER;
	parent = dirfd(w->at[w->depth - 1].dir);
	if (!put_name(w, entry->d_name)) {
		w->missed++;
		return TREE_WALK_OTHER;
	}
	if (fstatat(parent, entry->d_name, &w->st, AT_SYMLINK_NOFOLLOW) < 0)
		return TREE_WALK_OTHER; /* gone meanwhile */
	if (S_ISDIR(w->st.st_mode))
		enter(w, parent, entry->d_name);
	return S_ISREG(w->st.st_mode) ? TREE_WALK_FILE : TREE_WALK_OTHER;
}

const char *tree_walk_path(const struct tree_walk *w)
{
	return w->path;
}

const struct stat *tree_walk_stat(const struct tree_walk *w)
{
	return &w->st;
}

int tree_walk_open(const struct tree_walk *w)
{
	const char *name = strrchr(w->path, '/') + 1;
	char self[64];
	struct stat st;
	int fd;
	if (w->depth) {
		fd = openat(dirfd(w->at[w->depth - 1].dir), name,
			    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	} else {
		snprintf(self, sizeof(self), "/proc/self/fd/%d", w->file);
		fd = open(self, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	}
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_ino != w->st.st_ino || st.st_dev != w->st.st_dev) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}

size_t tree_walk_missed(const struct tree_walk *w)
{
	return w->missed;
}
