/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines that tell faults, and the files they are in. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/schema.h"

enum { FAULT_LINE_SIZE = 512 };

void schema_fault(struct schema_faults *faults, const char *file, struct schema_place at, const char *key,
		  const char *format, ...)
{
	char what[FAULT_LINE_SIZE], line[FAULT_LINE_SIZE * 2], place[32] = "";
	va_list args;
	faults->count++;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (at.line)
		snprintf(place, sizeof(place), ":%d:%d", at.line, at.column);
	snprintf(line, sizeof(line), "%s%s: %s%s%s", file, place, key ? key : "", key ? ": " : "", what);
	if (faults->count == 1)
		error_set(faults->err, -EBADMSG, "%s", line);
	if (!faults->on_fault || faults->count > SCHEMA_FAULTS_MAX + 1)
		return;
	if (faults->count > SCHEMA_FAULTS_MAX)
		snprintf(line, sizeof(line), "%s: more faults, not shown", file);
	faults->on_fault(faults->arg, line);
}

static int read_all(int fd, char *text, size_t size, size_t *ret_len)
{
	size_t len = 0;
	while (len < size) {
		ssize_t n = read(fd, text + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret_len = len;
	return 0;
}

static int read_open(int fd, struct arena *arena, struct span *ret_text, unsigned int *ret_mode)
{
	struct stat st;
	size_t size, len = 0;
	char *text;
	int rc;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (st.st_size > SCHEMA_FILE_OCTETS_MAX)
		return -EFBIG;
	/* a pipe tells no size: take what it gives, one octet above the limit shows that it is too much */
	size = S_ISREG(st.st_mode) ? (size_t)st.st_size : SCHEMA_FILE_OCTETS_MAX + 1;
	text = arena_alloc(arena, size + 1, 1);
	if (!text)
		return -ENOMEM;
	rc = read_all(fd, text, size, &len);
	if (rc < 0)
		return rc;
	if (len > SCHEMA_FILE_OCTETS_MAX)
		return -EFBIG;
	*ret_text = span_of(text, len);
	if (ret_mode)
		*ret_mode = st.st_mode & 07777;
	return 0;
}

int schema_file(const char *path, struct arena *arena, struct span *ret_text, unsigned int *ret_mode)
{
	int rc, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	rc = read_open(fd, arena, ret_text, ret_mode);
	close(fd);
	return rc;
}
