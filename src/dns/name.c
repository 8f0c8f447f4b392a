/* SPDX-License-Identifier: BSD-2-Clause */
/* Domain names: text, wire form, reversed addresses. */
#include "dns/name.h"

#include <errno.h>

#include "base/ascii.h"
#include "base/cursor.h"

/* One character of a label, escapes taken off (RFC 1035 5.1). @return its octet, or -EINVAL. */
static int read_octet(struct cursor *c)
{
	uint8_t octet = cursor_u8(c);
	unsigned int value;
	if (octet != '\\')
		return octet;
	octet = cursor_u8(c);
	if (!ascii_is_digit(octet))
		return c->error ? -EINVAL : octet;
	value = (octet - '0') * 100u;
	for (unsigned int weight = 10; weight; weight /= 10) {
		octet = cursor_u8(c);
		if (!ascii_is_digit(octet))
			return -EINVAL;
		value += (octet - '0') * weight;
	}
	return value <= 255 ? (int)value : -EINVAL;
}

/* One label, and the dot after it if there is one. */
static int read_label(struct cursor *c, struct dns_name *name)
{
	uint8_t label[DNS_LABEL_MAX];
	size_t len = 0;
	while (cursor_left(c) > 0 && c->data.at[c->pos] != '.') {
		int octet = read_octet(c);
		if (octet < 0)
			return -EINVAL;
		if (len == sizeof(label))
			return -ENAMETOOLONG;
		label[len++] = (uint8_t)octet;
	}
	if (len == 0)
		return -EINVAL;
	if (name->len + 1 + len + 1 > DNS_NAME_MAX)
		return -ENAMETOOLONG;
	name->wire[name->len] = (uint8_t)len;
	memcpy(name->wire + name->len + 1, label, len);
	name->len += (uint8_t)(1 + len);
	if (cursor_left(c) > 0)
		cursor_u8(c);
	return 0;
}

int dns_name_parse(struct span text, struct dns_name *ret_name)
{
	struct dns_name name;
	struct cursor c = cursor_of(text);
	name.len = 0;
	if (text.len == 0)
		return -EINVAL;
	if (!span_equal(text, span_str("."))) {
		while (cursor_left(&c) > 0) {
			int r = read_label(&c, &name);
			if (r < 0)
				return r;
		}
	}
	name.wire[name.len++] = 0;
	ret_name->len = name.len;
	memcpy(ret_name->wire, name.wire, name.len);
	return 0;
}

void dns_name_text(const struct dns_name *name, char text[DNS_NAME_TEXT_SIZE])
{
	char *out = text;
	size_t at = 0;
	while (at < name->len && name->wire[at] != 0) {
		size_t end = at + 1 + name->wire[at];
		if (at > 0)
			*out++ = '.';
		for (at++; at < end && at < name->len; at++) {
			uint8_t octet = name->wire[at];
			if (octet > ' ' && octet <= '~') {
				if (octet == '.' || octet == '\\')
					*out++ = '\\';
				*out++ = (char)octet;
				continue;
			}
			*out++ = '\\';
			*out++ = (char)('0' + octet / 100);
			*out++ = (char)('0' + octet / 10 % 10);
			*out++ = (char)('0' + octet % 10);
		}
	}
	if (out == text)
		*out++ = '.';
	*out = '\0';
}

int dns_name_join(const struct dns_name *first, const struct dns_name *second, struct dns_name *ret_name)
{
	size_t head = first->len ? first->len - 1u : 0; /* without its root label */
	struct dns_name name;
	if (head + second->len > DNS_NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name.wire, first->wire, head);
	memcpy(name.wire + head, second->wire, second->len);
	name.len = (uint8_t)(head + second->len);
	ret_name->len = name.len;
	memcpy(ret_name->wire, name.wire, name.len);
	return 0;
}

static uint8_t *put_decimal_label(uint8_t *out, uint8_t octet)
{
	uint8_t *len = out++;
	if (octet >= 100)
		*out++ = '0' + octet / 100;
	if (octet >= 10)
		*out++ = '0' + octet / 10 % 10;
	*out++ = '0' + octet % 10;
	*len = (uint8_t)(out - len - 1);
	return out;
}

int dns_name_reverse(const struct addr *a, const struct dns_name *zone, struct dns_name *ret_name)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t head[64], *out = head;
	size_t len;
	if (a->family == 4) {
		for (int i = 3; i >= 0; i--)
			out = put_decimal_label(out, a->octets[i]);
	} else if (a->family == 6) {
		for (int i = 15; i >= 0; i--) {
			*out++ = 1;
			*out++ = (uint8_t)hex[a->octets[i] & 15];
			*out++ = 1;
			*out++ = (uint8_t)hex[a->octets[i] >> 4];
		}
	} else {
		return -EINVAL;
	}
	len = (size_t)(out - head);
	if (len + zone->len > DNS_NAME_MAX)
		return -ENAMETOOLONG;
	memmove(ret_name->wire + len, zone->wire, zone->len); /* zone may be ret_name */
	memcpy(ret_name->wire, head, len);
	ret_name->len = (uint8_t)(len + zone->len);
	return 0;
}

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	/* mostly the case is the same too; length octets are below 'A', so they may be compared like letters */
	if (a->len != b->len)
		return false;
	return memcmp(a->wire, b->wire, a->len) == 0 ||
	       span_equal_nocase(span_of(a->wire, a->len), span_of(b->wire, b->len));
}

bool dns_name_under(const struct dns_name *name, const struct dns_name *parent)
{
	size_t at = 0;
	while (at < name->len && name->len - at > parent->len)
		at += 1u + name->wire[at];
	return at < name->len &&
	       span_equal_nocase(span_of(name->wire + at, name->len - at), span_of(parent->wire, parent->len));
}
