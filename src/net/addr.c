/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses, prefixes, endpoints: text forms and kinds. */
#include "net/addr.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/ascii.h"

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

static unsigned int full_bits(const struct addr *a)
{
	return a->family == 4 ? 32 : 128;
}

static unsigned int digit_at(const uint8_t *at, const uint8_t *end)
{
	return at < end ? *at - (unsigned int)'0' : 10;
}

/* One number of a dotted quad at `at`: no leading nought, no more than 255. @return what follows it; NULL: there is none. */
static inline const uint8_t *quad_number(const uint8_t *at, const uint8_t *end, uint8_t *ret_number)
{
	unsigned int value = digit_at(at, end), digit = digit_at(at + 1, end);
	if (value > 9)
		return NULL;
	if (digit > 9) {
		*ret_number = (uint8_t)value;
		return at + 1;
	}
	if (value == 0)
		return NULL;
	value = value * 10 + digit;
	digit = digit_at(at + 2, end);
	if (digit > 9) {
		*ret_number = (uint8_t)value;
		return at + 2;
	}
	value = value * 10 + digit;
	*ret_number = (uint8_t)value;
	return value <= 255 ? at + 3 : NULL;
}

/* @return whether it is one; its octets as one word, in the order in which they stand in memory. */
static bool quad_parse(struct span text, uint32_t *ret_octets)
{
	const uint8_t *at = text.at, *end = at + text.len;
	uint32_t word = 0;
	if (text.len < 7) /* "1.2.3.4" */
		return false;
	for (unsigned int i = 0; i < 4; i++) {
		uint8_t number;
		if (i > 0 && (at == end || *at++ != '.'))
			return false;
		at = quad_number(at, end, &number);
		if (!at)
			return false;
		word |= (uint32_t)number << 8 * i;
	}
	*ret_octets = htole32(word);
	return at == end;
}

/* inet_pton(3) takes no zone and no brackets. */
static bool colons_parse(struct span text, uint8_t ret_octets[16])
{
	char copy[ADDR_TEXT_SIZE];
	if (text.len == 0 || text.len >= sizeof(copy) || !memchr(text.at, ':', text.len) ||
	    memchr(text.at, '\0', text.len))
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	return inet_pton(AF_INET6, copy, ret_octets) == 1;
}

int addr_parse(struct span text, struct addr *ret_addr)
{
	struct addr a = {.family = 6};
	uint32_t quad;
	if (quad_parse(text, &quad)) { /* put down as words: what is written octet by octet has to be waited for */
		*ret_addr = (struct addr){.family = 4};
		memcpy(ret_addr->octets, &quad, sizeof(quad));
		return 0;
	}
	if (!colons_parse(text, a.octets))
		return -EINVAL;
	if (memcmp(a.octets, mapped_prefix, sizeof(mapped_prefix)) == 0) {
		a.family = 4;
		memmove(a.octets, a.octets + 12, 4);
		memset(a.octets + 4, 0, 12);
	}
	*ret_addr = a;
	return 0;
}

/* Clears the bits after `bits`. @return whether one of them was set. */
static bool mask_host_bits(struct addr *a, unsigned int bits)
{
	bool any = false;
	for (unsigned int i = 0; i < full_bits(a) / 8; i++) {
		uint8_t keep = bits >= 8 * (i + 1) ? 0xff : bits <= 8 * i ? 0 : (uint8_t)(0xff << (8 - bits % 8));
		any |= (a->octets[i] & ~keep) != 0;
		a->octets[i] &= keep;
	}
	return any;
}

int prefix_parse(struct span text, struct prefix *ret_prefix)
{
	struct prefix p = {0};
	size_t slash = span_find(text, '/');
	struct span digits = span_from(text, slash + 1);
	uint64_t bits;
	if (addr_parse(span_of(text.at, slash), &p.addr) < 0)
		return -EINVAL;
	bits = full_bits(&p.addr);
	if (slash < text.len) {
		/* ::ffff:192.0.2.0/120 became IPv4, so its length would mean something else */
		if (p.addr.family == 4 && span_find(span_of(text.at, slash), ':') < slash)
			return -EINVAL;
		if (digits.len == 0 || (digits.len > 1 && digits.at[0] == '0') ||
		    ascii_parse_u64(digits, bits, &bits) < 0)
			return -EINVAL;
	}
	p.bits = (uint8_t)bits;
	if (mask_host_bits(&p.addr, p.bits))
		return -EDOM;
	*ret_prefix = p;
	return 0;
}

static int port_parse(struct span text, uint16_t *ret_port)
{
	uint64_t port;
	if (text.len > 5 || ascii_parse_u64(text, 65535, &port) < 0 || port == 0)
		return -EINVAL;
	*ret_port = (uint16_t)port;
	return 0;
}

