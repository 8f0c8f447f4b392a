/* SPDX-License-Identifier: BSD-2-Clause */
#include "logparse/format.h"

#include <assert.h>

#include "base/ascii.h"

static const struct format_row *const formats[] = {
#define MAIL_FORMAT(place, name, file) &format_##file,
#define MAIL_PROGRAM(name, file)       &format_##file,
#include "logparse/formats.inc"
};

#define MAIL_FORMAT(place, name, file) | 1ULL << (place)
#define MAIL_PROGRAM(name, file)
static_assert((0
#include "logparse/formats.inc"
	       ) == (1ULL << FORMAT_COUNT) - 1,
	      "each format has a place of its own, and none is left out");

enum {
	FORMAT_ROWS = sizeof(formats) / sizeof(formats[0]),
	HEAD_MAX = 300, /* octets of a line in which its program may be named */
};

/* rsyslog and syslogd fold equal lines of any program: "message repeated 3 times: [ ...]". */
static bool is_repeated(struct span text)
{
	return text.len > 17 && text.at[0] == 'm' && span_starts(text, "message repeated ");
}

/* A name as words that are equal where names of its length are. The last words are laid over those before them, so that
 * no octet behind the name is read. */
static void name_words(struct span name, uint64_t ret_words[FORMATS_NAME_MAX / 8])
{
	const uint8_t *at = name.at, *end = at + name.len;
	ret_words[0] = ret_words[1] = ret_words[2] = ret_words[3] = 0;
	if (name.len >= 8) {
		ret_words[0] = octets_load8(at);
		ret_words[1] = octets_load8(end - 8);
	} else {
		ret_words[0] = octets_short(at, name.len);
	}
	if (name.len > 16) {
		ret_words[2] = octets_load8(at + 8);
		ret_words[3] = octets_load8(end - 16);
	}
}

static size_t place_of(const uint64_t words[FORMATS_NAME_MAX / 8], size_t len)
{
	return ((words[0] ^ words[1] << 1 ^ words[3] << 2) + len) * 0x9e3779b97f4a7c15U >> 58;
}
static_assert(FORMATS_KNOWN == 1 << (64 - 58), "place_of() has as many values");

static bool same_name(const struct format_known *k, const uint64_t words[FORMATS_NAME_MAX / 8], size_t len)
{
	return k->len == len && k->known && k->name[0] == words[0] && k->name[1] == words[1] &&
	       k->name[2] == words[2] && k->name[3] == words[3];
}

static void ask_rows(struct span program, struct format_known *k)
{
	static_assert(FORMAT_ROWS <= 32, "a row has a bit in `ask`");
	k->ask = k->ask_first = 0;
	for (unsigned int row = 0; row < FORMAT_ROWS; row++) {
		k->row = (uint8_t)row;
		k->kind = 0;
		switch (formats[row]->program(program, &k->kind)) {
		case CLAIM_YES:
			return;
		case CLAIM_ASK:
			k->ask |= 1U << row;
			if (formats[row]->sure)
				k->ask_first |= 1U << row;
			break;
		case CLAIM_NO:
			break;
		}
	}
	k->row = FORMAT_ROWS; /* nobody's for sure */
}

/* The name's place, or the free one that it would take. */
static struct format_known *find(struct formats *f, const uint64_t *words, size_t len)
{
	size_t at = place_of(words, len);
	while (f->known[at].known && !same_name(&f->known[at], words, len))
		at = (at + 1) % FORMATS_KNOWN;
	return &f->known[at];
}

/* A table that is half full is emptied: no more programs than that write of mail, but a name may be anything. */
static const struct format_known *learn(struct formats *f, struct span program, const uint64_t *words)
{
	struct format_known *k = find(f, words, program.len);
	if (k->known)
		return k;
	if (f->count == FORMATS_KNOWN / 2) {
		*f = (struct formats){.count = 0};
		k = find(f, words, program.len);
	}
	memcpy(k->name, words, sizeof(k->name));
	k->len = (uint16_t)program.len;
	k->known = true;
	f->count++;
	ask_rows(program, k);
	return k;
}

static const struct format_known *known_of(struct formats *f, struct span program)
{
	uint64_t words[FORMATS_NAME_MAX / 8];
	const struct format_known *k;
	if (!program.len) {
		if (!f->nameless.known)
			ask_rows(program, &f->nameless);
		f->nameless.known = true;
		return &f->nameless;
	}
	if (program.len > FORMATS_NAME_MAX) {
		ask_rows(program, &f->other);
		return &f->other;
	}
	name_words(program, words);
	k = &f->known[place_of(words, program.len)];
	return same_name(k, words, program.len) ? k : learn(f, program, words);
}

static enum line_result parse_as(const struct format_row *row, const struct log_line *l, uint32_t kind, uint32_t want,
				 struct mail_event *ret_event)
{
	enum line_result result = row->parse(l, kind, want, ret_event);
	ret_event->format = row->format;
	return result;
}

static bool in_name(uint8_t c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '/' || c == '-' || c == '_';
}

/* "postfix/smtpd", or a name with "[12]" or a ':' behind it. */
static bool is_server(struct span name, struct span after)
{
	struct format_known k;
	bool closed = after.len > 1 && (after.at[0] == '[' ? ascii_is_digit(after.at[1]) : after.at[0] == ':');
	if (!closed && span_find(name, '/') == name.len)
		return false;
	ask_rows(name, &k);
	return k.row < FORMAT_ROWS;
}

bool format_names_server(struct span raw)
{
	size_t at = 0, n;
	if (raw.len > HEAD_MAX)
		raw.len = HEAD_MAX;
	for (; at < raw.len; at += n + 1) {
		for (n = 0; at + n < raw.len && in_name(raw.at[at + n]); n++)
			;
		if (n > 3 && is_server(span_of(raw.at + at, n), span_from(raw, at + n)))
			return true;
	}
	return false;
}

/* @return the row that the line itself tells; NULL: none. */
static const struct format_row *claimed_by(const struct format_known *k, const struct log_line *l, uint32_t *ret_kind)
{
	for (uint32_t ask = k->ask_first; ask; ask &= ask - 1)
		if ((*ret_kind = formats[__builtin_ctz(ask)]->sure(l)))
			return formats[__builtin_ctz(ask)];
	for (uint32_t ask = k->ask; ask; ask &= ask - 1)
		if (formats[__builtin_ctz(ask)]->claims(l))
			return formats[__builtin_ctz(ask)];
	return NULL;
}

enum line_result format_parse(struct formats *f, const struct log_line *l, uint32_t want, struct mail_event *ret_event)
{
	const struct format_known *k;
	const struct format_row *row;
	uint32_t kind = 0;
	if (is_repeated(l->text))
		return format_logger(l, ret_event);
	k = known_of(f, l->program);
	row = k->ask ? claimed_by(k, l, &kind) : NULL;
	if (row)
		return parse_as(row, l, kind, want, ret_event);
	if (k->row < FORMAT_ROWS)
		return parse_as(formats[k->row], l, k->kind, want, ret_event);
	return format_logger(l, ret_event);
}
