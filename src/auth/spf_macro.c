/* SPDX-License-Identifier: BSD-2-Clause */
/* Macros (RFC 7208 section 7). */
#include <stdio.h>
#include <string.h>

#include "auth/spf_parts.h"
#include "base/ascii.h"

enum { PARTS_MAX = 130 /* of a value that is split: an address of IPv6 has 32, a name 127 */ };

struct macro {
	uint8_t letter; /* small */
	bool escape;    /* it was written in capitals (7.3) */
	unsigned int keep;
	bool reverse;
	struct span delimiters; /* empty: "." */
};

/* Digits, which must not come to nought (7.1), and "r". @return where the delimiters begin; 0: no macro. */
static size_t read_transformers(struct span text, size_t at, struct macro *m)
{
	for (; at < text.len && ascii_is_digit(text.at[at]); at++) {
		m->keep = m->keep > 999 ? 999 : m->keep * 10 + text.at[at] - '0';
		if (m->keep == 0)
			return 0;
	}
	m->reverse = at < text.len && ascii_lower(text.at[at]) == 'r';
	return at + m->reverse;
}

/* "%{", letter, digits, "r", delimiters, "}". @return its octets; 0: it is none. */
static size_t read_macro(struct span text, struct macro *m)
{
	size_t at;
	*m = (struct macro){0};
	if (text.len < 4 || text.at[0] != '%' || text.at[1] != '{' || !ascii_is_alpha(text.at[2]))
		return 0;
	m->letter = ascii_lower(text.at[2]);
	m->escape = ascii_is_upper(text.at[2]);
	at = memchr("slodiphcrtv", m->letter, 11) ? read_transformers(text, 3, m) : 0;
	if (at == 0)
		return 0;
	m->delimiters.at = text.at + at;
	for (; at < text.len && memchr(".-+,/_=", text.at[at], 7); at++)
		m->delimiters.len++;
	return at < text.len && text.at[at] == '}' ? at + 1 : 0;
}

/* "." toplabel [ "." ] at the end of what is literal */
static bool ends_with_toplabel(struct span text)
{
	size_t begin, alpha = 0, dash = 0;
	if (text.len && text.at[text.len - 1] == '.')
		text.len--;
	for (begin = text.len; begin && text.at[begin - 1] != '.'; begin--) {
		uint8_t c = text.at[begin - 1];
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-')
			return false;
		alpha += ascii_is_alpha(c);
		dash += c == '-';
	}
	return begin && begin < text.len && (alpha || dash) && text.at[begin] != '-' && text.at[text.len - 1] != '-';
}

bool spf_macro_valid(struct span text, bool domain, bool exp)
{
	size_t literal = 0; /* where the text behind the last macro begins */
	bool macro_last = false;
	for (size_t at = 0; at < text.len;) {
		struct macro m;
		size_t len = read_macro(span_from(text, at), &m);
		if (len && !exp && memchr("crt", m.letter, 3))
			return false;
		macro_last = len > 0;
		if (!len && text.at[at] == '%') {
			if (at + 1 == text.len || !memchr("%_-", text.at[at + 1], 3))
				return false;
			len = 2;
		} else if (!len) {
			if (text.at[at] < 0x21 - exp || text.at[at] > 0x7e) /* an explanation has blanks */
				return false;
			len = 1;
		}
		at += len;
		if (macro_last)
			literal = at;
	}
	return !domain || macro_last || ends_with_toplabel(span_from(text, literal));
}

/* ---- values ---- */

/* Dotted: octets of IPv4, nibbles of IPv6 (7.3, %{i}) */
static void add_address(const struct addr *a, struct buf *out)
{
	if (a->family == 4) {
		buf_printf(out, "%u.%u.%u.%u", a->octets[0], a->octets[1], a->octets[2], a->octets[3]);
		return;
	}
	for (int i = 0; i < 32; i++)
		buf_printf(out, "%s%X", i ? "." : "", i & 1 ? a->octets[i / 2] & 15U : a->octets[i / 2] >> 4);
}

