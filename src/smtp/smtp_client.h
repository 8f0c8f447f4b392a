/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_SMTP_SMTP_CLIENT_H
#define OFFLIST_SMTP_SMTP_CLIENT_H

#include "smtp/smtp_reply.h"

/* One session with one envelope, up to the reply to RCPT: no message is ever given over. */

enum smtp_stage { SMTP_GREETING, SMTP_EHLO, SMTP_HELO, SMTP_MAIL, SMTP_RCPT, SMTP_QUIT, SMTP_ENDED };

struct smtp_envelope {
	const char *helo;
	const char *from, *to; /* what stands behind "MAIL FROM:" and "RCPT TO:", brackets and all */
};

enum { SMTP_COMMAND_MAX = 512 /* RFC 5321 section 4.5.3.1.4 */ };

struct smtp_client {
	const struct smtp_envelope *envelope;
	struct smtp_reader reader;
	enum smtp_stage stage;
	enum smtp_stage settled_at; /* the stage whose reply settled it */
	struct smtp_reply settled;  /* that reply; code 0: there was none */
	int error; /* 0; -ETIMEDOUT; -ECONNRESET: it closed; -EBADMSG: no SMTP; -E2BIG: too long an envelope */
	int64_t deadline_us;
	char out[SMTP_COMMAND_MAX + 3];
	size_t out_len, out_sent;
};

/** The connection is there. `envelope` is borrowed until the end. */
void smtp_client_begin(struct smtp_client *c, const struct smtp_envelope *envelope, int64_t now_us);
/** What is to be sent now; empty: nothing. */
struct span smtp_client_output(const struct smtp_client *c);
void smtp_client_sent(struct smtp_client *c, size_t octets);
/** Octets came. */
void smtp_client_input(struct smtp_client *c, struct span input, int64_t now_us);
/** The other side closed, or the connection broke. */
void smtp_client_closed(struct smtp_client *c);
/** The time is now: a deadline may have come. */
void smtp_client_due(struct smtp_client *c, int64_t now_us);

static inline bool smtp_client_ended(const struct smtp_client *c)
{
	return c->stage == SMTP_ENDED;
}

/** "the greeting", "RCPT". */
const char *smtp_stage_text(enum smtp_stage stage);

#endif
