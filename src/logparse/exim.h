/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGPARSE_EXIM_H
#define OFFLIST_LOGPARSE_EXIM_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/ascii.h"
#include "logparse/format.h"

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

#ifdef __SSE2__
/* Bit i: octet i of the sixteen at `at` is one of the two. */
static inline unsigned int exim_hits(const uint8_t *at, uint8_t a, uint8_t b)
{
	__m128i octets = _mm_loadu_si128((const __m128i *)(const void *)at);
	return (unsigned int)_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(octets, _mm_set1_epi8((char)a)),
							    _mm_cmpeq_epi8(octets, _mm_set1_epi8((char)b))));
}
#endif

/** First `a` or `b` in [at, end), or end. Many octets a step: tokens are short, and this is where Exim's parser lives. */
static inline const uint8_t *exim_either(const uint8_t *at, const uint8_t *end, uint8_t a, uint8_t b)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), highs = UINT64_C(0x8080808080808080);
#ifdef __SSE2__
	if (end - at >= 16) {
		for (; end - at >= 16; at += 16) {
			unsigned int hits = exim_hits(at, a, b);
			if (hits)
				return at + __builtin_ctz(hits);
		}
		if (at < end) { /* the last 16 octets, less those that were seen */
			unsigned int hits = exim_hits(end - 16, a, b) >> (16 - (end - at));
			return hits ? at + __builtin_ctz(hits) : end;
		}
		return end;
	}
