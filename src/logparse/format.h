/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LOGPARSE_FORMAT_H
#define OFFLIST_LOGPARSE_FORMAT_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "logparse/event.h"
#include "logread/line.h"

/* The log formats: one file and one row each. A parser is pure: one line in, one event out. */

enum line_result {
	LINE_FOREIGN, /* no mail line (cron, kernel): another program's */
	LINE_EVENT,   /* ret_event is filled */
	LINE_QUIET,   /* a mail line that is understood and says nothing that is kept */
	LINE_UNKNOWN, /* a mail line that is not understood: it counts in the unparsed share */
};

enum format_want {                       /* what is read only where somebody asks for it */
		   WANT_CONNECTIONS = 1, /* EVENT_CONNECT, EVENT_DISCONNECT */
};

/** What a program's name tells of its lines. */
enum format_claim {
	CLAIM_NO,
	CLAIM_YES,
	CLAIM_ASK, /* not enough: each line is asked */
};

struct format_row {
	enum mail_format format;
	/**
	 * Are lines of this program (empty: those without one) of this format? The answer is kept: it may take its time.
	 * @param ret_kind  0 at entry; a number of the format's own that parse() is given with each line of this program.
	 */
	enum format_claim (*program)(struct span program, uint32_t *ret_kind);
	/** Is this line of this format? Asked after CLAIM_ASK. NULL: that is never said. Cheap. */
	bool (*claims)(const struct log_line *l);
	/**
	 * @param kind       as program() or sure() said; 0 after claims().
	 * @param ret_event  set where LINE_EVENT is returned, from event_begin() on. Its old values mean nothing.
	 */
	enum line_result (*parse)(const struct log_line *l, uint32_t kind, uint32_t want, struct mail_event *ret_event);
	/** Is this line so surely of this format that no other is asked? NULL: it is asked in its turn. Cheap.
	 * @return 0: no; else the `kind` that parse() is given. */
	uint32_t (*sure)(const struct log_line *l);
};

#define MAIL_FORMAT(place, name, file) extern const struct format_row format_##file;
#define MAIL_PROGRAM(name, file)       extern const struct format_row format_##file;
#include "logparse/formats.inc"

/** The loggers' own lines: "imuxsock lost 52 messages", "Suppressed 12 messages", "last message repeated 3 times". */
enum line_result format_logger(const struct log_line *l, struct mail_event *ret_event);

enum { FORMATS_KNOWN = 64, FORMATS_NAME_MAX = 32 };

/** What the rows say of programs, kept by name. All zero: nothing is known yet. */
struct formats {
	struct format_known {
		uint64_t name[FORMATS_NAME_MAX / 8]; /* its octets, some twice: see format.c */
		uint32_t kind;
		uint32_t ask;       /* rows before `row` that each line asks, a bit each */
		uint32_t ask_first; /* of these, the ones that may be sure */
		uint16_t len;
		uint8_t row;
		bool known;
	} known[FORMATS_KNOWN], nameless, other; /* other: of a name that is too long to be kept */
	size_t count;
};

/**
 * Find the row and parse.
 * @param ret_event  set with LINE_EVENT; `format` also with LINE_QUIET and LINE_UNKNOWN.
 */
enum line_result format_parse(struct formats *f, const struct log_line *l, uint32_t want, struct mail_event *ret_event);

/**
 * Does a line whose head was not read name a mail server's program all the same ("postfix/smtpd[12]", "dovecot:")? It is
 * looked for in the first octets alone.
 */
bool format_names_server(struct span raw);

/** An event with nothing but what the line's head tells. */
static inline void event_begin(struct mail_event *e, const struct log_line *l)
{
	*e = (struct mail_event){.at_ms = l->at_ms, .host = l->host, .pid = l->pid, .uid = MAIL_UID_NONE};
}

/* ---- what parsers share (parts.c) ---- */

/** "name[192.0.2.1]", "name[192.0.2.1]:25", "[2001:db8::1]", "unknown[unknown]": the last bracket counts. */
void part_peer(struct span text, struct span *ret_name, struct addr *ret_addr, uint16_t *ret_port);
/** "550 5.7.1 text", "550-5.7.1 text": code and enhanced status out of a reply; empty and 0: none. */
void part_reply(struct span reply, uint16_t *ret_code, struct span *ret_status);
/** Value of "key=" up to the next ", " or the end; the key must stand at the start or after ", " or a blank. */
bool part_value(struct span text, const char *key, struct span *ret_value);
/** Take <> off, and quotes that info_log_address_format puts on. */
struct span part_address(struct span text);
/** Octets of a quoted local part ("a>, b"@) that `s` begins with; 0: none. Anything may stand inside the quotes. */
size_t part_quoted(struct span s);

/* glibc's memmem() goes octet by octet for short words; these leap. */

/** The first place where `n` octets stand; 0: its beginning. */
const uint8_t *part_find_octets(struct span text, const char *words, size_t n);

/** The first place where `words` stand. @return NULL: nowhere. */
static inline const uint8_t *part_find(struct span text, const char *words)
{
	return part_find_octets(text, words, strlen(words));
}

/** The first ", ", which is mostly near. @return NULL: there is none. */
static inline const uint8_t *part_comma(struct span text)
{
#ifdef __SSE2__
	const __m128i comma = _mm_set1_epi8(','), blank = _mm_set1_epi8(' ');
	uint32_t hits = 0;
	if (text.len > 32) {
		for (int i = 0; i < 2; i++) {
			const uint8_t *at = text.at + 16 * i;
			__m128i a = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)at), comma);
			__m128i b = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(at + 1)), blank);
			hits |= (uint32_t)_mm_movemask_epi8(_mm_and_si128(a, b)) << 16 * i;
		}
		if (hits)
			return text.at + __builtin_ctz(hits);
	}
#endif
	return part_find(text, ", ");
}

/** The last place where `words` stand. @return NULL: nowhere. */
static inline const uint8_t *part_find_last(struct span text, const char *words)
{
	size_t n = strlen(words), left = text.len;
	while (left >= n) {
		const uint8_t *at = memrchr(text.at, words[0], left - n + 1);
		if (!at || memcmp(at, words, n) == 0)
			return at;
		left = (size_t)(at - text.at) + n - 1;
	}
	return NULL;
}

/** What stands before `at`, and what from `at` on. */
static inline struct span part_before(struct span text, const uint8_t *at)
{
	return span_of(text.at, (size_t)(at - text.at));
}
static inline struct span part_from(struct span text, const uint8_t *at)
{
	return span_of(at, (size_t)(text.at + text.len - at));
}

#endif
