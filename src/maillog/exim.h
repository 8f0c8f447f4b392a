/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_MAILLOG_EXIM_H
#define OFFLIST_MAILLOG_EXIM_H

#include "maillog/format.h"

/*
 * What Exim's parsers share. Exim writes what clients said (HELO, subjects, replies) through string_printing(), so a
 * record is one line of printable octets, but what is between the octets is the client's. Fields are therefore read from
 * the front, each by its own shape, and never searched for.
 */

/** What is left of a record; every read takes from the front. */
struct exim_rest {
	const uint8_t *at, *end;
};

static inline struct exim_rest exim_rest_of(struct span s)
{
	return (struct exim_rest){s.at, s.at + s.len};
}

static inline struct span exim_rest_span(const struct exim_rest *r)
{
	return span_of(r->at, (size_t)(r->end - r->at));
}

/** First `a` or `b` in [at, end), or end. Eight octets a step: tokens are short, and this is where Exim's parser lives. */
static inline const uint8_t *exim_either(const uint8_t *at, const uint8_t *end, uint8_t a, uint8_t b)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), highs = UINT64_C(0x8080808080808080);
	for (; end - at >= 8; at += 8) {
		uint64_t word, x, y;
		memcpy(&word, at, 8);
		x = word ^ ones * a;
		y = word ^ ones * b;
		if ((((x - ones) & ~x) | ((y - ones) & ~y)) & highs)
			break; /* in these eight, wherever that is in this machine's order */
	}
	while (at < end && *at != a && *at != b)
		at++;
	return at;
}

/** First blank in [at, end), or end. */
static inline const uint8_t *exim_blank(const uint8_t *at, const uint8_t *end)
{
	return exim_either(at, end, ' ', ' ');
}

static inline void exim_skip_blanks(struct exim_rest *r)
{
	while (r->at < r->end && *r->at == ' ')
		r->at++;
}

/** The next token, blanks before it passed over; empty at the end. */
static inline struct span exim_token(struct exim_rest *r)
{
	const uint8_t *from;
	exim_skip_blanks(r);
	from = r->at;
	r->at = exim_blank(from, r->end);
	return span_of(from, (size_t)(r->at - from));
}

/** Take `prefix` off the front if it stands there. */
static inline bool exim_take(struct exim_rest *r, const char *prefix)
{
	size_t len = strlen(prefix);
	if ((size_t)(r->end - r->at) < len || memcmp(r->at, prefix, len) != 0)
		return false;
	r->at += len;
	return true;
}

/** Length of the message id that a text begins with (16 octets to 4.96, 23 from 4.97; 0: none). A blank or the end follows. */
size_t exim_id(struct span s);
/** An address: up to the blank, with quoted local parts ("a b"@example.com) whole; inside <> up to its '>'. */
struct span exim_address(struct exim_rest *r);
/** What a '"' opens, up to its partner ('\' takes the next octet along); at the end of the line: all. Quotes not given. */
struct span exim_quoted(struct exim_rest *r);
/** After "H=": "name (helo) [ip]:port", "(helo) [ip]", "[ip]", "name". What is missing stays as it was. */
void exim_host(struct exim_rest *r, struct span *ret_name, struct span *ret_helo, struct addr *ret_addr,
	       uint16_t *ret_port);
/** One field "K=value" that all records may have and that says nothing here; false: no field stands there. */
bool exim_skip_field(struct exim_rest *r);
/** "2s", "1d2h3m4s", "0.023s" to milliseconds; 0: none. */
uint32_t exim_interval_ms(struct span s);

/* ---- the kinds of records; `r` stands after the flag ---- */

enum line_result exim_arrival(struct exim_rest *r, struct mail_event *e);
/** @param flag  "=>", "->", ">>", "*>", "**", "==". */
enum line_result exim_delivery(struct exim_rest *r, struct span flag, struct mail_event *e);
/** A record without flag: refusals, logins, submissions, notes. */
enum line_result exim_other(struct exim_rest *r, uint32_t want, struct mail_event *e);
/** "H=.. F=<..> rejected RCPT <..>: text" and all else that begins with H=, U= or F=. */
enum line_result exim_client(struct exim_rest *r, struct mail_event *e);
/** "rejected ..", "temporarily rejected ..", "refused .."; `r` stands on the verb. LINE_UNKNOWN: no refusal. */
enum line_result exim_refusal(struct exim_rest *r, struct mail_event *e);
/** "SMTP call from .. dropped: ..", "SMTP protocol synchronization error (..): rejected .. H=..": LINE_UNKNOWN: no such. */
enum line_result exim_protocol(struct exim_rest *r, struct mail_event *e);
/** "DRIVER authenticator failed for HOST: 535 .. (set_id=..)"; `r` stands on the host. */
enum line_result exim_login(struct exim_rest *r, struct span driver, struct mail_event *e);
/** "cwd=DIR N args: /usr/sbin/sendmail ..". */
enum line_result exim_submit(struct exim_rest *r, struct mail_event *e);
/** Sentences that are known and say nothing that is kept, or are a warning. */
enum line_result exim_note(struct span text, struct mail_event *e);
/** "550 5.7.1 text": code and status, where they are. */
void exim_reply(struct span reply, struct mail_event *e);

#endif
