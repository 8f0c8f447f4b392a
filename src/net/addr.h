/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_NET_ADDR_H
#define OFFLIST_NET_ADDR_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/span.h"

/** An IP address. `octets` in network order, IPv4 in the first four; unused octets are zero (so memcmp compares). */
struct addr {
	uint8_t family; /* 4 or 6; 0 = none */
	uint8_t octets[16];
};

/** A CIDR prefix; host bits are zero. */
struct prefix {
	struct addr addr;
	uint8_t bits;
};

/** Where a server listens. */
struct endpoint {
	struct addr addr;
	uint16_t port;
};

enum { ADDR_TEXT_SIZE = 46, PREFIX_TEXT_SIZE = 50, ENDPOINT_TEXT_SIZE = 56 };

/** What kind of address this is; only ADDR_PUBLIC and ADDR_DOCUMENTATION may be asked of lists (verdict rule 6). */
enum addr_kind {
	ADDR_PUBLIC,
	ADDR_DOCUMENTATION, /* RFC 5737, RFC 3849, RFC 9637 */
	ADDR_LOOPBACK,
	ADDR_PRIVATE, /* RFC 1918 */
	ADDR_SHARED,  /* RFC 6598 */
	ADDR_LINK_LOCAL,
	ADDR_UNIQUE_LOCAL, /* RFC 4193 */
	ADDR_UNSPECIFIED,  /* also 0.0.0.0/8 */
	ADDR_MULTICAST,
	ADDR_RESERVED, /* 240.0.0.0/4, benchmarking, other special-purpose space (IANA registries) */
};

/**
 * Strict text forms: dotted quad without leading zeros (RFC 6943 3.1.1), RFC 4291 for IPv6 (no zone, no brackets).
 * An IPv4-mapped IPv6 address becomes IPv4.
 * @return 0; -EINVAL.
 */
int addr_parse(struct span text, struct addr *ret_addr);
/** "ADDR/BITS", or an address alone (then /32 or /128). -EINVAL: no prefix; -EDOM: host bits are set. */
int prefix_parse(struct span text, struct prefix *ret_prefix);
/** "ADDR", "ADDR:PORT", "[V6]:PORT". */
int endpoint_parse(struct span text, uint16_t default_port, struct endpoint *ret_endpoint);

/** RFC 5952 text. */
void addr_text(const struct addr *a, char text[ADDR_TEXT_SIZE]);
void prefix_text(const struct prefix *p, char text[PREFIX_TEXT_SIZE]);
/** As endpoint_parse() reads it; port 53 is left out. */
void endpoint_text(const struct endpoint *e, char text[ENDPOINT_TEXT_SIZE]);

bool addr_equal(const struct addr *a, const struct addr *b);
enum addr_kind addr_kind(const struct addr *a);
/** "private (RFC 1918)" and the like, for people. */
const char *addr_kind_text(enum addr_kind kind);
bool prefix_contains(const struct prefix *p, const struct addr *a);

socklen_t endpoint_sockaddr(const struct endpoint *e, struct sockaddr_storage *ret_sa);
int endpoint_from_sockaddr(const struct sockaddr *sa, struct endpoint *ret_endpoint);

#endif
