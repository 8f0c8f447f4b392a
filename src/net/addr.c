/* SPDX-License-Identifier: BSD-2-Clause */
/* IP addresses, prefixes and endpoints: text forms and kinds. No I/O. */
#include "net/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/ascii.h"

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && memcmp(a->octets, b->octets, sizeof(a->octets)) == 0;
}

static bool mapped(const uint8_t octets[16])
{
	static const uint8_t start[12] = {[10] = 0xff, [11] = 0xff};
	return memcmp(octets, start, sizeof(start)) == 0;
}

int addr_parse(struct span text, struct addr *ret_addr)
{
	char copy[INET6_ADDRSTRLEN + 1];
	struct addr a = {.family = 4};
	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.at, '\0', text.len))
		return -EINVAL;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	/* inet_pton takes no leading zeros, no short forms and no zone (RFC 6943 3.1.1, RFC 4291 2.2) */
	if (inet_pton(AF_INET, copy, a.octets) == 1) {
		*ret_addr = a;
		return 0;
	}
	if (inet_pton(AF_INET6, copy, a.octets) != 1)
		return -EINVAL;
	a.family = 6;
	if (mapped(a.octets)) {
		memcpy(a.octets, a.octets + 12, 4);
		memset(a.octets + 4, 0, 12);
		a.family = 4;
	}
	*ret_addr = a;
	return 0;
}

static bool host_bits(const struct addr *a, unsigned bits)
{
	unsigned size = a->family == 4 ? 4 : 16;
	for (unsigned i = bits / 8; i < size; i++) {
		unsigned keep = i == bits / 8 ? bits % 8 : 0;
		if (a->octets[i] & (0xff >> keep))
			return true;
	}
	return false;
}

int prefix_parse(struct span text, struct prefix *ret_prefix)
{
	size_t slash = span_find(text, '/');
	struct prefix p = {0};
	uint64_t bits;
	unsigned most;
	if (addr_parse(span_of(text.at, slash), &p.addr) < 0)
		return -EINVAL;
	most = p.addr.family == 4 ? 32 : 128;
	bits = most;
	if (slash < text.len && ascii_parse_u64(span_from(text, slash + 1), most, &bits) < 0)
		return -EINVAL;
	if (bits < most && host_bits(&p.addr, (unsigned)bits))
		return -EDOM;
	p.bits = (uint8_t)bits;
	*ret_prefix = p;
	return 0;
}

int endpoint_parse(struct span text, uint16_t default_port, struct endpoint *ret_endpoint)
{
	struct endpoint e = {.port = default_port};
	struct span host = text, port = {NULL, 0};
	uint64_t number = default_port;
	size_t end;
	if (addr_parse(text, &e.addr) == 0) {
		*ret_endpoint = e;
		return 0;
	}
	if (text.len && text.at[0] == '[') {
		end = span_find(text, ']');
		if (end == text.len)
			return -EINVAL;
		host = span_of(text.at + 1, end - 1);
		port = span_from(text, end + 1);
	} else {
		end = span_find(text, ':');
		host = span_of(text.at, end);
		port = span_from(text, end);
	}
	if (addr_parse(host, &e.addr) < 0)
		return -EINVAL;
	if (port.len && (port.at[0] != ':' || ascii_parse_u64(span_from(port, 1), 65535, &number) < 0 || number == 0))
		return -EINVAL;
	e.port = (uint16_t)number;
	*ret_endpoint = e;
	return 0;
}

void addr_text(const struct addr *a, char text[ADDR_TEXT_SIZE])
{
	if (a->family == 0 || !inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->octets, text, ADDR_TEXT_SIZE))
		snprintf(text, ADDR_TEXT_SIZE, "none");
}

void prefix_text(const struct prefix *p, char text[PREFIX_TEXT_SIZE])
{
	char addr[ADDR_TEXT_SIZE];
	addr_text(&p->addr, addr);
	snprintf(text, PREFIX_TEXT_SIZE, "%s/%u", addr, p->bits);
}

void endpoint_text(const struct endpoint *e, char text[ENDPOINT_TEXT_SIZE])
{
	char addr[ADDR_TEXT_SIZE];
	addr_text(&e->addr, addr);
	if (e->port == 53)
		snprintf(text, ENDPOINT_TEXT_SIZE, "%s", addr);
	else
		snprintf(text, ENDPOINT_TEXT_SIZE, e->addr.family == 6 ? "[%s]:%u" : "%s:%u", addr, e->port);
}