int endpoint_parse(struct span text, uint16_t default_port, struct endpoint *ret_endpoint)
{
	struct endpoint e = {.port = default_port};
	size_t close = span_find(text, ']'), colon = span_find(text, ':');
	if (text.len > 0 && text.at[0] == '[') {
		if (close == text.len || addr_parse(span_of(text.at + 1, close - 1), &e.addr) < 0)
			return -EINVAL;
		if (span_find(span_of(text.at, close), ':') == close) /* brackets are for IPv6 (RFC 3986 3.2.2) */
			return -EINVAL;
		text = span_from(text, close + 1);
		if (text.len > 0 && (text.at[0] != ':' || port_parse(span_from(text, 1), &e.port) < 0))
			return -EINVAL;
	} else if (addr_parse(text, &e.addr) < 0) {
		if (colon == text.len || addr_parse(span_of(text.at, colon), &e.addr) < 0 ||
		    port_parse(span_from(text, colon + 1), &e.port) < 0)
			return -EINVAL;
	}
	*ret_endpoint = e;
	return 0;
}

void addr_text(const struct addr *a, char text[ADDR_TEXT_SIZE])
{
	int family = a->family == 4 ? AF_INET : AF_INET6;
	struct addr v6 = *a;
	size_t n;
	if (a->family != 4 && a->family != 6) {
		snprintf(text, ADDR_TEXT_SIZE, "none");
		return;
	}
	/* inet_ntop(3) writes ::192.0.2.1 for the IPv4-compatible form, which RFC 5952 5 leaves to well-known prefixes */
	if (a->family == 6 && memcmp(a->octets, (uint8_t[12]){0}, 12) == 0 && (a->octets[12] || a->octets[13])) {
		v6.octets[0] = 1;
		inet_ntop(family, v6.octets, text, ADDR_TEXT_SIZE); /* "100::c000:201" */
		n = strlen(text);
		memmove(text, text + 3, n + 1 - 3);
		return;
	}
	inet_ntop(family, a->octets, text, ADDR_TEXT_SIZE);
}

void prefix_text(const struct prefix *p, char text[PREFIX_TEXT_SIZE])
{
	char address[ADDR_TEXT_SIZE];
	addr_text(&p->addr, address);
	snprintf(text, PREFIX_TEXT_SIZE, "%s/%u", address, (unsigned int)p->bits);
}

