/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUTH_DKIM_SIGNATURE_H
#define OFFLIST_AUTH_DKIM_SIGNATURE_H

#include "auth/dkim_tags.h"

/* A DKIM-Signature field (RFC 6376 3.5). Pure; spans are parts of the field. */

enum { DKIM_SIGNED_MAX = 1024 /* names of h=; each is looked for in the whole head */ };

enum dkim_algorithm { DKIM_RSA_SHA256, DKIM_RSA_SHA1, DKIM_ED25519_SHA256, DKIM_OTHER_ALGORITHM };

struct dkim_signature {
	const char *problem; /* why it cannot be processed; NULL: it can */
	bool without_from;   /* the problem is that h= leaves From out (5.4) */
	enum dkim_algorithm algorithm;
	struct span algorithm_text, domain, selector;
	struct span identity; /* i=, or empty: "@" and the domain */
	bool header_relaxed, body_relaxed;
	const struct span *names; /* h=, as written */
	size_t name_count;
	struct span body_hash, octets; /* bh= and b=, decoded */
	struct span room;              /* of b=, in the field */
	bool has_length, has_time, has_expiry;
	uint64_t length;          /* l=, octets of the canonical body */
	int64_t time_s, expiry_s; /* t=, x= */
	bool copied;              /* z= is there */
};

/** @param value  of the field, behind its colon. @param arena  owns what is made. @return 0; -ENOMEM. */
int dkim_signature_read(struct span value, struct arena *arena, struct dkim_signature *ret_signature);

/** Is `name` the domain or below it? (3.5, i=) */
bool dkim_signature_within(struct span name, struct span domain);

#endif
