/* SPDX-License-Identifier: BSD-2-Clause */
/* Other packings through libarchive. It is loaded at the first such file: with libxml2 behind it, it would cost every
 * start of the program. */
#include <archive.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "logread/source_unpack.h"
#include "sys/loaded.h"

struct archive_entry;

struct archive_api {
	struct archive *(*read_new)(void);
	int (*read_free)(struct archive *);
	int (*format_raw)(struct archive *);
	int (*filter_xz)(struct archive *);
	int (*filter_zstd)(struct archive *);
	int (*filter_bzip2)(struct archive *);
	int (*filter_lz4)(struct archive *);
	int (*read_open)(struct archive *, void *, archive_open_callback *, archive_read_callback *,
			 archive_close_callback *);
	int (*next_header)(struct archive *, struct archive_entry **);
	la_ssize_t (*read_data)(struct archive *, void *, size_t);
	const char *(*error_string)(struct archive *);
};

struct archive_state {
	void *library;
	struct archive_api api;
	struct archive *archive;
	bool begun;
};

static const struct loaded_symbol symbols[] = {
	{"archive_read_new", offsetof(struct archive_api, read_new)},
	{"archive_read_free", offsetof(struct archive_api, read_free)},
	{"archive_read_support_format_raw", offsetof(struct archive_api, format_raw)},
	{"archive_read_support_filter_xz", offsetof(struct archive_api, filter_xz)},
	{"archive_read_support_filter_zstd", offsetof(struct archive_api, filter_zstd)},
	{"archive_read_support_filter_bzip2", offsetof(struct archive_api, filter_bzip2)},
	{"archive_read_support_filter_lz4", offsetof(struct archive_api, filter_lz4)},
	{"archive_read_open", offsetof(struct archive_api, read_open)},
	{"archive_read_next_header", offsetof(struct archive_api, next_header)},
	{"archive_read_data", offsetof(struct archive_api, read_data)},
	{"archive_error_string", offsetof(struct archive_api, error_string)},
	{NULL},
};

static const struct loaded_library library = {"libarchive", "libarchive.so.13", symbols};

static int archive_begin(struct unpack *u)
{
	struct archive_state *s = calloc(1, sizeof(*s));
	int r = 0;
	if (!s)
		return -ENOMEM;
	if (loaded_open(&library, &s->api, &s->library, NULL) < 0)
		r = -ELIBACC;
	else if (!(s->archive = s->api.read_new()))
		r = -ENOMEM;
	if (r < 0) {
		loaded_close(s->library);
		free(s);
		return r;
	}
	s->api.format_raw(s->archive);
	s->api.filter_xz(s->archive);
	s->api.filter_zstd(s->archive);
	s->api.filter_bzip2(s->archive);
	s->api.filter_lz4(s->archive);
	u->state = s;
	return 0;
}

static void archive_end(struct unpack *u)
{
	struct archive_state *s = u->state;
	s->api.read_free(s->archive);
	loaded_close(s->library);
	free(s);
}

static la_ssize_t give(struct archive *a, void *arg, const void **ret_data)
{
	struct unpack *u = arg;
	ssize_t n = unpack_fill(u);
	if (n < 0)
		u->fault = strerrordesc_np((int)-n);
	*ret_data = u->input;
	return n < 0 ? ARCHIVE_FATAL : n;
}

/* The library says "truncated" where the file ended too early, and something else where it is damaged. */
static ssize_t archive_failed(struct unpack *u, struct archive_state *s)
{
	const char *why = s->api.error_string(s->archive);
	if (why && strcasestr(why, "truncat")) {
		u->cut = true;
		return 0;
	}
	if (!u->fault)
		u->fault = "its packed data are damaged";
	return -EBADMSG;
}

static ssize_t archive_unpack(struct unpack *u, uint8_t *out, size_t size)
{
	struct archive_state *s = u->state;
	struct archive_entry *entry;
	la_ssize_t n;
	if (u->cut || u->fault)
		return u->fault ? -EBADMSG : 0;
	if (!s->begun) {
		s->begun = true;
		if (s->api.read_open(s->archive, u, NULL, give, NULL) < ARCHIVE_WARN)
			return archive_failed(u, s);
		n = s->api.next_header(s->archive, &entry);
		if (n == ARCHIVE_EOF)
			return 0;
		if (n < ARCHIVE_WARN)
			return archive_failed(u, s);
	}
	n = s->api.read_data(s->archive, out, size);
	return n < 0 ? archive_failed(u, s) : n;
}

const struct unpack_kind unpack_archives[] = {
	{"xz", {0xfd, '7', 'z', 'X', 'Z', 0}, 6, archive_unpack, archive_begin, archive_end},
	{"zstd", {0x28, 0xb5, 0x2f, 0xfd}, 4, archive_unpack, archive_begin, archive_end},
	{"bzip2", {'B', 'Z', 'h'}, 3, archive_unpack, archive_begin, archive_end},
	{"lz4", {0x04, 0x22, 0x4d, 0x18}, 4, archive_unpack, archive_begin, archive_end},
	{NULL},
};
