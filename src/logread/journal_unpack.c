/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libzstd, liblz4 and liblzma. Of each one or two functions are called whose form has been the same since their first stable
 * release, so that their headers are not needed.
 */
#include <errno.h>
#include <stdlib.h>

#include "logread/journal_format.h"
#include "logread/journal_unpack.h"
#include "sys/loaded.h"

enum {
	LZ4_SIZE = 8, /* systemd puts the length before LZ4's block */
	LZMA_OK = 0,
	LZMA_BUF_ERROR = 10,
	ROOM_LEAST = 64 << 10,
};

static const uint64_t xz_memory_max = 64 << 20; /* what the unpacking of presets up to 6 takes is 9 MiB */

struct zstd_in {
	const void *at;
	size_t size, used;
};

struct zstd_out {
	void *at;
	size_t size, used;
};

struct zstd_api {
	void *(*new)(void);
	size_t (*free)(void *);
	size_t (*reset)(void *, int);
	size_t (*step)(void *, struct zstd_out *, struct zstd_in *);
	unsigned (*is_error)(size_t);
};

struct lz4_api {
	int (*block)(const char *, char *, int, int, int);
};

struct xz_api {
	int (*buffer)(uint64_t *, uint32_t, const void *, const uint8_t *, size_t *, size_t, uint8_t *, size_t *,
		      size_t);
};

static const struct loaded_symbol zstd_symbols[] = {
	{"ZSTD_createDCtx", offsetof(struct zstd_api, new)},
	{"ZSTD_freeDCtx", offsetof(struct zstd_api, free)},
	{"ZSTD_DCtx_reset", offsetof(struct zstd_api, reset)},
	{"ZSTD_decompressStream", offsetof(struct zstd_api, step)},
	{"ZSTD_isError", offsetof(struct zstd_api, is_error)},
	{NULL},
};

static const struct loaded_symbol lz4_symbols[] = {
	{"LZ4_decompress_safe_partial", offsetof(struct lz4_api, block)},
	{NULL},
};

static const struct loaded_symbol xz_symbols[] = {
	{"lzma_stream_buffer_decode", offsetof(struct xz_api, buffer)},
	{NULL},
};

static const struct loaded_library zstd_library = {"libzstd", "libzstd.so.1", zstd_symbols};
static const struct loaded_library lz4_library = {"liblz4", "liblz4.so.1", lz4_symbols};
static const struct loaded_library xz_library = {"liblzma", "liblzma.so.5", xz_symbols};

struct journal_unpack {
	void *zstd_handle, *lz4_handle, *xz_handle;
	struct zstd_api zstd;
	struct lz4_api lz4;
	struct xz_api xz;
	void *zstd_state;
	const char *missing;
	uint8_t *out;
	size_t room;
};

struct journal_unpack *journal_unpack_new(void)
{
	return calloc(1, sizeof(struct journal_unpack));
}

void journal_unpack_free(struct journal_unpack *u)
{
	if (!u)
		return;
	if (u->zstd_state)
		u->zstd.free(u->zstd_state);
	loaded_close(u->zstd_handle);
	loaded_close(u->lz4_handle);
	loaded_close(u->xz_handle);
	free(u->out);
	free(u);
}

const char *journal_unpack_missing(const struct journal_unpack *u)
{
	return u->missing;
}

static int load(struct journal_unpack *u, const struct loaded_library *library, void *api, void **handle)
{
	if (*handle)
		return 0;
	if (loaded_open(library, api, handle, NULL) == 0)
		return 0;
	u->missing = library->name;
	return -ELIBACC;
}

static int make_room(struct journal_unpack *u, size_t len)
{
	if (u->room >= len)
		return 0;
	free(u->out);
	u->room = 0;
	u->out = malloc(len);
	if (!u->out)
		return -ENOMEM;
	u->room = len;
	return 0;
}

static int unpack_zstd(struct journal_unpack *u, struct span packed, size_t most, size_t *ret_len)
{
	enum { RESET_SESSION = 1 };
	struct zstd_in in = {packed.at, packed.len, 0};
	struct zstd_out out = {u->out, most, 0};
	size_t left = 1, before;
	int r = load(u, &zstd_library, &u->zstd, &u->zstd_handle);
	if (r < 0)
		return r;
	if (!u->zstd_state && !(u->zstd_state = u->zstd.new()))
		return -ENOMEM;
	u->zstd.reset(u->zstd_state, RESET_SESSION);
	do {
		before = in.used + out.used;
		left = u->zstd.step(u->zstd_state, &out, &in);
		if (u->zstd.is_error(left))
			return -EBADMSG;
	} while (left && out.used < most && in.used + out.used > before);
	*ret_len = out.used;
	return left && out.used < most ? -EBADMSG : 0;
}

static int unpack_lz4(struct journal_unpack *u, struct span packed, size_t most, size_t *ret_len)
{
	uint64_t len;
	int n, r = load(u, &lz4_library, &u->lz4, &u->lz4_handle);
	if (r < 0)
		return r;
	if (packed.len <= LZ4_SIZE || packed.len > JOURNAL_UNPACKED_MAX)
		return -EBADMSG;
	len = journal_u64(packed.at);
	if (len < most)
		most = (size_t)len;
	n = u->lz4.block((const char *)packed.at + LZ4_SIZE, (char *)u->out, (int)(packed.len - LZ4_SIZE), (int)most,
			 (int)u->room);
	if (n < 0 || (size_t)n < most)
		return -EBADMSG;
	*ret_len = most;
	return 0;
}

/* In one call it gives all or nothing. */
static int unpack_xz(struct journal_unpack *u, struct span packed, size_t most, size_t *ret_len)
{
	uint64_t memory = xz_memory_max;
	size_t used, len;
	int got, r = load(u, &xz_library, &u->xz, &u->xz_handle);
	if (r < 0)
		return r;
	for (;;) {
		used = len = 0;
		got = u->xz.buffer(&memory, 0, NULL, packed.at, &used, packed.len, u->out, &len, u->room);
		if (got != LZMA_BUF_ERROR)
			break;
		if (u->room >= JOURNAL_UNPACKED_MAX)
			return -E2BIG;
		r = make_room(u, u->room * 4);
		if (r < 0)
			return r;
	}
	if (got != LZMA_OK)
		return -EBADMSG;
	*ret_len = len < most ? len : most;
	return 0;
}

int journal_unpack(struct journal_unpack *u, unsigned flag, struct span packed, size_t most, struct span *ret_text)
{
	size_t len = 0;
	int r;
	if (most > JOURNAL_UNPACKED_MAX)
		most = JOURNAL_UNPACKED_MAX;
	r = make_room(u, most < ROOM_LEAST ? ROOM_LEAST : most);
	if (r < 0)
		return r;
	if (flag == PACKED_ZSTD)
		r = unpack_zstd(u, packed, most, &len);
	else if (flag == PACKED_LZ4)
		r = unpack_lz4(u, packed, most, &len);
	else if (flag == PACKED_XZ)
		r = unpack_xz(u, packed, most, &len);
	else
		r = -EBADMSG;
	if (r == 0)
		*ret_text = span_of(u->out, len);
	return r;
}
