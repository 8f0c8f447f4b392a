/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MAIL_DSN_PARTS_H
#define OFFLIST_MAIL_DSN_PARTS_H

#include "base/buf.h"
#include "mail/dsn.h"

/* The room's own: lines, header fields and MIME parts of a message, as far as a bounce needs them. Malformed input is taken
 * for what it most looks like; nothing is refused but size. */

enum {
	DSN_FIELD_OCTETS_MAX = 8192,     /* of one unfolded field; the rest is left out */
	DSN_TEXT_OCTETS_MAX = 256 << 10, /* of a notice: people's words, then perhaps the message */
	DSN_LINES_MAX = 20000,
	DSN_PARTS_MAX = 64,
	DSN_DEPTH_MAX = 8,
	DSN_NESTED_MAX = 3,   /* bounces inside messages inside messages */
	DSN_REPLIES_MAX = 32, /* of one transcript */
	DSN_DIAGNOSTIC_OCTETS_MAX = 4096,
};

/** Take the next line off; ends LF, CR or CRLF. False: none left. */
bool dsn_line_next(struct span *rest, struct span *ret_line);
/** Head and body, parted by the first empty line; an mbox "From " line is left out. */
void dsn_split(struct span message, struct span *ret_head, struct span *ret_body);
/** The first field of that name, unfolded, owned by the arena. Empty: none. */
struct span dsn_field(struct span head, const char *name, struct arena *arena);
/** Base64 (RFC 2045 6.8) and quoted-printable (6.7) into `to`, of text.len octets at least. @return octets written. */
size_t dsn_base64(struct span text, uint8_t *to);
size_t dsn_quoted_printable(struct span text, uint8_t *to);
/** A parameter of a field's value (RFC 2045 5.1). Empty: none. */
struct span dsn_parameter(struct span value, const char *name);
bool dsn_contains(struct span text, const char *word); /* ASCII case ignored */
bool dsn_begins(struct span text, const char *word);   /* the same */
/** What an RFC 3464 field has behind its type: "rfc822; a@b" is "a@b". */
struct span dsn_value(struct span value);
/** <a@b>, a@b: the address alone. Empty: the text is something else. */
struct span dsn_mailbox(struct span text);

struct mime_part {
	struct span type; /* "text/plain"; the default where none is told */
	struct span text; /* decoded */
};
struct mime_parts {
	struct arena *arena;
	struct mime_part at[DSN_PARTS_MAX];
	size_t count;
	int error; /* -ENOMEM; sticks */
};
/** The leaves of a message, in order; attached messages are leaves. */
void dsn_parts_find(struct mime_parts *p, struct span head, struct span body);

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
/** A field's text with encoded words (RFC 2047) taken apart; charsets are left as they are. Owned by the arena. */
struct span dsn_words(struct span value, struct arena *arena);
/** "5.1.1" inside words; else "5.0.0" of a code; empty: neither. */
struct span dsn_status_in(struct span text);

#endif
