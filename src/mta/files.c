/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings files and maps, below the root that is looked at. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mta/finder.h"

static bool full_path(const struct finder *f, const char *path, char out[PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s%s", f->root, path);
	return n > 0 && n < PATH_MAX;
}

bool finder_exists(const struct finder *f, const char *path)
{
	char full[PATH_MAX];
	return full_path(f, path, full) && access(full, F_OK) == 0;
}

/** The whole file, at most FINDER_FILE_MAX octets. A device or pipe is not read: it might never end. */
static int read_all(const char *path, uint8_t *data, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), r = 0;
	struct stat st;
	size_t len = 0;
	ssize_t n = 1;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		r = -EINVAL;
	while (r == 0 && n > 0 && len < FINDER_FILE_MAX) {
		n = read(fd, data + len, FINDER_FILE_MAX - len);
		if (n > 0)
			len += (size_t)n;
		else if (n < 0)
			r = -errno;
	}
	close(fd);
	*ret_len = len;
	return r;
}

int finder_file(struct finder *f, const char *path, struct span *ret_text)
{
	char full[PATH_MAX];
	uint8_t *data;
	const char *copy;
	size_t len = 0;
	int r;
	if (!full_path(f, path, full))
		return -ENAMETOOLONG;
	data = malloc(FINDER_FILE_MAX);
	if (!data)
		return f->error = -ENOMEM;
	r = read_all(full, data, &len);
	if (r == 0) {
		if (len == FINDER_FILE_MAX)
			finder_note(f, "%s: only its first %d octets were read", path, FINDER_FILE_MAX);
		copy = finder_copy(f, span_of(data, len));
		*ret_text = span_of(copy, f->error ? 0 : len);
	}
	free(data);
	if (r < 0 && r != -ENOENT)
		finder_note(f, "%s: cannot be read: %s", path, strerrordesc_np(-r));
	return r;
}

void finder_domain_file(struct finder *f, const char *path, const char *what)
{
	struct span text, line, word;
	int r = finder_file(f, path, &text);
	if (r == -ENOENT)
		finder_note(f, "%s: %s is not there", what, path);
	if (r < 0)
		return;
	while (line_next(&text, &line))
		if (line.len && line.at[0] != '#' && word_next(&line, " \t\r:", &word))
			finder_domain(f, word);
}
