/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CLI_EXPLAIN_PASTE_H
#define OFFLIST_CLI_EXPLAIN_PASTE_H

#include "base/arena.h"

/* What people paste: the listing of a queue, lines of a log, several replies. Each reply by itself. */

struct paste_piece {
	struct span reply;
	struct span recipient, relay; /* empty: not told */
	bool ours;                    /* our own server refused a client */
	struct span client;           /* whom: its address */
};

enum { PASTE_PIECES_MAX = 1000 };

struct paste {
	struct paste_piece *at; /* PASTE_PIECES_MAX */
	size_t count;
	bool queue;               /* the listing of a queue */
	const char *without_them; /* a listing that shows no replies: why, and where they are; NULL: another text */
};

/** @return 0; -ENOMEM. One piece, whole, where the text is not of several. Spans point into the text or the arena. */
int paste_split(struct span text, struct arena *arena, struct paste *ret_paste);
/** The receiving host that a line or reply names: "host NAME[", "relay=NAME[", "H=NAME [". Empty: none. */
struct span paste_relay(struct span text);

/* explain_queue.c: listings for programs. */
bool paste_is_json_queue(struct span text); /* postqueue -j, also laid out by jq */
int paste_split_json(struct span text, struct arena *arena, struct paste *paste);
/** A line of a listing that shows no replies. @return as paste.without_them. */
const char *paste_without_replies(struct span line);
bool paste_is_smtpctl(struct span line); /* smtpctl show queue */
void paste_smtpctl(struct span line, struct paste *paste);

#endif
