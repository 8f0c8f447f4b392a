/* SPDX-License-Identifier: BSD-2-Clause */
/* What a packed file is told by, and gzip through zlib: members one after another, as gzip(1) reads them. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "logread/source_unpack.h"

enum { WINDOW_GZIP = 15 + 16 }; /* the largest window, with gzip's head and sum (zlib.h, inflateInit2) */

struct gzip {
	z_stream z;
	bool within; /* a member has begun and not ended */
	bool ended;  /* what follows the last member is no gzip */
};

/* A byte order mark, or without one ASCII with a NUL beside each octet. */
static const struct unpack_kind *utf16_kind_of(struct span first)
{
	bool little = true, big = true;
	if (first.len < UNPACK_MAGIC_MAX)
		return NULL;
	if (memcmp(first.at, unpack_utf16_little.magic, 2) == 0)
		return &unpack_utf16_little;
	if (memcmp(first.at, unpack_utf16_big.magic, 2) == 0)
		return &unpack_utf16_big;
	for (size_t i = 0; i < UNPACK_MAGIC_MAX; i++) {
		little = little && (first.at[i] == 0) == (i % 2 == 1);
		big = big && (first.at[i] == 0) == (i % 2 == 0);
	}
	if (little)
		return &unpack_utf16_little;
	return big ? &unpack_utf16_big : NULL;
}

const struct unpack_kind *unpack_kind_of(struct span first)
{
	const struct unpack_kind *k = unpack_archives;
	if (first.len >= unpack_gzip.magic_len && memcmp(first.at, unpack_gzip.magic, unpack_gzip.magic_len) == 0)
		return &unpack_gzip;
	for (; k->name; k++)
		if (first.len >= k->magic_len && memcmp(first.at, k->magic, k->magic_len) == 0)
			return k;
	return utf16_kind_of(first);
}

int unpack_open(const struct unpack_kind *kind, int fd, struct span first, struct unpack **ret_unpack)
{
	struct unpack *u = calloc(1, sizeof(*u));
	int r = -ENOMEM;
	if (!u)
		return r;
	u->kind = kind;
	u->fd = fd;
	u->input = malloc(UNPACK_INPUT_OCTETS);
	if (u->input) {
		u->input_len = first.len < UNPACK_INPUT_OCTETS ? first.len : UNPACK_INPUT_OCTETS;
		memcpy(u->input, first.at, u->input_len);
		u->stored = u->input_len;
		u->input_new = true;
		r = kind->open(u);
	}
	if (r < 0) {
		free(u->input);
		free(u);
		return r;
	}
	*ret_unpack = u;
	return 0;
}

void unpack_free(struct unpack *u)
{
	if (!u)
		return;
	u->kind->close(u);
	free(u->input);
	free(u);
}

ssize_t unpack_fill(struct unpack *u)
{
	ssize_t n;
	if (u->input_new) {
		u->input_new = false;
		return (ssize_t)u->input_len;
	}
	do
		n = read(u->fd, u->input, UNPACK_INPUT_OCTETS);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	u->input_len = (size_t)n;
	u->stored += (uint64_t)n;
	return n;
}

static int gzip_open(struct unpack *u)
{
	struct gzip *g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	if (inflateInit2(&g->z, WINDOW_GZIP) != Z_OK) {
		free(g);
		return -ENOMEM;
	}
	u->state = g;
	return 0;
}

static void gzip_close(struct unpack *u)
{
	struct gzip *g = u->state;
	inflateEnd(&g->z);
	free(g);
}

/* Between members: NULs that pad the file are passed over (gzip(1) does so); anything but a member is the end. */
static void member_begin(struct gzip *g)
{
	while (g->z.avail_in && *g->z.next_in == 0) {
		g->z.next_in++;
		g->z.avail_in--;
	}
	if (!g->z.avail_in)
		return;
	if (*g->z.next_in != 0x1f) {
		g->ended = true;
		return;
	}
	inflateReset(&g->z);
	g->within = true;
}

/* @return 1: there is input; 0: none is left; -errno */
static int gzip_input(struct unpack *u, struct gzip *g)
{
	ssize_t n;
	if (g->z.avail_in)
		return 1;
	n = unpack_fill(u);
	if (n < 0) {
		u->fault = strerrordesc_np((int)-n);
		return (int)n;
	}
	g->z.next_in = u->input;
	g->z.avail_in = (uInt)n;
	if (n == 0 && g->within)
		u->cut = true;
	return n > 0;
}

static int gzip_step(struct unpack *u, struct gzip *g)
{
	int r = inflate(&g->z, Z_NO_FLUSH);
	if (r == Z_STREAM_END)
		g->within = false;
	else if (r == Z_MEM_ERROR)
		return -ENOMEM;
	else if (r != Z_OK && r != Z_BUF_ERROR) {
		u->fault = "its gzip data are damaged";
		return -EBADMSG;
	}
	return 0;
}

static ssize_t gzip_read(struct unpack *u, uint8_t *out, size_t size)
{
	struct gzip *g = u->state;
	int r = 0;
	g->z.next_out = out;
	g->z.avail_out = (uInt)size;
	while (g->z.avail_out && !g->ended && !u->fault) {
		r = gzip_input(u, g);
		if (r <= 0)
			break;
		if (!g->within)
			member_begin(g);
		if (g->within)
			r = gzip_step(u, g);
		if (r < 0)
			break;
	}
	/* what was unpacked before a fault is given first; the next call tells of it */
	if (g->z.avail_out < size)
		return (ssize_t)(size - g->z.avail_out);
	return u->fault ? -EBADMSG : r < 0 ? r : 0;
}

const struct unpack_kind unpack_gzip = {"gzip", {0x1f, 0x8b}, 2, gzip_read, gzip_open, gzip_close};
