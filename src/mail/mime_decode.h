/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MAIL_MIME_DECODE_H
#define OFFLIST_MAIL_MIME_DECODE_H

#include "base/span.h"

/* Content transfer encodings (RFC 2045 6), octets in as they come, in pieces of any length. */

enum mime_encoding { MIME_IDENTITY, MIME_BASE64, MIME_QUOTED_PRINTABLE };

enum {
	MIME_BLANKS_MAX = 128, /* held back: at the end of a line they go (6.7 rule 3); more are kept */
	MIME_DECODE_CARRY_MAX = MIME_BLANKS_MAX + 4 /* octets that a call can write beyond those it was given */
};

struct mime_decoder {
	enum mime_encoding encoding;
	/* base64: bits not yet written; the padding has been seen */
	uint32_t bits;
	unsigned int have;
	bool padded;
	/* quoted-printable: what a "=" has behind it so far, and blanks that may end the line */
	char escape[2];
	unsigned int escape_len;
	char blanks[MIME_BLANKS_MAX];
	unsigned int blank_len;
};

/** Of a field's value (RFC 2045 6.1); what is unknown is left as it is. */
enum mime_encoding mime_encoding_of(struct span value);
/** @param to  of text.len + MIME_DECODE_CARRY_MAX octets. @return octets written. */
size_t mime_decode(struct mime_decoder *d, struct span text, uint8_t *to);
/** What was still open when the text ended: the same `to`. */
size_t mime_decode_end(struct mime_decoder *d, uint8_t *to);

#endif
