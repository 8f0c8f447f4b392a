/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MAIL_HEADER_H
#define OFFLIST_MAIL_HEADER_H

#include "base/arena.h"

/*
 * Header fields (RFC 5322 2.2, RFC 2045 5, RFC 2047, RFC 2231), read leniently: what is malformed is taken for what it most
 * looks like, and nothing is refused. Pure; outside octets. What an arena could not hold is as if it were not there.
 */

enum {
	HEADER_FIELD_OCTETS_MAX = 8192, /* of one unfolded field; the rest is left out */
	HEADER_SECTIONS_MAX = 16,       /* of one parameter in pieces (RFC 2231 3) */
};

/** Take the next line off; ends LF, CR or CRLF. False: none left. */
bool header_line_next(struct span *rest, struct span *ret_line);
/** Head and body, parted by the first empty line; an mbox "From " line is left out. */
void header_split(struct span message, struct span *ret_head, struct span *ret_body);
/** The first field of that name (small letters), unfolded, owned by the arena. Empty: none. */
struct span header_field(struct span head, const char *name, struct arena *arena);
/**
 * A parameter of a field's value, quotes taken off (RFC 2045 5.1); one in pieces is joined and "%20" read, its charset left
 * out (RFC 2231 3 and 4). Owned by the arena or part of the value. Empty: none.
 */
struct span header_parameter(struct span value, const char *name, struct arena *arena);
/** <a@b>, a@b: the address alone, part of the text. Empty: it is something else. */
struct span header_mailbox(struct span text);
/** A field's text with encoded words (RFC 2047) taken apart; charsets are left as they are. Owned by the arena. */
struct span header_words(struct span value, struct arena *arena);

#endif
