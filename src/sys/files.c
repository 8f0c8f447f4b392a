/* SPDX-License-Identifier: BSD-2-Clause */
#include "sys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_OCTETS = 16384, KIB = 1024, MIB = 1024 * 1024 };

static int failed(struct error *why, int code)
{
	return error_set(why, code, "%s", strerrordesc_np(-code));
}

static int too_long(struct error *why, size_t max)
{
	if (max >= MIB && max % MIB == 0)
		return error_set(why, -EFBIG, "longer than %zu MiB", max / MIB);
	if (max >= KIB && max % KIB == 0)
		return error_set(why, -EFBIG, "longer than %zu KiB", max / KIB);
	return error_set(why, -EFBIG, "longer than %zu octets", max);
}

static int look_at(int fd, unsigned int how, unsigned int *ret_mode, struct error *why)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return failed(why, -errno);
	if (S_ISDIR(st.st_mode))
		return failed(why, -EISDIR);
	if ((how & FILES_REGULAR) && !S_ISREG(st.st_mode))
		return error_set(why, -EINVAL, "it is not a regular file");
	*ret_mode = st.st_mode & 07777;
	return 0;
}

/* Up to the end, or to one octet more than there is room for. @return 1: there is more; 0: the end; -errno */
static int read_all(int fd, struct buf *out)
{
	char piece[PIECE_OCTETS];
	ssize_t n;
	while ((n = read(fd, piece, sizeof(piece))) > 0) {
		size_t room = out->max - out->len;
		bool more = (size_t)n > room;
		buf_add(out, span_of(piece, more ? room : (size_t)n));
		if (out->error || more)
			return out->error ? out->error : 1;
	}
	return n < 0 ? -errno : 0;
}

int files_read_open(int fd, unsigned int how, struct buf *out, struct file_facts *ret_facts, struct error *why)
{
	struct file_facts facts = {0};
	int r = look_at(fd, how, &facts.mode, why);
	if (r < 0)
		return r;
	r = read_all(fd, out);
	if (r < 0)
		return failed(why, r);
	if (r == 1 && !(how & FILES_CUT))
		return too_long(why, out->max);
	facts.cut = r == 1;
	if (ret_facts)
		*ret_facts = facts;
	return 0;
}

int files_read(const char *path, unsigned int how, struct buf *out, struct file_facts *ret_facts, struct error *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (how & FILES_REGULAR ? O_NONBLOCK : 0)), r;
	if (fd < 0)
		return failed(why, -errno);
	r = files_read_open(fd, how, out, ret_facts, why);
	close(fd);
	return r;
}
