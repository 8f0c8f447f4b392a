/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MAIL_DSN_PARTS_H
#define OFFLIST_MAIL_DSN_PARTS_H

#include "base/buf.h"
#include "mail/dsn.h"
#include "mail/header.h"

/* Parts of bounces, dsn_*.c's own. Malformed input is taken for what it most looks like; nothing is refused but size. */

enum {
	DSN_TEXT_OCTETS_MAX = 256 << 10, /* of a notice: people's words, then perhaps the message */
	DSN_LINES_MAX = 20000,
	DSN_NESTED_MAX = 3,   /* bounces inside messages inside messages */
	DSN_REPLIES_MAX = 32, /* of one transcript */
	DSN_DIAGNOSTIC_OCTETS_MAX = 4096,
};

struct recipients {
	struct arena *arena;
	struct dsn_recipient *at; /* DSN_RECIPIENTS_MAX */
	size_t count;
	struct span replies[DSN_REPLIES_MAX]; /* of the transcript of a session: "<<< " lines, each reply whole */
	size_t reply_count;
	int error;
};
struct dsn_recipient *dsn_recipient_add(struct recipients *r);
/** A copy that the arena owns; empty: r->error. */
struct span dsn_keep(struct recipients *r, struct span text);

/** The fields of a delivery-status part (RFC 3464 2). */
void dsn_report_read(struct span text, struct recipients *r, struct dsn *dsn);
/**
 * A notice in words. @param trusted  the head is that of a notice: an address may come before the words that say so.
 * @param domain  of who wrote it, for names without one; empty: unknown. @return whether its words are those of a bounce.
 */
bool dsn_notice_read(struct span text, bool trusted, struct span domain, struct recipients *r);
/** Transcripts of SMTP sessions: r->replies, and what was kept only by its first line is made whole. */
void dsn_session_read(struct span text, struct recipients *r);
void dsn_session_complete(struct recipients *r, const struct recipients *words);
/** HTML made lines of text, owned by the arena. */
struct span dsn_html_text(struct span html, struct arena *arena);
/** "5.1.1" inside words; else "5.0.0" of a code; empty: neither. */
struct span dsn_status_in(struct span text);

#endif
