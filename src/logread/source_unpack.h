/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGREAD_SOURCE_UNPACK_H
#define OFFLIST_LOGREAD_SOURCE_UNPACK_H

#include <stdatomic.h>
#include <sys/types.h>

#include "base/span.h"

/* Unpacking of .gz (zlib), .xz, .zst, .bz2 and .lz4 (libarchive, loaded when the first such file is met); UTF-16 too. */

struct unpack;

struct unpack_kind {
	const char *name;
	uint8_t magic[6];
	size_t magic_len;
	/** Unpack into `out`. @return octets; 0: the end; -errno, -EBADMSG: `fault` tells. */
	ssize_t (*read)(struct unpack *u, uint8_t *out, size_t size);
	int (*open)(struct unpack *u);
	void (*close)(struct unpack *u);
};

extern const struct unpack_kind unpack_gzip, unpack_utf16_little, unpack_utf16_big;
extern const struct unpack_kind unpack_archives[]; /* ended by a row without name */

enum { UNPACK_INPUT_OCTETS = 256 << 10, UNPACK_MAGIC_MAX = 6 };

struct unpack {
	const struct unpack_kind *kind;
	int fd;         /* borrowed */
	uint8_t *input; /* UNPACK_INPUT_OCTETS, the first octets of the file already in it */
	size_t input_len;
	bool input_new; /* `input` holds what the kind has not seen yet */
	_Atomic uint64_t stored;
	bool cut;          /* the file ended in the middle */
	const char *fault; /* static text; NULL: none */
	void *state;
};

/** What the first octets of a file say. @return NULL: it is not packed. */
const struct unpack_kind *unpack_kind_of(struct span first);

/**
 * @param first  octets already read from fd (at most UNPACK_INPUT_OCTETS), copied.
 * @return 0; -ENOMEM; -ELIBACC: no libarchive.
 */
int unpack_open(const struct unpack_kind *kind, int fd, struct span first, struct unpack **ret_unpack);
void unpack_free(struct unpack *u);

/** The next stored octets into u->input. @return their number; 0: the end; -errno. */
ssize_t unpack_fill(struct unpack *u);

#endif
