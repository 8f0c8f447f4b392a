/* SPDX-License-Identifier: BSD-2-Clause */
/* The members of a JSON object in a line (RFC 8259). */
#include <errno.h>

#include "base/ascii.h"
#include "logread/source_json.h"

static size_t blanks(struct span t, size_t at)
{
	while (at < t.len && ascii_is_space(t.at[at]))
		at++;
	return at;
}

/* `at` stands behind the opening quote. @return where the closing one stands; t.len: there is none. */
static size_t text_end(struct span t, size_t at)
{
	while (at < t.len && t.at[at] != '"')
		at += t.at[at] == '\\' ? 2 : 1;
	return at < t.len ? at : t.len;
}

/* `at` stands at a bracket. @return behind its partner; 0: there is none. */
static size_t nested_end(struct span t, size_t at)
{
	size_t depth = 0;
	for (; at < t.len; at++) {
		uint8_t c = t.at[at];
		if (c == '"') {
			at = text_end(t, at + 1);
		} else if (c == '[' || c == '{') {
			depth++;
		} else if (c == ']' || c == '}') {
			if (--depth == 0)
				return at + 1;
		}
	}
	return 0;
}

static size_t word_end(struct span t, size_t at)
{
	while (at < t.len && t.at[at] != ',' && t.at[at] != '}' && t.at[at] != ']' && !ascii_is_space(t.at[at]))
		at++;
	return at;
}

/* @return behind the value; 0: it is no value */
static size_t value_read(struct span t, size_t at, enum json_kind *ret_kind, struct span *ret_raw)
{
	size_t end;
	uint8_t c;
	if (at >= t.len)
		return 0;
	c = t.at[at];
	if (c == '"') {
		end = text_end(t, at + 1);
		*ret_kind = JSON_TEXT;
		*ret_raw = span_of(t.at + at + 1, end - at - 1);
		return end < t.len ? end + 1 : 0;
	}
	end = c == '[' || c == '{' ? nested_end(t, at) : word_end(t, at);
	if (end <= at)
		return 0;
	*ret_raw = span_of(t.at + at, end - at);
	*ret_kind = c == '[' ? JSON_LIST : c == '-' || ascii_is_digit(c) ? JSON_NUMBER : JSON_NOTHING;
	return end;
}

/* The octet before the next member: '{' of the first, ',' of the others; '}' ends. @return 1; 0; -EBADMSG. */
static int member_begin(struct json_object *o, size_t at)
{
	uint8_t c = at < o->text.len ? o->text.at[at] : 0;
	if (c == '}' && o->begun)
		return blanks(o->text, at + 1) == o->text.len ? 0 : -EBADMSG;
	if (c != (o->begun ? ',' : '{'))
		return -EBADMSG;
	at = blanks(o->text, at + 1);
	if (!o->begun && at < o->text.len && o->text.at[at] == '}')
		return blanks(o->text, at + 1) == o->text.len ? 0 : -EBADMSG;
	o->begun = true;
	o->pos = at;
	return 1;
}

int json_object_next(struct json_object *o, struct json_member *ret_member)
{
	size_t at, end;
	int r = member_begin(o, blanks(o->text, o->pos));
	if (r <= 0)
		return r;
	at = o->pos;
	if (at >= o->text.len || o->text.at[at] != '"')
		return -EBADMSG;
	end = text_end(o->text, at + 1);
	ret_member->key = span_of(o->text.at + at + 1, end - at - 1);
	at = blanks(o->text, end + 1);
	if (at >= o->text.len || o->text.at[at] != ':')
		return -EBADMSG;
	end = value_read(o->text, blanks(o->text, at + 1), &ret_member->kind, &ret_member->raw);
	if (!end)
		return -EBADMSG;
	o->pos = end;
	return 1;
}

