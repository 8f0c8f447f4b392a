/* SPDX-License-Identifier: BSD-2-Clause */
/* Domain names in wire form (RFC 1035 3.1) and the names that lists are asked with (RFC 5782 2.1, 2.4). */
#include "dns/name.h"

#include <errno.h>
#include <stdio.h>

#include "base/ascii.h"

/* One octet of a label in master-file form (RFC 1035 5.1): itself, \X or \DDD. */
static int unescape(struct span text, size_t *pos, uint8_t *ret_octet)
{
	uint64_t value;
	if (text.at[*pos] != '\\') {
		*ret_octet = text.at[(*pos)++];
		return 0;
	}
	if (*pos + 1 >= text.len)
		return -EINVAL;
	if (!ascii_is_digit(text.at[*pos + 1])) {
		*ret_octet = text.at[*pos + 1];
		*pos += 2;
		return 0;
	}
	if (*pos + 4 > text.len || ascii_parse_u64(span_of(text.at + *pos + 1, 3), 255, &value) < 0)
		return -EINVAL;
	*ret_octet = (uint8_t)value;
	*pos += 4;
	return 0;
}

static int end_label(struct dns_name *name, size_t start, size_t end)
{
	size_t len = end - start - 1;
	if (len == 0)
		return -EINVAL;
	if (len > DNS_LABEL_MAX)
		return -ENAMETOOLONG;
	name->wire[start] = (uint8_t)len;
	return 0;
}

int dns_name_parse(struct span text, struct dns_name *ret_name)
{
	struct dns_name name = {0};
	size_t start = 0, end = 1, pos = 0;
	int e;
	if (text.len == 1 && text.at[0] == '.')
		text.len = 0;
	else if (text.len == 0)
		return -EINVAL;
	while (pos < text.len) {
		if (text.at[pos] == '.') {
			e = end_label(&name, start, end);
			if (e < 0)
				return e;
			start = end++;
			pos++;
			continue;
		}
		if (end >= DNS_NAME_MAX - 1)
			return -ENAMETOOLONG;
		e = unescape(text, &pos, &name.wire[end]);
		if (e < 0)
			return e;
		end++;
	}
	if (text.len && end - start > 1) { /* no final dot */
		e = end_label(&name, start, end);
		if (e < 0)
			return e;
		start = end;
	}
	name.wire[start] = 0;
	name.len = (uint8_t)(start + 1);
	*ret_name = name;
	return 0;
}

void dns_name_text(const struct dns_name *name, char text[DNS_NAME_TEXT_SIZE])
{
	size_t out = 0;
	if (name->len <= 1) {
		memcpy(text, ".", 2);
		return;
	}
	for (size_t pos = 0; pos < name->len && name->wire[pos]; pos += name->wire[pos] + 1u) {
		if (pos)
			text[out++] = '.';
		for (size_t i = pos + 1; i <= pos + name->wire[pos]; i++) {
			uint8_t c = name->wire[i];
			if (c == '.' || c == '\\') {
				text[out++] = '\\';
				text[out++] = (char)c;
			} else if (c > ' ' && c < 0x7f) {
				text[out++] = (char)c;
			} else {
				snprintf(text + out, 5, "\\%03u", c);
				out += 4;
			}
		}
	}
	text[out] = '\0';
}

int dns_name_join(const struct dns_name *first, const struct dns_name *second, struct dns_name *ret_name)
{
	size_t len = first->len - 1u;
	if (len + second->len > DNS_NAME_MAX)
		return -ENAMETOOLONG;
	memmove(ret_name->wire, first->wire, len);
	memmove(ret_name->wire + len, second->wire, second->len);
	ret_name->len = (uint8_t)(len + second->len);
	return 0;
}

/* One octet as a label of decimal digits. @return octets written */
static size_t decimal_label(uint8_t octet, uint8_t *out)
{
	size_t n = octet >= 100 ? 3 : octet >= 10 ? 2 : 1;
	out[0] = (uint8_t)n;
	for (size_t i = n; i > 0; i--, octet /= 10)
		out[i] = (uint8_t)('0' + octet % 10);
	return n + 1;
}

int dns_name_reverse(const struct addr *a, const struct dns_name *zone, struct dns_name *ret_name)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t wire[64];
	size_t len = 0;
	if (a->family == 4) {
		for (int i = 3; i >= 0; i--)
			len += decimal_label(a->octets[i], wire + len);
	} else if (a->family == 6) {
		for (int i = 15; i >= 0; i--) {
			wire[len++] = 1;
			wire[len++] = (uint8_t)hex[a->octets[i] & 15];
			wire[len++] = 1;
			wire[len++] = (uint8_t)hex[a->octets[i] >> 4];
		}
	} else {
		return -EINVAL;
	}
	if (len + zone->len > DNS_NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(ret_name->wire, wire, len);
	memcpy(ret_name->wire + len, zone->wire, zone->len);
	ret_name->len = (uint8_t)(len + zone->len);
	return 0;
}

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	return span_equal_nocase(span_of(a->wire, a->len), span_of(b->wire, b->len));
}

bool dns_name_under(const struct dns_name *name, const struct dns_name *parent)
{
	size_t pos = 0;
	while ((size_t)name->len - pos > parent->len)
		pos += name->wire[pos] + 1u;
	return (size_t)name->len - pos == parent->len &&
	       span_equal_nocase(span_of(name->wire + pos, parent->len), span_of(parent->wire, parent->len));
}
