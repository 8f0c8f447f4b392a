/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_BASE_SPAN_H
#define OFFLIST_BASE_SPAN_H

#include "base/octets.h"

/**
 * Bytes that somebody else owns. Not ended by NUL; NUL inside is data. Passed by value; the empty span is {NULL, 0}.
 */
struct span {
	const uint8_t *at;
	size_t len; /* octets */
};

static inline struct span span_of(const void *at, size_t len)
{
	return (struct span){at, len};
}

/** The octets of a C string, its NUL left out. NULL gives the empty span. */
static inline struct span span_str(const char *text)
{
	return (struct span){(const uint8_t *)text, text ? strlen(text) : 0};
}

static inline bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/** Equal when ASCII letters of either case count as one (RFC 4343). */
bool span_equal_nocase(struct span a, struct span b);

/** Does `s` begin with the word, ASCII letters of either case being one? */
bool span_begins_nocase(struct span s, const char *word);
/** Does `s` hold the word (small letters) anywhere, in letters of either case? */
bool span_contains_nocase(struct span s, const char *word);

/** Does `s` begin with these octets? */
static inline bool span_starts(struct span s, const char *with)
{
	size_t n = strlen(with);
	return n == 0 || (s.len >= n && memcmp(s.at, with, n) == 0);
}

/** Does `s` begin with the octets of `with`? For what is asked of every line. */
static inline bool span_begins(struct span s, struct span with)
{
	return s.len >= with.len && octets_equal(s.at, with.at, with.len);
}

/** The part from octet `from` on (empty when there is none). */
static inline struct span span_from(struct span s, size_t from)
{
	return from >= s.len ? (struct span){NULL, 0} : (struct span){s.at + from, s.len - from};
}

/** Without ASCII white space at both ends. */
struct span span_trim(struct span s);

/** @return index of the first `octet`, or s.len when there is none. */
size_t span_find(struct span s, uint8_t octet);

#endif
