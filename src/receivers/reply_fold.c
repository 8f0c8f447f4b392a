/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of a reply that change from one message to the next: addresses, numbers, ids. */
#include "base/ascii.h"
#include "base/hash.h"
#include "receivers/reply.h"

enum {
	ID_OCTETS_MIN = 12, /* shorter ones are codes of the receiver ("AS16012609", "OFR004_102") */
	ID_DIGITS_MIN = 3,
	NUMBER_OCTETS_MIN = 9, /* times and counters; shorter ones may be codes */
};

enum octet_class { WORD = 1, DIGIT = 2 };

static const uint8_t classes[256] = {
	['0' ... '9'] = WORD | DIGIT,
	['a' ... 'z'] = WORD,
	['A' ... 'Z'] = WORD,
	['_'] = WORD,
	['-'] = WORD,
	[':'] = WORD,
};

static inline bool is_word_octet(uint8_t c)
{
	return classes[c] & WORD;
}

/* One to three digits up to 255. @return how many; 0: another number */
static size_t quad_part_len(const uint8_t *at, size_t len)
{
	unsigned int value = 0;
	size_t digits = 0;
	for (; digits < len && digits < 4 && ascii_is_digit(at[digits]); digits++)
		value = value * 10 + (at[digits] - '0');
	return digits <= 3 && value <= 255 ? digits : 0;
}

/* A dotted quad at the beginning, also of a longer name. */
static size_t quad_len(const uint8_t *at, size_t len)
{
	size_t i = 0;
	for (int part = 0; part < 4; part++) {
		size_t digits = quad_part_len(at + i, len - i);
		i += digits;
		if (digits == 0 || (part < 3 && (i >= len || at[i++] != '.')))
			return 0;
	}
	if (i < len && (ascii_is_alpha(at[i]) || ascii_is_digit(at[i])))
		return 0;
	/* a version number or the like has more parts */
	return i + 1 < len && at[i] == '.' && ascii_is_digit(at[i + 1]) ? 0 : i;
}

static size_t ip6_len(const uint8_t *at, size_t len)
{
	size_t i = 0, colons = 0;
	struct addr a;
	while (i < len && i < ADDR_TEXT_SIZE &&
	       (ascii_is_digit(at[i]) || (ascii_lower(at[i]) >= 'a' && ascii_lower(at[i]) <= 'f') || at[i] == ':' ||
		at[i] == '.'))
		colons += at[i++] == ':';
	while (i && (at[i - 1] == '.' || (at[i - 1] == ':' && (i < 2 || at[i - 2] != ':'))))
		i--;
	return colons >= 2 && addr_parse(span_of(at, i), &a) == 0 ? i : 0;
}

/* The word at the beginning: its octets, and how many of them are digits and colons. */
static size_t word_len(const uint8_t *at, size_t len, size_t *ret_digits, size_t *ret_colons)
{
	size_t i = 0, digits = 0, colons = 0;
	for (; i < len && is_word_octet(at[i]); i++) {
		digits += classes[at[i]] >> 1;
		colons += at[i] == ':';
	}
	*ret_digits = digits;
	*ret_colons = colons;
	return i;
}

/* Times and ids go on behind a dot: "2026-11-24T12:00:00.123Z". */
static size_t id_tail(const uint8_t *at, size_t len, size_t i)
{
	while (i + 1 < len && at[i] == '.' && ascii_is_digit(at[i + 1])) {
		size_t digits, colons;
		i += 1 + word_len(at + i + 1, len - i - 1, &digits, &colons);
	}
	return i;
}

static bool word_token(const uint8_t *at, size_t len, struct reply_token *t)
{
	size_t digits, colons, i = word_len(at, len, &digits, &colons);
	t->kind = TOKEN_ADDRESS;
	t->len = colons >= 2 ? ip6_len(at, len) : 0;
	if (!t->len && i < len && at[i] == '.' && i == digits)
		t->len = quad_len(at, len);
	if (t->len)
		return true;
	if (i && i == digits) {
		t->kind = TOKEN_NUMBER;
		t->len = i;
		return true;
	}
	t->kind = i >= ID_OCTETS_MIN && digits >= ID_DIGITS_MIN ? TOKEN_ID : TOKEN_TEXT;
	t->len = t->kind == TOKEN_ID ? id_tail(at, len, i) : i;
	return t->kind == TOKEN_ID;
}

bool reply_token_next(struct span text, size_t *at, struct reply_token *ret_token)
{
	struct reply_token special = {0};
	size_t i = *at;
	if (i >= text.len)
		return false;
	while (i < text.len) {
		size_t n;
		special.at = i;
		if (text.at[i] == REPLY_MASK) {
			for (n = 1; i + n < text.len && text.at[i + n] == REPLY_MASK;)
				n++;
			special.kind = TOKEN_MASK;
			special.len = n;
			break;
		}
		if (is_word_octet(text.at[i])) {
			if (word_token(text.at + i, text.len - i, &special))
				break;
			i += special.len;
			special.len = 0;
		} else {
			i++;
		}
	}
	if (special.len && special.at == *at) {
		*ret_token = special;
		*at = special.at + special.len;
		return true;
	}
	if (special.len)
		i = special.at;
	*ret_token = (struct reply_token){TOKEN_TEXT, *at, i - *at};
	*at = i;
	return true;
}

static bool folds(const struct reply_token *t)
{
	return t->kind != TOKEN_TEXT && (t->kind != TOKEN_NUMBER || t->len >= NUMBER_OCTETS_MIN);
}

static void key_add(struct reply_key *k, struct span text, size_t from, size_t to)
{
	memcpy(k->text + k->len, text.at + from, to - from);
	k->len += to - from;
}

void reply_key_make(struct reply_key *k, const struct reply_text *t, uint64_t seed)
{
	struct span text = reply_masked(t);
	struct reply_token token;
	size_t at = 0, copied = 0;
	k->len = k->part_count = 0;
	k->usable = true;
	k->seed = seed;
	while (k->usable && reply_token_next(text, &at, &token)) {
		if (!folds(&token))
			continue;
		key_add(k, text, copied, token.at);
		copied = token.at + token.len;
		k->usable = k->part_count < REPLY_TOKENS_MAX;
		if (k->usable)
			k->parts[k->part_count++] = token;
		k->text[k->len++] = (char)(REPLY_MASK + token.kind); /* no text has these octets */
	}
	key_add(k, text, copied, text.len);
	k->hash = hash_octets(span_of(k->text, k->len), seed); /* the whole key is compared as well */
}

/* Digits inside words as well: "S3140" is "S#". */
static void add_text(struct buf *out, struct span text)
{
	size_t at = 0;
	while (at < text.len) {
		size_t from = at;
		while (at < text.len && !ascii_is_digit(text.at[at]))
			at++;
		buf_add(out, span_of(text.at + from, at - from));
		if (at < text.len)
			buf_add_char(out, '#');
		while (at < text.len && ascii_is_digit(text.at[at]))
			at++;
	}
}

void reply_template(struct span reply, struct buf *out)
{
	static const char *const words[] = {NULL, "<address>", "<mail>", "<id>", "#"};
	struct reply_text t;
	struct reply_token token;
	struct span text;
	size_t at;
	reply_prepare(&t, NULL, 0, (struct span){0}, reply);
	text = reply_masked(&t);
	buf_add(out, span_of(t.plain, t.head));
	for (at = t.head; reply_token_next(text, &at, &token);) {
		if (token.kind == TOKEN_TEXT)
			add_text(out, span_of(text.at + token.at, token.len));
		else
			buf_add_str(out, words[token.kind]);
	}
}
