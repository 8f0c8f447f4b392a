/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUTH_DKIM_RECORD_H
#define OFFLIST_AUTH_DKIM_RECORD_H

#include "auth/dkim_key.h"
#include "base/arena.h"

/* A key record (RFC 6376 3.6.1, RFC 8301, RFC 8463). Pure. */

enum { DKIM_RECORD_NOTES_MAX = 12, DKIM_RECORD_OCTETS_MAX = 65535 /* of TXT RDATA */ };

enum dkim_record_state {
	DKIM_RECORD_GOOD,
	DKIM_RECORD_SHORT,   /* an RSA key of less than 1024 bits: nothing that it signs is valid */
	DKIM_RECORD_NONE,    /* it is no key record: another text */
	DKIM_RECORD_REVOKED, /* p= is empty */
	DKIM_RECORD_BROKEN,
};

struct dkim_record {
	enum dkim_record_state state;
	const char *problem; /* NULL: good */
	enum dkim_key_kind kind;
	struct dkim_key *key;                     /* NULL: none that can be used */
	unsigned int bits;                        /* of the key; 0: none */
	bool sha1, sha256;                        /* h= lets them be used */
	bool email;                               /* s= lets it sign mail */
	bool testing;                             /* t=y: mail is to be taken as unsigned */
	bool strict;                              /* t=s: i= is d= itself */
	struct span remark;                       /* n= */
	const char *notes[DKIM_RECORD_NOTES_MAX]; /* what is not as it should be, though it may be used */
	size_t note_count;
};

/**
 * @param text   the TXT record's strings joined; parts of it are kept.
 * @param arena  owns what is made of it, but not the key.
 * @return 0: to be released, whatever its state; -ENOMEM.
 */
int dkim_record_read(struct span text, struct arena *arena, struct dkim_record *ret_record);
void dkim_record_release(struct dkim_record *r);

/** "rsa", "ed25519"; another: "unknown". */
const char *dkim_record_kind_text(enum dkim_key_kind kind);

#endif
