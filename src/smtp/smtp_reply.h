/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_SMTP_SMTP_REPLY_H
#define OFFLIST_SMTP_SMTP_REPLY_H

#include <stdbool.h>

#include "base/span.h"

/* A server's reply (RFC 5321 section 4.2), from pieces as they come. */

enum {
	SMTP_LINE_MAX = 1000, /* kept of a line; 512 are allowed (RFC 5321 section 4.5.3.1.5), servers send more */
	SMTP_REPLY_LINES_MAX = 200, /* one that goes on for longer is no reply */
};

struct smtp_reply {
	unsigned int code;            /* 200 to 599 */
	unsigned int enhanced[3];     /* 5.7.1 (RFC 3463) of its last line; noughts: it has none */
	char text[SMTP_LINE_MAX + 1]; /* its last line, code and all; what is not printable became '?' */
};

struct smtp_reader {
	struct smtp_reply reply; /* whole when smtp_reader_add() says so */
	char line[SMTP_LINE_MAX + 1];
	size_t len, lines;
};

/**
 * Take octets off `input` until a reply is whole; what follows it stays in `input`.
 * @return 1: `reply` is whole; 0: more is needed; -EBADMSG: this is no SMTP.
 */
int smtp_reader_add(struct smtp_reader *r, struct span *input);

#endif