/* %{p}: <domain> itself, else a name below it, else any (7.3) */
static enum spf_got add_validated(struct spf *s, struct span domain, struct buf *out)
{
	struct span names[SPF_NAMES_MAX], best = span_str("unknown");
	size_t count = 0;
	int rank = 0;
	enum spf_got got = spf_validated(s, names, &count);
	for (size_t i = 0; got == SPF_GOT && i < count; i++) {
		struct span tail =
			names[i].len > domain.len ? span_from(names[i], names[i].len - domain.len) : names[i];
		bool below = names[i].len > domain.len && span_equal_nocase(tail, domain) &&
			     names[i].at[names[i].len - domain.len - 1] == '.';
		int now = span_equal_nocase(names[i], domain) ? 3 : below ? 2 : 1;
		if (now > rank) {
			rank = now;
			best = names[i];
		}
	}
	if (got == SPF_GOT)
		buf_add(out, best);
	return got;
}

static enum spf_got add_value(struct spf *s, uint8_t letter, struct span domain, struct buf *out)
{
	char text[ADDR_TEXT_SIZE];
	switch (letter) {
	case 's':
		buf_add(out, s->local);
		buf_add_char(out, '@');
		buf_add(out, s->sender_domain);
		break;
	case 'l':
		buf_add(out, s->local);
		break;
	case 'o':
		buf_add(out, s->sender_domain);
		break;
	case 'd':
		buf_add(out, domain);
		break;
	case 'i':
		add_address(&s->query.ip, out);
		break;
	case 'p':
		return add_validated(s, domain, out);
	case 'v':
		buf_add_str(out, s->query.ip.family == 4 ? "in-addr" : "ip6");
		break;
	case 'h':
		buf_add(out, s->query.helo);
		break;
	case 'c':
		addr_text(&s->query.ip, text);
		buf_add_str(out, text);
		break;
	case 'r':
		buf_add(out, s->query.receiver.len ? s->query.receiver : span_str("unknown"));
		break;
	default: /* t */
		buf_printf(out, "%lld", (long long)s->query.time_s);
		break;
	}
	return SPF_GOT;
}

/* ---- transformers ---- */

static void add_octets(struct span text, bool escape, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		bool unreserved = ascii_is_alpha(c) || ascii_is_digit(c) || memchr("-._~", c, 4); /* RFC 3986 2.3 */
		if (escape && !unreserved)
			buf_printf(out, "%%%02X", c);
		else
			buf_add_char(out, (char)c);
	}
}

static void add_transformed(struct span value, const struct macro *m, struct buf *out)
{
	struct span delimiters = m->delimiters.len ? m->delimiters : span_str("."), parts[PARTS_MAX];
	size_t count = 0, from, begin = 0;
	for (size_t i = 0; i <= value.len && count < PARTS_MAX; i++)
		if (i == value.len || memchr(delimiters.at, value.at[i], delimiters.len)) {
			parts[count++] = span_of(value.at + begin, i - begin);
			begin = i + 1;
		}
	for (size_t i = 0; m->reverse && i < count / 2; i++) {
		struct span other = parts[i];
		parts[i] = parts[count - 1 - i];
		parts[count - 1 - i] = other;
	}
	from = m->keep && m->keep < count ? count - m->keep : 0;
	for (size_t i = from; i < count; i++) {
		if (i > from)
			buf_add_char(out, '.');
		add_octets(parts[i], m->escape, out);
	}
}

static enum spf_got add_macro(struct spf *s, const struct macro *m, struct span domain, struct buf *out)
{
	struct buf value = buf_make(SPF_EXPANDED_MAX);
	enum spf_got got = add_value(s, m->letter, domain, &value);
	if (got == SPF_GOT && value.error)
		got = SPF_LIMIT;
	if (got == SPF_GOT && !m->keep && !m->reverse && !m->delimiters.len)
		add_octets(buf_span(&value), m->escape, out);
	else if (got == SPF_GOT)
		add_transformed(buf_span(&value), m, out);
	buf_release(&value);
	return got;
}

enum spf_got spf_expand(struct spf *s, struct span text, struct span domain, struct buf *out)
{
	for (size_t at = 0; at < text.len;) {
		struct macro m;
		size_t len = read_macro(span_from(text, at), &m);
		if (len) {
			enum spf_got got = add_macro(s, &m, domain, out);
			if (got != SPF_GOT)
				return got;
		} else if (text.at[at] == '%' && at + 1 < text.len) {
			buf_add_str(out, text.at[at + 1] == '_' ? " " : text.at[at + 1] == '-' ? "%20" : "%");
			len = 2;
		} else {
			buf_add_char(out, (char)text.at[at]);
			len = 1;
		}
		at += len;
	}
	return out->error ? SPF_LIMIT : SPF_GOT;
}
