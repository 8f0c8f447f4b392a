/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DIAGNOSE_WORDS_H
#define OFFLIST_DIAGNOSE_WORDS_H

#include "base/arena.h"
#include "logjoin/maillog.h"

/* Texts that are kept of a log: a string of its own, cut at `max` octets, '?' for NUL. NULL: no memory. */
char *words_keep(struct span text, size_t max);
/** The same into `to` of at least max + 1 octets. */
void words_put(char *to, struct span text, size_t max);

/* Texts of the report. Where the arena is used up they are "": the arena's caller is told by -ENOMEM elsewhere. */

enum { NAME_MAX_OCTETS = 255, WORDS_COUNT_SIZE = 32, WORDS_TIME_SIZE = 48 };

const char *words_copy(struct arena *arena, const char *text); /* NULL gives "" */
const char *words_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** A line of advice with its "{hold}" written out: how the mail server of that log holds one queued message. */
const char *words_advice(struct arena *arena, const char *text, enum mail_format format);
/** "mail.log:12345". */
const char *words_source(struct arena *arena, const struct log_coverage *coverage, uint32_t source, uint64_t number);
/** "9,021". */
const char *words_count(char text[WORDS_COUNT_SIZE], uint64_t n);
/** "43 minutes", "6 hours", "9 days". */
const char *words_span(char text[WORDS_TIME_SIZE], int64_t ms);
/** "2026-11-24 12:00:00 UTC". */
const char *words_moment(char text[WORDS_TIME_SIZE], int64_t at_ms);
/** "1 network", "31 networks". */
const char *words_many(struct arena *arena, uint64_t n, const char *one, const char *many);

#endif
