/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MTA_SPOOL_H
#define OFFLIST_MTA_SPOOL_H

#include <stdbool.h>

#include "base/span.h"

/*
 * A message that waits, as the mail server's own queue files tell of it: who handed it in is the server's word there, not
 * the message's. Outside octets.
 */

enum {
	SPOOL_TEXTS_OCTETS = 8192,  /* of all texts kept of one message */
	SPOOL_TEXT_MAX = 1024,      /* of one: addresses have 320 at most (RFC 5321 4.5.3.1), replies some lines */
	SPOOL_HEAD_OCTETS = 16384,  /* of its header; Received and Subject stand near its beginning */
	SPOOL_RECIPIENTS_KEPT = 16, /* more are counted */
};

enum spool_state { SPOOL_WAITS, SPOOL_DEFERRED, SPOOL_HELD };

struct spool_message {
	enum spool_state state;
	struct span id;
	struct span sender; /* of the envelope; empty: a bounce, or not told */
	struct span login;  /* by which the client had logged in; empty: by none */
	struct span client; /* its address as the server writes it; empty: handed in by a program of this machine */
	struct span client_name;
	struct span user;   /* who ran that program, where the file has a name; else empty */
	int64_t uid;        /* the same as a number; -1: not told */
	struct span reason; /* why it was put off, in the server's words; empty: none is told */
	struct span recipients[SPOOL_RECIPIENTS_KEPT]; /* that wait */
	uint32_t recipient_count;                      /* that wait, all of them */
	uint32_t done_count;                           /* that were served */
	int64_t arrived_s;                             /* Unix time; 0: not told */
	uint64_t size_octets;                          /* of the message */
	bool has_sender;                               /* its envelope was read so far */
	size_t text_len, head_len;
	uint8_t texts[SPOOL_TEXTS_OCTETS]; /* where the spans lead to: it is not to be copied */
	uint8_t head[SPOOL_HEAD_OCTETS];   /* lines, LF behind each */
};

/** Make it empty, its texts left as they are. */
void spool_message_clear(struct spool_message *m);
/** A copy that lives in the message, cut at SPOOL_TEXT_MAX and where its room ends. */
struct span spool_message_keep(struct spool_message *m, struct span text);
void spool_message_recipient(struct spool_message *m, struct span address);
/** A piece of its header; what is too much is left out. */
void spool_message_head(struct spool_message *m, struct span piece);

static inline struct span spool_message_fields(const struct spool_message *m)
{
	return span_of(m->head, m->head_len);
}

#endif
