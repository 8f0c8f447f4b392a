/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUTH_DKIM_CANON_H
#define OFFLIST_AUTH_DKIM_CANON_H

#include "base/buf.h"

/* Canonical forms of fields and bodies (RFC 6376 3.4). A line end is CRLF or LF, and becomes CRLF. Pure. */

/** One field (name, colon, value, folded as it came, without its last line end), its canonical form and CRLF added. */
void dkim_canon_field(struct span field, bool relaxed, struct buf *out);

/** Takes canonical octets; they last for the call. */
typedef void dkim_canon_sink(void *context, struct span octets);

/** A body as it comes, in pieces of any length; nothing of it is kept. */
struct dkim_canon {
	dkim_canon_sink *sink;
	void *context;
	uint64_t octets; /* of the canonical form so far, also those over the limit */
	/* its own */
	uint64_t limit;
	uint64_t empty_lines; /* that count if anything follows */
	bool relaxed, in_line, after_cr, blank;
	uint8_t pending[512];
	size_t pending_len;
};

/** @param limit  l=: what is beyond it is counted only; UINT64_MAX: none. */
void dkim_canon_begin(struct dkim_canon *c, bool relaxed, uint64_t limit, dkim_canon_sink *sink, void *context);
void dkim_canon_feed(struct dkim_canon *c, struct span octets);
void dkim_canon_end(struct dkim_canon *c);

#endif
