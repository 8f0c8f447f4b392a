/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DNS_NAME_H
#define OFFLIST_DNS_NAME_H

#include "net/addr.h"

/** A domain name in wire form, uncompressed, root label included (RFC 1035 3.1). */
enum { DNS_NAME_MAX = 255, DNS_LABEL_MAX = 63, DNS_NAME_TEXT_SIZE = 1025 };

struct dns_name {
	uint8_t len;
	uint8_t wire[DNS_NAME_MAX];
};

/** From text with dots ("a.example", a final dot allowed, \. and \DDD understood). -EINVAL, -ENAMETOOLONG. */
int dns_name_parse(struct span text, struct dns_name *ret_name);
/** To text without the final dot (root is "."), octets outside printable ASCII as \DDD (RFC 4343 2.1). */
void dns_name_text(const struct dns_name *name, char text[DNS_NAME_TEXT_SIZE]);
/** first + second; -ENAMETOOLONG. */
int dns_name_join(const struct dns_name *first, const struct dns_name *second, struct dns_name *ret_name);
/** 2.0.0.127.ZONE, nibbles for IPv6 (RFC 5782 2.1, 2.4). */
int dns_name_reverse(const struct addr *a, const struct dns_name *zone, struct dns_name *ret_name);
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b); /* ASCII case ignored */
/** Is `name` equal to `parent` or below it? */
bool dns_name_under(const struct dns_name *name, const struct dns_name *parent);

#endif
