/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_DNS_MESSAGE_H
#define OFFLIST_DNS_MESSAGE_H

#include "base/buf.h"
#include "dns/bulk.h"

/* Reading DNS responses (RFC 1035 4.1). Pure; borrowed bytes. */

struct dns_header {
	uint16_t id;
	uint16_t flags;
	uint16_t questions, answers, authorities, additionals;
};

enum { DNS_FLAG_QR = 0x8000, DNS_FLAG_AA = 0x0400, DNS_FLAG_TC = 0x0200, DNS_FLAG_RD = 0x0100, DNS_FLAG_RA = 0x0080 };

/**
 * Write a query for one question, no EDNS. @param out at least 12 + name.len + 4 octets. @return octets written.
 */
size_t dns_message_query(uint16_t id, bool recursive, const struct dns_name *name, uint16_t type, uint8_t *out);

enum { DNS_OPT_OCTETS = 11 };

/** Add an OPT record (RFC 6891 6.1.2) behind a query of `len` octets, which says that answers of so many octets may come
 *  by UDP. @param out DNS_OPT_OCTETS of room behind the query. @return octets written. */
size_t dns_message_add_opt(uint8_t *out, size_t len, uint16_t octets);

/** The extended DNS errors of a response (RFC 8914): bit N for INFO-CODE N below 32; 0 without any. */
uint32_t dns_message_errors(struct span message);

/**
 * Read a response to the question name/type: outcome, addresses, TTL, AA into ret_answer (its tag, latency_us, tries,
 * server, message are left alone). CNAMEs inside the answer are followed (8 at most). @param recursive as asked.
 * @return 0; -EBADMSG: malformed; -ENOMSG: no answer to this question (id, QR, opcode or question differ);
 * -EMSGSIZE: truncated (TC), ask again over TCP.
 */
int dns_message_read(struct span message, uint16_t id, const struct dns_name *name, uint16_t type, bool recursive,
		     struct bulk_answer *ret_answer);

/**
 * Collect the TXT records of the answer section: each record's strings joined into one text.
 * @param max_texts  size of ret_texts; texts are appended to `out` one after another and found by offset and length.
 * @return number of texts, or -EBADMSG.
 */
int dns_message_txt(struct span message, struct buf *out, size_t max_texts, struct span *ret_texts);

enum { DNS_DELEGATION_MAX = 8 };

/** Where a zone is served, as its parent's server or its own tells. */
struct dns_delegation {
	size_t name_count, addr_count;
	struct dns_name names[DNS_DELEGATION_MAX]; /* of its name servers */
	struct addr addrs[DNS_DELEGATION_MAX];     /* of these names, from glue or answers */
};

/** Read the NS records of `zone` and their glue out of a referral or an answer (RFC 1034 4.3.2). 0; -EBADMSG. */
int dns_message_delegation(struct span message, const struct dns_name *zone, struct dns_delegation *ret_delegation);

/** "NXDOMAIN", "no answer" ... for people and logs. */
const char *dns_outcome_text(enum dns_outcome outcome);

#endif
