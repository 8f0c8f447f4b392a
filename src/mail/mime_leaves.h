/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MAIL_MIME_LEAVES_H
#define OFFLIST_MAIL_MIME_LEAVES_H

#include "base/arena.h"

/* The parts of a short message, all at once: for bounces and complaints. */

enum { MIME_LEAVES_MAX = 64, MIME_LEAF_OCTETS_MAX = 256 << 10 /* decoded; the rest is left out */ };

struct mime_leaf {
	struct span type; /* "text/plain"; the default where none is told */
	struct span text; /* decoded */
};
struct mime_leaves {
	struct mime_leaf at[MIME_LEAVES_MAX];
	size_t count;
};

/**
 * The leaves of a message, in order; attached messages are leaves. What a multipart has that holds no boundary is text.
 * Spans live in the arena. @return 0; -ENOMEM.
 */
int mime_leaves_find(struct span message, struct arena *arena, struct mime_leaves *ret);

#endif
