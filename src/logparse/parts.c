/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parsers of several formats share. */
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/ascii.h"
#include "logparse/format.h"

enum {
	PORT_DIGITS_MAX = 5,
	QUOTED_MAX = 4096, /* a command of 2048 octets (Postfix' line_length_limit), each behind a backslash */
};

const char *mail_format_text(enum mail_format f)
{
	static const char *const names[FORMAT_COUNT] = {
#define MAIL_FORMAT(place, name, file) [FORMAT_##name] = #file,
#define MAIL_PROGRAM(name, file)
#include "logparse/formats.inc"
	};
	return (size_t)f < FORMAT_COUNT ? names[f] : "";
}

const char *mail_outcome_text(enum mail_outcome o)
{
	static const char *const names[] = {"none",      "delivered", "deferred", "rejected", "expired",
					    "discarded", "held",      "waiting",  "removed"};
	return (size_t)o < sizeof(names) / sizeof(names[0]) ? names[o] : "";
}

/* From one first octet to the next, for n > 0. */
static const uint8_t *find_by_first(struct span text, const char *words, size_t n)
{
	const uint8_t *at = text.at, *end;
	if (text.len < n)
		return NULL;
	for (end = at + (text.len - n) + 1; at < end; at++) {
		at = memchr(at, words[0], (size_t)(end - at));
		if (!at || memcmp(at, words, n) == 0)
			return at;
	}
	return NULL;
}

#ifdef __SSE2__
/* Where among sixteen places the words begin, told by the first two octets; they end before `end`. NULL: nowhere. */
static const uint8_t *find_in_sixteen(const uint8_t *at, const uint8_t *end, const char *words, size_t n)
{
	__m128i a = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)at), _mm_set1_epi8(words[0])),
		b = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(at + 1)), _mm_set1_epi8(words[1]));
	unsigned int hits = (unsigned int)_mm_movemask_epi8(_mm_and_si128(a, b));
	for (; hits; hits &= hits - 1) {
		const uint8_t *hit = at + __builtin_ctz(hits);
		if ((size_t)(end - hit) >= n && memcmp(hit + 2, words + 2, n - 2) == 0)
			return hit;
	}
	return NULL;
}
#endif

const uint8_t *part_find_octets(struct span text, const char *words, size_t n)
{
	if (n == 0)
		return text.at;
#ifdef __SSE2__
	if (n >= 2 && text.len > 16) {
		const uint8_t *at = text.at, *end = text.at + text.len, *last = end - 17, *hit;
		for (; at < last; at += 16) {
			hit = find_in_sixteen(at, end, words, n);
			if (hit)
				return hit;
		}
		return find_in_sixteen(last, end, words, n); /* may overlap the one before */
	}
#endif
	return find_by_first(text, words, n);
}

static const uint8_t *last_of(struct span s, uint8_t c)
{
	return s.at && s.len ? memrchr(s.at, c, s.len) : NULL;
}

void part_peer(struct span text, struct span *ret_name, struct addr *ret_addr, uint16_t *ret_port)
{
	const uint8_t *open = last_of(text, '['), *close = last_of(text, ']');
	struct span inside, after;
	uint64_t port = 0;
	*ret_name = text;
	*ret_addr = (struct addr){0};
	*ret_port = 0;
	if (!open || !close || close < open)
		return;
	*ret_name = span_of(text.at, (size_t)(open - text.at));
	inside = span_of(open + 1, (size_t)(close - open - 1));
	if (inside.len > 5 && memcmp(inside.at, "IPv6:", 5) == 0)
		inside = span_from(inside, 5);
	if (addr_parse(inside, ret_addr) < 0)
		*ret_addr = (struct addr){0};
	after = span_of(close + 1, (size_t)(text.at + text.len - close - 1));
	if (after.len > 1 && after.len <= PORT_DIGITS_MAX + 1 && after.at[0] == ':' &&
	    ascii_parse_u64(span_from(after, 1), UINT16_MAX, &port) == 0)
		*ret_port = (uint16_t)port;
}

static size_t digits_at(struct span s, size_t at)
{
	size_t n = 0;
	while (at + n < s.len && n < 4 && ascii_is_digit(s.at[at + n]))
		n++;
	return n;
}

/* RFC 3463: class 2, 4 or 5, subject and detail of one to three digits. */
static size_t status_len(struct span s, size_t at)
{
	size_t subject, detail;
	if (at + 5 > s.len || (s.at[at] != '2' && s.at[at] != '4' && s.at[at] != '5') || s.at[at + 1] != '.')
		return 0;
	subject = digits_at(s, at + 2);
	if (subject < 1 || subject > 3 || at + 2 + subject >= s.len || s.at[at + 2 + subject] != '.')
		return 0;
	detail = digits_at(s, at + 3 + subject);
	return detail < 1 || detail > 3 ? 0 : 3 + subject + detail;
}

void part_reply(struct span reply, uint16_t *ret_code, struct span *ret_status)
{
	size_t at = 0, len;
	*ret_code = 0;
	*ret_status = (struct span){NULL, 0};
	if (digits_at(reply, 0) == 3 && reply.at[0] >= '2' && reply.at[0] <= '5') {
		*ret_code = (uint16_t)((reply.at[0] - '0') * 100 + (reply.at[1] - '0') * 10 + reply.at[2] - '0');
		at = reply.len > 3 && memchr(" -#_", reply.at[3], 4) ? 4 : 3;
		if (at < reply.len && reply.at[at] == '#') /* "550 #5.1.0 Address rejected" */
			at++;
	}
	len = status_len(reply, at);
	if (len)
		*ret_status = span_of(reply.at + at, len);
}

static struct span value_at(struct span text, size_t at)
{
	struct span rest = span_of(text.at + at, text.len - at);
	const uint8_t *end = part_comma(rest);
	return end ? part_before(rest, end) : rest;
}

bool part_value(struct span text, const char *key, struct span *ret_value)
{
	size_t n = strlen(key);
	struct span rest = text;
	while (rest.len >= n) {
		const uint8_t *found = part_find(rest, key);
		if (!found)
			break;
		if (found == text.at || found[-1] == ' ') {
			*ret_value = value_at(text, (size_t)(found - text.at) + n);
			return true;
		}
		rest = span_of(found + 1, (size_t)(rest.at + rest.len - found - 1));
	}
	*ret_value = (struct span){NULL, 0};
	return false;
}

struct span part_address(struct span text)
{
	if (text.len >= 2 && text.at[0] == '<' && text.at[text.len - 1] == '>')
		text = span_of(text.at + 1, text.len - 2);
	if (text.len >= 2 && text.at[0] == '"' && text.at[text.len - 1] == '"')
		text = span_of(text.at + 1, text.len - 2);
	return text;
}

size_t part_quoted(struct span s)
{
	if (!s.len || s.at[0] != '"')
		return 0;
	for (size_t i = 1; i < s.len && i < QUOTED_MAX; i++) {
		if (s.at[i] == '\\')
			i++;
		else if (s.at[i] == '"')
			return i + 1 < s.len && (s.at[i + 1] == '@' || s.at[i + 1] == '>') ? i + 1 : 0;
	}
	return 0;
}
