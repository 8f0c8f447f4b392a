/* SPDX-License-Identifier: BSD-2-Clause */
#include "mta/spool_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mta/spool_files.h"

enum { DEPTH_MAX = 18 /* hash_queue_depth of Postfix is 16 at most */ };

struct spool_walk {
	const struct spool_layout *layout;
	int top; /* the queue's folder */
	size_t folder;
	struct {
		DIR *dir;
		size_t path_len;
	} at[DEPTH_MAX];
	size_t depth;
	char path[SPOOL_NAME_OCTETS]; /* of what is open, below `top` */
	struct spool_missed missed;
	struct spool_piece piece;
	struct spool_message message;
};

static const struct spool_layout *layout_of(enum mta_kind mta)
{
	static const struct spool_layout *const layouts[] = {&spool_layout_postfix, &spool_layout_exim};
	for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts); i++)
		if (layouts[i]->mta == mta)
			return layouts[i];
	return NULL;
}

int spool_walk_new(enum mta_kind mta, const char *path, struct spool_walk **ret_walk)
{
	const struct spool_layout *layout = layout_of(mta);
	struct spool_walk *w = layout ? calloc(1, sizeof(*w)) : NULL;
	int rc;
	if (!w)
		return layout ? -ENOMEM : -ENOTSUP;
	w->layout = layout;
	w->top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = w->top < 0 ? -errno : 0;
	if (rc == 0)
		rc = spool_piece_init(&w->piece);
	if (rc < 0) {
		spool_walk_free(w);
		return rc;
	}
	*ret_walk = w;
	return 0;
}

struct spool_walk *spool_walk_free(struct spool_walk *w)
{
	if (!w)
		return NULL;
	while (w->depth)
		closedir(w->at[--w->depth].dir);
	if (w->top >= 0)
		close(w->top);
	spool_piece_release(&w->piece);
	free(w);
	return NULL;
}

/* @return false: the name is too long to be one of a queue. */
static bool put_name(struct spool_walk *w, size_t at, const char *name)
{
	int len = snprintf(w->path + at, sizeof(w->path) - at, "%s%s", at ? "/" : "", name);
	return len > 0 && (size_t)len < sizeof(w->path) - at;
}

static void miss(struct spool_walk *w, const char *why)
{
	if (w->missed.files++ == 0) {
		memcpy(w->missed.first, w->path, sizeof(w->missed.first));
		w->missed.why = why;
	}
}

static void enter(struct spool_walk *w, int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 || w->depth == DEPTH_MAX ? NULL : fdopendir(fd);
	if (!dir) {
		w->missed.folders += fd >= 0 || errno != ENOENT;
		if (fd >= 0)
			close(fd);
		return;
	}
	w->at[w->depth].dir = dir;
	w->at[w->depth++].path_len = strlen(w->path);
}

/* Files are opened so that nothing else than a file can hold it up. */
static enum spool_step read_file(struct spool_walk *w, int folder, const char *name)
{
	struct spool_source source = {.top = w->top, .path = w->path, .name = name};
	struct stat st;
	const char *why;
	if (!w->layout->is_message(name))
		return SPOOL_STEP_OTHER;
	source.fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (source.fd < 0) {
		if (errno != ENOENT)
			miss(w, "not to be read");
		return SPOOL_STEP_OTHER;
	}
	if (fstat(source.fd, &st) < 0 || !S_ISREG(st.st_mode) || !w->layout->is_whole(&st)) {
		close(source.fd);
		return SPOOL_STEP_OTHER;
	}
	spool_message_clear(&w->message);
	w->message.state = w->layout->folders[w->folder - 1].state;
	source.size_octets = (uint64_t)st.st_size;
	source.uid = st.st_uid;
	why = w->layout->read(&source, &w->piece, &w->message);
	close(source.fd);
	if (why)
		miss(w, why);
	return why ? SPOOL_STEP_OTHER : SPOOL_STEP_MESSAGE;
}

static bool is_folder(int parent, const struct dirent *entry)
{
	struct stat st;
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(parent, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

enum spool_step spool_walk_next(struct spool_walk *w)
{
	const struct dirent *entry;
	int parent;
	if (w->depth == 0) {
		if (!w->layout->folders[w->folder].name)
			return SPOOL_STEP_END;
		if (put_name(w, 0, w->layout->folders[w->folder++].name))
			enter(w, w->top, w->path);
		return SPOOL_STEP_OTHER;
	}
	entry = readdir(w->at[w->depth - 1].dir);
	if (!entry) {
		closedir(w->at[--w->depth].dir);
		return SPOOL_STEP_OTHER;
	}
	if (entry->d_name[0] == '.' || !put_name(w, w->at[w->depth - 1].path_len, entry->d_name))
		return SPOOL_STEP_OTHER;
	parent = dirfd(w->at[w->depth - 1].dir);
	if (!is_folder(parent, entry))
		return read_file(w, parent, entry->d_name);
	if (entry->d_name[1] == '\0') /* hashed: a folder a letter */
		enter(w, parent, entry->d_name);
	return SPOOL_STEP_OTHER;
}

const struct spool_message *spool_walk_message(const struct spool_walk *w)
{
	return &w->message;
}

const char *spool_walk_file(const struct spool_walk *w)
{
	return w->path;
}

const struct spool_missed *spool_walk_missed(const struct spool_walk *w)
{
	return &w->missed;
}
