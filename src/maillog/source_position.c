/* SPDX-License-Identifier: BSD-2-Clause */
/* Where reading stands, as text that is kept between runs. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "maillog/source_internal.h"

/* FNV-1a: the text is kept between runs, so its figure must not change with the program. */
struct input_head head_of(struct span text)
{
	struct input_head h = {.hash = 0xcbf29ce484222325U, .len = text.len < HEAD_OCTETS ? text.len : HEAD_OCTETS};
	for (size_t i = 0; i < h.len; i++)
		h.hash = (h.hash ^ text.at[i]) * 0x100000001b3U;
	return h;
}

int head_read(const char *path, size_t len, struct input_head *ret_head)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), r;
	struct blocks *b;
	struct span first = {NULL, 0};
	if (fd < 0)
		return -errno;
	r = blocks_open(fd, false, UINT64_MAX, &b);
	if (r < 0)
		return r;
	blocks_next(b, &first);
	*ret_head = head_of(span_of(first.at, first.len < len ? first.len : len));
	blocks_free(b);
	return 0;
}