int json_list_next(struct json_list *l, struct json_member *ret_member)
{
	size_t at = blanks(l->text, l->pos), end;
	uint8_t c = at < l->text.len ? l->text.at[at] : 0;
	if (c == ']' && l->pos)
		return 0;
	if (c != (l->pos ? ',' : '['))
		return -EBADMSG;
	at = blanks(l->text, at + 1);
	if (!l->pos && at < l->text.len && l->text.at[at] == ']')
		return 0;
	*ret_member = (struct json_member){0};
	end = value_read(l->text, at, &ret_member->kind, &ret_member->raw);
	if (!end)
		return -EBADMSG;
	l->pos = end;
	return 1;
}

/* Four hexadecimal digits. @return false: they are not. */
static bool hex4(struct span t, size_t at, uint32_t *ret_value)
{
	uint32_t v = 0;
	if (at + 4 > t.len)
		return false;
	for (size_t i = at; i < at + 4; i++) {
		uint8_t c = ascii_lower(t.at[i]);
		if (!ascii_is_digit(c) && (c < 'a' || c > 'f'))
			return false;
		v = v << 4 | (uint32_t)(ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	*ret_value = v;
	return true;
}

static void add_utf8(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_add_char(out, (char)c);
	} else if (c < 0x800) {
		buf_add_char(out, (char)(0xc0 | c >> 6));
		buf_add_char(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_add_char(out, (char)(0xe0 | c >> 12));
		buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_add_char(out, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_add_char(out, (char)(0xf0 | c >> 18));
		buf_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_add_char(out, (char)(0x80 | (c & 0x3f)));
	}
}

/* `at` stands behind "\u". @return behind the escape; surrogates are taken as a pair, one alone becomes U+FFFD. */
static size_t unescape_u(struct span t, size_t at, struct buf *out)
{
	uint32_t high, low;
	if (!hex4(t, at, &high)) {
		add_utf8(out, 0xfffd);
		return at;
	}
	at += 4;
	if (high < 0xd800 || high > 0xdfff) {
		add_utf8(out, high);
		return at;
	}
	if (high < 0xdc00 && at + 2 <= t.len && t.at[at] == '\\' && t.at[at + 1] == 'u' && hex4(t, at + 2, &low) &&
	    low >= 0xdc00 && low <= 0xdfff) {
		add_utf8(out, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
		return at + 6;
	}
	add_utf8(out, 0xfffd);
	return at;
}

static void unescape(struct span t, struct buf *out)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	size_t at = 0;
	while (at < t.len) {
		const uint8_t *escape = memchr(t.at + at, '\\', t.len - at), *named;
		size_t plain = escape ? (size_t)(escape - t.at) : t.len;
		buf_add(out, span_of(t.at + at, plain - at));
		if (plain + 1 >= t.len)
			return;
		at = plain + 2;
		named = memchr(from, t.at[plain + 1], sizeof(from) - 1);
		if (t.at[plain + 1] == 'u')
			at = unescape_u(t, at, out);
		else
			buf_add_char(out, named ? to[named - (const uint8_t *)from] : (char)t.at[plain + 1]);
	}
}

static bool list_octets(struct span list, struct buf *out)
{
	struct span item;
	enum json_kind kind;
	size_t at = blanks(list, 1), end;
	uint64_t octet;
	while ((end = value_read(list, at, &kind, &item))) {
		if (kind == JSON_TEXT) {
			unescape(item, out);
			return true;
		}
		if (kind != JSON_NUMBER || ascii_parse_u64(item, UINT8_MAX, &octet) < 0)
			return false;
		buf_add_char(out, (char)octet);
		at = blanks(list, end);
		if (at >= list.len || list.at[at] != ',')
			return true;
		at = blanks(list, at + 1);
	}
	return false;
}

bool json_member_octets(const struct json_member *m, struct buf *out)
{
	if (m->kind == JSON_TEXT)
		unescape(m->raw, out);
	else if (m->kind == JSON_NUMBER)
		buf_add(out, m->raw);
	return m->kind == JSON_LIST ? list_octets(m->raw, out) : m->kind != JSON_NOTHING;
}
