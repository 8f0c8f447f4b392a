/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MAIL_MIME_H
#define OFFLIST_MAIL_MIME_H

#include "base/buf.h"
#include "mail/header.h"
#include "mail/mime_decode.h"

/*
 * A message taken apart as it comes (RFC 2045, RFC 2046), in pieces of any length, with bounded memory: what is over a limit
 * is left out and said in `cut`. Malformed input is taken for what it most looks like, nothing is refused: line ends are LF,
 * CR or CRLF; a multipart that does not tell its boundary is a part like another. Attached messages are parts: their octets
 * can be fed to another reader.
 */

enum {
	MIME_HEAD_OCTETS_MAX = 102400, /* of a head; Postfix's header_size_limit */
	MIME_LINE_OCTETS_MAX = 8192,   /* longer lines are given on in pieces */
	MIME_DEPTH_MAX = 8,            /* multiparts in multiparts */
	MIME_PARTS_MAX = 1000,
};

enum mime_kind {
	MIME_PART,
	MIME_MULTIPART, /* until its end, its preamble, parts, multiparts and epilogue come */
	MIME_PREAMBLE,
	MIME_EPILOGUE,
};

enum mime_cut { MIME_CUT_HEAD = 1, MIME_CUT_DEPTH = 2, MIME_CUT_PARTS = 4 };

struct mime_part {
	enum mime_kind kind;
	unsigned int depth; /* 0: the message itself */
	struct span
		type; /* "text/plain", as it is written; the default where none is told (RFC 2045 5.2, RFC 2046 5.1.5) */
	struct span head; /* its fields; empty for a preamble or epilogue */
	enum mime_encoding encoding;
};

/** What comes, in order; spans last for the call. Each may be NULL. @return 0; a negative errno ends the reading. */
struct mime_events {
	int (*begin)(void *context, const struct mime_part *part);
	int (*octets)(void *context, struct span decoded);
	int (*end)(void *context);
};

struct mime_level {
	struct buf boundary;
	bool digest, closed;
};

struct mime_reader {
	const struct mime_events *events;
	void *context;
	unsigned int cut; /* enum mime_cut */
	/* the reader's own */
	enum mime_state { MIME_IN_HEAD, MIME_IN_BODY, MIME_BETWEEN } state;
	bool open, in_line, after_cr;
	char ending[2]; /* of the line before: it belongs to a boundary, if one comes */
	unsigned int ending_len, depth;
	size_t parts;
	struct buf head, line;
	struct mime_level levels[MIME_DEPTH_MAX];
	struct mime_decoder decoder;
	int error;
};

void mime_init(struct mime_reader *m, const struct mime_events *events, void *context);
/** @return 0; -ENOMEM; what an event returned. Sticks. */
int mime_feed(struct mime_reader *m, struct span octets);
/** The message has ended: so have all parts. The same. */
int mime_end(struct mime_reader *m);
void mime_release(struct mime_reader *m);

#endif
