/* SPDX-License-Identifier: BSD-2-Clause */
#include "mta/spool_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	PIECE_OCTETS = 32768,       /* most messages are shorter */
	PIECE_OCTETS_MAX = 2 << 20, /* more than any record may have */
};

int spool_piece_init(struct spool_piece *p)
{
	*p = (struct spool_piece){.octets = malloc(PIECE_OCTETS), .size = PIECE_OCTETS};
	return p->octets ? 0 : -ENOMEM;
}

void spool_piece_release(struct spool_piece *p)
{
	free(p->octets);
	*p = (struct spool_piece){0};
}

static int grow(struct spool_piece *p, size_t wanted)
{
	uint8_t *more;
	if (wanted > PIECE_OCTETS_MAX)
		return -E2BIG;
	more = realloc(p->octets, PIECE_OCTETS_MAX);
	if (!more)
		return -ENOMEM;
	p->octets = more;
	p->size = PIECE_OCTETS_MAX;
	return 0;
}

int spool_piece_read(struct spool_piece *p, int fd, uint64_t at, size_t wanted)
{
	int rc = wanted > p->size ? grow(p, wanted) : 0;
	p->at = at;
	p->len = 0;
	p->to_end = false;
	while (rc == 0 && p->len < p->size && !p->to_end) {
		ssize_t n = pread(fd, p->octets + p->len, p->size - p->len, (off_t)(at + p->len));
		if (n < 0 && errno != EINTR)
			rc = -errno;
		p->to_end = n == 0;
		p->len += n > 0 ? (size_t)n : 0;
	}
	return rc;
}

struct span spool_piece_beside(struct spool_piece *p, int top, const char *path)
{
	int fd = openat(top, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int rc = fd < 0 ? -errno : spool_piece_read(p, fd, 0, 1);
	if (fd >= 0)
		close(fd);
	return span_of(p->octets, rc < 0 ? 0 : p->len);
}
