/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUTH_DKIM_TAGS_H
#define OFFLIST_AUTH_DKIM_TAGS_H

#include "base/arena.h"

/* Tag lists of signatures and key records (RFC 6376 3.2). Pure; spans are parts of what is read. */

enum { DKIM_TAGS_MAX = 64 /* of one list; RFC 6376 defines 14 */ };

struct dkim_tag {
	struct span name;
	struct span value; /* without white space around it; may be folded */
	struct span room;  /* all between "=" and ";": what is emptied of b= (3.7) */
};

struct dkim_tags {
	struct dkim_tag at[DKIM_TAGS_MAX];
	size_t count;
	const char *why; /* what is wrong */
};

/** @return whether the whole list keeps the grammar and names no tag twice; else `why` tells. */
bool dkim_tags_read(struct span text, struct dkim_tags *ret_tags);
/** NULL: there is none. */
const struct dkim_tag *dkim_tags_find(const struct dkim_tags *tags, const char *name);
/** Takes the next part of a value off that ":" divides, without white space around it. @return false: none is left. */
bool dkim_tags_part(struct span *rest, struct span *ret_part);
/** Octets of base64 that may be folded, owned by the arena. @return 0; -EBADMSG: it is none; -ENOMEM. */
int dkim_tags_base64(struct span text, struct arena *arena, struct span *ret_octets);

/** White space of a folded header (FWS): blanks, tabs and line ends. */
static inline bool dkim_tags_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

#endif