void endpoint_text(const struct endpoint *e, char text[ENDPOINT_TEXT_SIZE])
{
	char address[ADDR_TEXT_SIZE];
	addr_text(&e->addr, address);
	if (e->port == 53)
		snprintf(text, ENDPOINT_TEXT_SIZE, "%s", address);
	else
		snprintf(text, ENDPOINT_TEXT_SIZE, e->addr.family == 6 ? "[%s]:%u" : "%s:%u", address,
			 (unsigned int)e->port);
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool prefix_contains(const struct prefix *p, const struct addr *a)
{
	size_t whole = p->bits / 8;
	unsigned int rest = p->bits % 8;
	if (p->addr.family != a->family || memcmp(p->addr.octets, a->octets, whole) != 0)
		return false;
	return rest == 0 || ((p->addr.octets[whole] ^ a->octets[whole]) >> (8 - rest)) == 0;
}

/* The IANA special-purpose registries (RFC 6890, state of 2026-11) and what else is not public unicast; the first row
 * that fits. Rows that the registries call globally reachable (AS112, AMT) are ordinary addresses here. IPv4 as numbers:
 * a sweep asks for every question. */
static const struct {
	uint32_t first;
	uint8_t bits;
	enum addr_kind kind;
} special4[] = {
	/* in their order, as rows4 has it */
	{0x00000000, 8, ADDR_UNSPECIFIED}, /* RFC 1122 3.2.1.3 */
	{0x0a000000, 8, ADDR_PRIVATE},     /* 2 */
	{0x64400000, 10, ADDR_SHARED},        {0x7f000000, 8, ADDR_LOOPBACK},       {0xa9fe0000, 16, ADDR_LINK_LOCAL},
	{0xac100000, 12, ADDR_PRIVATE},       {0xc0000000, 24, ADDR_RESERVED}, /* 7; RFC 6890: protocol assignments */
	{0xc0000200, 24, ADDR_DOCUMENTATION}, {0xc0586300, 24, ADDR_RESERVED}, /* RFC 7526: former 6to4 relays */
	{0xc0a80000, 16, ADDR_PRIVATE},       {0xc6120000, 15, ADDR_RESERVED}, /* 11; RFC 2544: benchmarking */
	{0xc6336400, 24, ADDR_DOCUMENTATION}, {0xcb007100, 24, ADDR_DOCUMENTATION}, {0xe0000000, 4, ADDR_MULTICAST},
	{0xf0000000, 4, ADDR_RESERVED}, /* 14 and 15 */
};

static const struct {
	struct prefix prefix;
	enum addr_kind kind;
} special6[] = {
	{{{6, {0}}, 128}, ADDR_UNSPECIFIED},
	{{{6, {[15] = 1}}, 128}, ADDR_LOOPBACK},
	{{{6, {0x20, 0x01, 0x0d, 0xb8}}, 32}, ADDR_DOCUMENTATION},
	{{{6, {0x3f, 0xff}}, 20}, ADDR_DOCUMENTATION},
	{{{6, {0x20, 0x01}}, 23}, ADDR_RESERVED}, /* RFC 2928: Teredo, benchmarking, ORCHID */
	{{{6, {0x20, 0x02}}, 16}, ADDR_RESERVED}, /* RFC 3056: 6to4 */
	{{{6, {0x20}}, 3}, ADDR_PUBLIC},
	{{{6, {0xfc}}, 7}, ADDR_UNIQUE_LOCAL},
	{{{6, {0xfe, 0x80}}, 10}, ADDR_LINK_LOCAL},
	{{{6, {0xff}}, 8}, ADDR_MULTICAST},
};

/* By the first octet: index + 1 of the first of its rows; most have none, and are told by that. */
static const uint8_t rows4[256] = {
	[0] = 1,   [10] = 2,   [100] = 3,  [127] = 4,          [169] = 5,          [172] = 6,
	[192] = 7, [198] = 11, [203] = 13, [224 ... 239] = 14, [240 ... 255] = 15,
};

static enum addr_kind kind4(const uint8_t o[4])
{
	uint32_t number = (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3];
	for (size_t i = rows4[o[0]]; i > 0 && i <= sizeof(special4) / sizeof(special4[0]); i++)
		if ((number ^ special4[i - 1].first) >> (32 - special4[i - 1].bits) == 0)
			return special4[i - 1].kind;
	return ADDR_PUBLIC;
}

enum addr_kind addr_kind(const struct addr *a)
{
	if (a->family == 4)
		return kind4(a->octets);
	for (size_t i = 0; i < sizeof(special6) / sizeof(special6[0]); i++)
		if (prefix_contains(&special6[i].prefix, a))
			return special6[i].kind;
	return ADDR_RESERVED; /* only 2000::/3 is handed out (RFC 4291 2.4) */
}

const char *addr_kind_text(enum addr_kind kind)
{
	static const char *const texts[] = {
		[ADDR_PUBLIC] = "public",
		[ADDR_DOCUMENTATION] = "for documentation (RFC 5737, RFC 3849)",
		[ADDR_LOOPBACK] = "loopback",
		[ADDR_PRIVATE] = "private (RFC 1918)",
		[ADDR_SHARED] = "shared by a provider's customers (RFC 6598)",
		[ADDR_LINK_LOCAL] = "link-local",
		[ADDR_UNIQUE_LOCAL] = "unique local (RFC 4193)",
		[ADDR_UNSPECIFIED] = "unspecified (0.0.0.0/8 or ::)",
		[ADDR_MULTICAST] = "multicast",
		[ADDR_RESERVED] = "reserved (IANA special-purpose)",
	};
	return (size_t)kind < sizeof(texts) / sizeof(texts[0]) ? texts[kind] : "unknown";
}

socklen_t endpoint_sockaddr(const struct endpoint *e, struct sockaddr_storage *ret_sa)
{
	*ret_sa = (struct sockaddr_storage){0};
	if (e->addr.family == 4) {
		struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(e->port)};
		memcpy(&in.sin_addr, e->addr.octets, 4);
		memcpy(ret_sa, &in, sizeof(in));
		return sizeof(in);
	}
	if (e->addr.family == 6) {
		struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(e->port)};
		memcpy(&in6.sin6_addr, e->addr.octets, 16);
		memcpy(ret_sa, &in6, sizeof(in6));
		return sizeof(in6);
	}
	return 0;
}

int endpoint_from_sockaddr(const struct sockaddr *sa, struct endpoint *ret_endpoint)
{
	struct endpoint e = {0};
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sa, sizeof(in));
		e.addr.family = 4;
		memcpy(e.addr.octets, &in.sin_addr, 4);
		e.port = ntohs(in.sin_port);
	} else if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, sa, sizeof(in6));
		e.addr.family = 6;
		memcpy(e.addr.octets, &in6.sin6_addr, 16);
		if (memcmp(e.addr.octets, mapped_prefix, sizeof(mapped_prefix)) == 0) {
			e.addr = (struct addr){.family = 4};
			memcpy(e.addr.octets, in6.sin6_addr.s6_addr + 12, 4);
		}
		e.port = ntohs(in6.sin6_port);
	} else {
		return -EAFNOSUPPORT;
	}
	*ret_endpoint = e;
	return 0;
}