bool prefix_contains(const struct prefix *p, const struct addr *a)
{
	unsigned whole = p->bits / 8, rest = p->bits % 8;
	if (p->addr.family != a->family || memcmp(p->addr.octets, a->octets, whole) != 0)
		return false;
	return rest == 0 || ((p->addr.octets[whole] ^ a->octets[whole]) & (0xff00 >> rest & 0xff)) == 0;
}

/* The IANA special-purpose registries (RFC 6890 and what came after), as far as a mail server's address may meet
 * them. The first row that fits decides. */
static const struct {
	struct prefix prefix;
	enum addr_kind kind;
} special[] = {
	{{{4, {0}}, 8}, ADDR_UNSPECIFIED},
	{{{4, {10}}, 8}, ADDR_PRIVATE},
	{{{4, {100, 64}}, 10}, ADDR_SHARED},
	{{{4, {127}}, 8}, ADDR_LOOPBACK},
	{{{4, {169, 254}}, 16}, ADDR_LINK_LOCAL},
	{{{4, {172, 16}}, 12}, ADDR_PRIVATE},
	{{{4, {192, 0, 2}}, 24}, ADDR_DOCUMENTATION},
	{{{4, {192, 0, 0}}, 24}, ADDR_RESERVED},
	{{{4, {192, 168}}, 16}, ADDR_PRIVATE},
	{{{4, {198, 18}}, 15}, ADDR_RESERVED},
	{{{4, {198, 51, 100}}, 24}, ADDR_DOCUMENTATION},
	{{{4, {203, 0, 113}}, 24}, ADDR_DOCUMENTATION},
	{{{4, {224}}, 4}, ADDR_MULTICAST},
	{{{4, {240}}, 4}, ADDR_RESERVED},
	{{{6, {[15] = 1}}, 128}, ADDR_LOOPBACK},
	{{{6, {0}}, 128}, ADDR_UNSPECIFIED},
	{{{6, {0x20, 0x01, 0x0d, 0xb8}}, 32}, ADDR_DOCUMENTATION},
	{{{6, {0x3f, 0xff}}, 20}, ADDR_DOCUMENTATION},
	{{{6, {0xfc}}, 7}, ADDR_UNIQUE_LOCAL},
	{{{6, {0xfe, 0x80}}, 10}, ADDR_LINK_LOCAL},
	{{{6, {0xff}}, 8}, ADDR_MULTICAST},
	{{{6, {0x20}}, 3}, ADDR_PUBLIC},
	{{{6, {0}}, 0}, ADDR_RESERVED}, /* outside 2000::/3 nothing is global unicast */
};

enum addr_kind addr_kind(const struct addr *a)
{
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (prefix_contains(&special[i].prefix, a))
			return special[i].kind;
	return ADDR_PUBLIC;
}

const char *addr_kind_text(enum addr_kind kind)
{
	static const char *const texts[] = {
		[ADDR_PUBLIC] = "public",
		[ADDR_DOCUMENTATION] = "documentation (RFC 5737, RFC 3849)",
		[ADDR_LOOPBACK] = "loopback",
		[ADDR_PRIVATE] = "private (RFC 1918)",
		[ADDR_SHARED] = "shared by a carrier's customers (RFC 6598)",
		[ADDR_LINK_LOCAL] = "link-local",
		[ADDR_UNIQUE_LOCAL] = "unique local (RFC 4193)",
		[ADDR_UNSPECIFIED] = "unspecified",
		[ADDR_MULTICAST] = "multicast",
		[ADDR_RESERVED] = "reserved",
	};
	return texts[kind];
}

socklen_t endpoint_sockaddr(const struct endpoint *e, struct sockaddr_storage *ret_sa)
{
	struct sockaddr_in *four = (struct sockaddr_in *)ret_sa;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret_sa;
	memset(ret_sa, 0, sizeof(*ret_sa));
	if (e->addr.family == 4) {
		four->sin_family = AF_INET;
		four->sin_port = htons(e->port);
		memcpy(&four->sin_addr, e->addr.octets, 4);
		return sizeof(*four);
	}
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(e->port);
	memcpy(&six->sin6_addr, e->addr.octets, 16);
	return sizeof(*six);
}

int endpoint_from_sockaddr(const struct sockaddr *sa, struct endpoint *ret_endpoint)
{
	struct endpoint e = {0};
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)sa;
		e.addr.family = 4;
		memcpy(e.addr.octets, &four->sin_addr, 4);
		e.port = ntohs(four->sin_port);
	} else if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)sa;
		e.addr.family = 6;
		memcpy(e.addr.octets, &six->sin6_addr, 16);
		e.port = ntohs(six->sin6_port);
	} else {
		return -EAFNOSUPPORT;
	}
	*ret_endpoint = e;
	return 0;
}
