/* SPDX-License-Identifier: BSD-2-Clause */
/* The pieces of Sendmail's records. */
#include "logparse/sendmail.h"

#include "base/ascii.h"

enum { KEY_MAX = 16, ID_MIN = 7, ID_MAX = 24 };

size_t sendmail_first(struct span s, const char *what)
{
	const uint8_t *hit = s.len ? memmem(s.at, s.len, what, strlen(what)) : NULL;
	return hit ? (size_t)(hit - s.at) : s.len;
}

size_t sendmail_last(struct span s, const char *what)
{
	size_t len = strlen(what), at;
	if (s.len < len)
		return s.len;
	for (at = s.len - len + 1; at > 0; at--) {
		const uint8_t *hit = memrchr(s.at, what[0], at);
		if (!hit)
			break;
		at = (size_t)(hit - s.at) + 1;
		if (memcmp(hit, what, len) == 0)
			return at - 1;
	}
	return s.len;
}

bool sendmail_key(const struct sendmail_field *f, const char *key)
{
	return f->key.len == strlen(key) && memcmp(f->key.at, key, f->key.len) == 0;
}

/* End of a value that may hold addresses; s.len and *ret_open: a bracket or quote has no partner. */
static size_t value_end(struct span s, bool *ret_open)
{
	bool quoted = false, angle = false;
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.at[i];
		if (c == '\\' && quoted)
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '<' || c == '>'))
			angle = c == '<';
		else if (!quoted && !angle && c == ',' && i + 1 < s.len && s.at[i + 1] == ' ')
			return i;
	}
	*ret_open = quoted || angle;
	return s.len;
}

bool sendmail_next(struct span *rest, struct sendmail_field *ret_field)
{
	struct sendmail_field f = {0};
	size_t n = 0;
	while (n < rest->len && n < KEY_MAX &&
	       (ascii_is_alpha(rest->at[n]) || ascii_is_digit(rest->at[n]) || rest->at[n] == '_'))
		n++;
	if (n == 0 || n >= rest->len || rest->at[n] != '=')
		return false;
	f.key = span_of(rest->at, n);
	*rest = span_from(*rest, n + 1);
	n = value_end(*rest, &f.broken);
	if (f.broken)
		n = sendmail_first(*rest, ", ");
	f.value = span_of(rest->at, n);
	*rest = span_from(*rest, n + 2);
	*ret_field = f;
	return true;
}

void sendmail_peer(struct span text, struct span *ret_name, struct addr *ret_addr)
{
	uint16_t port;
	size_t open = span_find(text, '[');
	struct span name;
	part_peer(text, &name, ret_addr, &port);
	if (open < text.len)
		name = span_of(text.at, open);
	name = span_trim(name);
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	*ret_name = name;
}

bool sendmail_id(struct span s)
{
	bool digit = false;
	if (s.len < ID_MIN || s.len > ID_MAX)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (ascii_is_digit(s.at[i]))
			digit = true;
		else if (!ascii_is_alpha(s.at[i]))
			return false;
	}
	return digit;
}
