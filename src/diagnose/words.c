/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "diagnose/words.h"

enum { TEXT_MAX = 4096, SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS, HOUR_MS = 60 * MINUTE_MS };
static const int64_t day_ms = 24 * (int64_t)HOUR_MS;

void words_put(char *to, struct span text, size_t max)
{
	size_t len = text.len < max ? text.len : max;
	if (len)
		memcpy(to, text.at, len);
	to[len] = '\0';
	for (char *nul = to; (nul = memchr(nul, 0, len - (size_t)(nul - to)));)
		*nul = '?';
}

char *words_keep(struct span text, size_t max)
{
	char *to = malloc((text.len < max ? text.len : max) + 1);
	if (to)
		words_put(to, text, max);
	return to;
}

const char *words_copy(struct arena *arena, const char *text)
{
	const char *copy = text ? arena_copy(arena, span_str(text)) : NULL;
	return copy ? copy : "";
}

const char *words_printf(struct arena *arena, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return n < 0 ? "" : words_copy(arena, text);
}

/* Holds, and never deletes: what was held by mistake goes on by the same command's opposite. */
static const char *hold_of(enum mail_format format)
{
	switch (format) {
	case FORMAT_POSTFIX:
		return "`postqueue -p` shows the ids, `postsuper -h ID` holds one";
	case FORMAT_EXIM:
		return "`exim -bp` shows the ids, `exim -Mf ID` freezes one";
	case FORMAT_SENDMAIL:
		return "`mailq` shows the ids, `sendmail -qIID -Qheld` quarantines one";
	case FORMAT_OPENSMTPD:
		return "`smtpctl show queue` shows the ids, `smtpctl pause envelope ID` holds one";
	case FORMAT_QMAIL:
		return "`qmail-qread` shows it; qmail holds no single message: stop qmail-send until they are seen to";
	default:
		return "Postfix: `postsuper -h ID`; Exim: `exim -Mf ID`";
	}
}

const char *words_advice(struct arena *arena, const char *text, enum mail_format format)
{
	static const char mark[] = "{hold}";
	const char *at = strstr(text, mark);
	if (!at)
		return text;
	return words_printf(arena, "%.*s%s%s", (int)(at - text), text, hold_of(format), at + sizeof(mark) - 1);
}

const char *words_source(struct arena *arena, const struct log_coverage *coverage, uint32_t source, uint64_t number)
{
	const char *name = source < coverage->file_count ? coverage->files[source].name : "log";
	return words_printf(arena, "%s:%" PRIu64, name, number);
}

const char *words_count(char text[WORDS_COUNT_SIZE], uint64_t n)
{
	char digits[WORDS_COUNT_SIZE];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
	char *to = text;
	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return text;
}

const char *words_span(char text[WORDS_TIME_SIZE], int64_t ms)
{
	int64_t n = ms / SECOND_MS;
	const char *unit = "second";
	if (ms >= 3 * day_ms) {
		n = (ms + day_ms / 2) / day_ms;
		unit = "day";
	} else if (ms >= 3 * (int64_t)HOUR_MS) {
		n = (ms + HOUR_MS / 2) / HOUR_MS;
		unit = "hour";
	} else if (ms >= 2 * MINUTE_MS) {
		n = (ms + MINUTE_MS / 2) / MINUTE_MS;
		unit = "minute";
	}
	n = n > 0 ? n : 1;
	(void)snprintf(text, WORDS_TIME_SIZE, "%" PRId64 " %s%s", n, unit, n == 1 ? "" : "s");
	return text;
}

const char *words_many(struct arena *arena, uint64_t n, const char *one, const char *many)
{
	char count[WORDS_COUNT_SIZE];
	return words_printf(arena, "%s %s", words_count(count, n), n == 1 ? one : many);
}

const char *words_moment(char text[WORDS_TIME_SIZE], int64_t at_ms)
{
	char stamp[CLOCK_TEXT_SIZE];
	clock_text(at_ms, stamp);
	(void)snprintf(text, WORDS_TIME_SIZE, "%.10s %.8s UTC", stamp, stamp[0] ? stamp + 11 : "");
	return text;
}