#endif
	for (; end - at >= 8; at += 8) {
		uint64_t x = octets_load8(at) ^ ones * a, y = octets_load8(at) ^ ones * b;
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

/** First octet in [at, end) that is no blank, or end. */
static inline const uint8_t *exim_past_blanks(const uint8_t *at, const uint8_t *end)
{
	while (at < end && *at == ' ')
		at++;
	return at;
}

/* Arrivals and deliveries are nearly all lines: their loops keep the place in `at`, as it does not leave the registers
 * there. What is rarer takes a struct exim_rest. */

/** exim_address() of one with quotes or backslashes in it, whose first octet, '<' or not, stands at `at`. */
const uint8_t *exim_address_with_quotes(const uint8_t *at, const uint8_t *end, struct span *ret_address);

/** As exim_address(). @return what follows it. */
static inline const uint8_t *exim_address_at(const uint8_t *at, const uint8_t *end, struct span *ret_address)
{
	uint8_t stop = ' ';
	const uint8_t *to;
	at = exim_past_blanks(at, end);
	if (at < end && *at == '<')
		stop = '>';
	to = exim_either(at, end, stop, '"');
	if ((to == end ? stop == '>' : *to != stop) || (to > at && to[-1] == '\\'))
		return exim_address_with_quotes(at, end, ret_address);
	at += stop == '>';
	*ret_address = span_of(at, (size_t)(to - at));
	return to + (stop == '>');
}

/** addr_kind() asked only where it may be; none is none. */
static inline bool exim_is_loopback(const struct addr *a)
{
	return a->family && (a->family != 4 || a->octets[0] == 127) && addr_kind(a) == ADDR_LOOPBACK;
}

/** As exim_quoted(). @return what follows it. */
const uint8_t *exim_quoted_at(const uint8_t *at, const uint8_t *end, struct span *ret_text);
/** As exim_host(). @return what follows it. */
const uint8_t *exim_host_at(const uint8_t *at, const uint8_t *end, struct span *ret_name, struct span *ret_helo,
			    struct addr *ret_addr, uint16_t *ret_port);
/** exim_host_at() with the n-th place, from 0, where a HELO with brackets in it may end. @return NULL: there is none. */
const uint8_t *exim_host_again(const uint8_t *at, const uint8_t *end, int n, struct span *ret_name,
			       struct span *ret_helo, struct addr *ret_addr, uint16_t *ret_port);
/** As exim_skip_field(). @return what follows it; NULL: no field stands there. */
const uint8_t *exim_past_field(const uint8_t *at, const uint8_t *end);

/** A field with a name of two letters; false: something else stands there. */
static inline bool exim_has_two_letters(const uint8_t *at, const uint8_t *end)
{
	return end - at >= 3 && at[2] == '=' && (ascii_is_alpha(at[0]) || ascii_is_digit(at[0])) &&
	       (ascii_is_alpha(at[1]) || ascii_is_digit(at[1]));
}

/** How many digits [at, end) begins with, up to 8, and their value. */
static inline size_t exim_digits(const uint8_t *at, const uint8_t *end, uint32_t *ret_value)
{
	if (end - at >= 8)
		return ascii_digits8(at, ret_value);
	const uint8_t *to = at;
	*ret_value = 0;
	while (to < end && to - at < 8 && ascii_is_digit(*to))
		*ret_value = *ret_value * 10 + (*to++ - '0');
	return (size_t)(to - at);
}

/** As exim_blank(), where 16 octets of the record stand before `end`: behind an id. */
static inline const uint8_t *exim_blank_behind_id(const uint8_t *at, const uint8_t *end)
{
#ifdef __SSE2__
	if (end - at < 16) { /* the last 16 octets, less those that were seen */
		unsigned int hits = exim_hits(end - 16, ' ', ' ') >> (16 - (end - at));
		return hits ? at + __builtin_ctz(hits) : end;
	}
#endif
	return exim_blank(at, end);
}

static inline void exim_skip_blanks(struct exim_rest *r)
{
	r->at = exim_past_blanks(r->at, r->end);
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
/** An address: up to the blank, with quoted local parts ("a b"@example.com, a\ b@example.com) whole; inside <> up to its '>'. */
static inline struct span exim_address(struct exim_rest *r)
{
	struct span address;
	r->at = exim_address_at(r->at, r->end, &address);
	return address;
}

/** What a '"' opens, up to its partner ('\' takes the next octet along); at the end of the line: all. Quotes not given. */
static inline struct span exim_quoted(struct exim_rest *r)
{
	struct span text;
	r->at = exim_quoted_at(r->at, r->end, &text);
	return text;
}

/** After "H=": "name (helo) [ip]:port", "(helo) [ip]", "[ip]", "name". What is missing stays as it was. */
static inline void exim_host(struct exim_rest *r, struct span *ret_name, struct span *ret_helo, struct addr *ret_addr,
			     uint16_t *ret_port)
{
	r->at = exim_host_at(r->at, r->end, ret_name, ret_helo, ret_addr, ret_port);
}

/** One field "K=value" that all records may have and that says nothing here; false: no field stands there. */
static inline bool exim_skip_field(struct exim_rest *r)
{
	const uint8_t *to = exim_past_field(r->at, r->end);
	if (to)
		r->at = to;
	return to;
}

/** exim_host() where free text follows: a HELO that an administrator lets brackets into is not told from it, and where it
 * may go on, nobody is named and nothing is left. */
void exim_host_alone(struct exim_rest *r, struct mail_event *e);

/** A value: up to the blank. */
static inline struct span exim_value(struct exim_rest *r)
{
	const uint8_t *from = r->at;
	r->at = exim_blank(from, r->end);
	return span_of(from, (size_t)(r->at - from));
}

/** The value of "A=": "driver", "driver:login" or "driver:login:sender". */
static inline void exim_authenticated(struct span value, struct mail_event *e)
{
	const uint8_t *end = value.at + value.len, *colon = exim_either(value.at, end, ':', ':');
	const uint8_t *login = colon < end ? colon + 1 : end;
	e->method = span_of(value.at, (size_t)(colon - value.at));
	e->login = span_of(login, (size_t)(exim_either(login, end, ':', ':') - login));
}

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
/** "frozen by ..", "removed by ..", "address <..> marked delivered by ..": what was done to the message. false: none. */
bool exim_queue(const struct exim_rest *r, struct mail_event *e);
/** Sentences that are known and say nothing that is kept, or are a warning. */
enum line_result exim_note(struct span text, struct mail_event *e);
/** "550 5.7.1 text": code and status, where they are. */
void exim_reply(struct span reply, struct mail_event *e);

#endif
