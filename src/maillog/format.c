/* SPDX-License-Identifier: BSD-2-Clause */
#include "maillog/format.h"

/* In the order in which they are asked: the most frequent first; formats told by shape alone after those with names. */
static const struct format_row *const formats[] = {&format_postfix,   &format_dovecot, &format_sendmail,
						   &format_opensmtpd, &format_filter,  &format_php,
						   &format_qmail,     &format_exim};

enum { FORMAT_ROWS = sizeof(formats) / sizeof(formats[0]) };

/* rsyslog and syslogd fold equal lines of any program: "message repeated 3 times: [ ...]". */
static bool is_repeated(struct span text)
{
	return text.len > 17 && text.at[0] == 'm' && span_starts(text, "message repeated ");
}

static uint64_t load8(const uint8_t *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof(word));
	return word;
}

static uint64_t load4(const uint8_t *at)
{
	uint32_t word;
	memcpy(&word, at, sizeof(word));
	return word;
}

/* A name as words that are equal where names of its length are. The last words are laid over those before them, so that
 * no octet behind the name is read. */
static void name_words(struct span name, uint64_t ret_words[FORMATS_NAME_MAX / 8])
{
	const uint8_t *at = name.at, *end = at + name.len;
	ret_words[0] = ret_words[1] = ret_words[2] = ret_words[3] = 0;
	if (name.len >= 8) {
		ret_words[0] = load8(at);
		ret_words[1] = load8(end - 8);
	} else if (name.len >= 4) {
		ret_words[0] = load4(at);
		ret_words[1] = load4(end - 4);
	} else if (name.len) {
		ret_words[0] = (uint64_t)at[0] << 16 | (uint64_t)at[name.len / 2] << 8 | end[-1];
	}
	if (name.len > 16) {
		ret_words[2] = load8(at + 8);
		ret_words[3] = load8(end - 16);
	}
}

static size_t place_of(const uint64_t words[FORMATS_NAME_MAX / 8], size_t len)
{
	uint64_t h = (words[0] ^ len) * 0x9e3779b97f4a7c15U ^ words[1] ^ words[3];
	return (h * 0xd1b54a32d192ed03U >> 32) % FORMATS_KNOWN;
}

static void ask_rows(struct span program, struct format_known *k)
{
	k->ask = 0;
	for (k->row = 0; k->row < FORMAT_ROWS; k->row++) {
		k->kind = 0;
		switch (formats[k->row]->program(program, &k->kind)) {
		case CLAIM_YES:
			return;
		case CLAIM_ASK:
			k->ask |= 1U << k->row;
			break;
		case CLAIM_NO:
			break;
		}
	}
}

static const struct format_known *known_of(struct formats *f, struct span program)
{
	uint64_t words[FORMATS_NAME_MAX / 8];
	struct format_known *k;
	if (program.len > FORMATS_NAME_MAX) {
		ask_rows(program, &f->other);
		return &f->other;
	}
	name_words(program, words);
	k = &f->known[place_of(words, program.len)];
	if (k->known && k->len == program.len && k->name[0] == words[0] && k->name[1] == words[1] &&
	    k->name[2] == words[2] && k->name[3] == words[3])
		return k;
	memcpy(k->name, words, sizeof(words));
	k->len = (uint16_t)program.len;
	k->known = true;
	ask_rows(program, k);
	return k;
}

static enum line_result parse_as(const struct format_row *row, const struct log_line *l, uint32_t kind, uint32_t want,
				 struct mail_event *ret_event)
{
	enum line_result result = row->parse(l, kind, want, ret_event);
	ret_event->format = row->format;
	return result;
}

enum line_result format_parse(struct formats *f, const struct log_line *l, uint32_t want, struct mail_event *ret_event)
{
	const struct format_known *k;
	if (is_repeated(l->text))
		return format_logger(l, ret_event);
	k = known_of(f, l->program);
	for (uint32_t ask = k->ask; ask; ask &= ask - 1) {
		const struct format_row *row = formats[__builtin_ctz(ask)];
		if (row->claims(l))
			return parse_as(row, l, 0, want, ret_event);
	}
	if (k->row < FORMAT_ROWS)
		return parse_as(formats[k->row], l, k->kind, want, ret_event);
	return format_logger(l, ret_event);
}
