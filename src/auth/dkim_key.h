/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_AUTH_DKIM_KEY_H
#define OFFLIST_AUTH_DKIM_KEY_H

#include "base/buf.h"

/* Keys, hashes and signatures: the room's one door to libcrypto. */

enum dkim_key_kind { DKIM_KEY_RSA, DKIM_KEY_ED25519, DKIM_KEY_OTHER };

enum {
	DKIM_KEY_BITS_MIN = 1024,  /* a shorter RSA key is not valid (RFC 8301 3.2) */
	DKIM_KEY_BITS_GOOD = 2048, /* what signers should have (RFC 8301 3.2) */
	DKIM_KEY_BITS_MAX = 16384, /* longer ones take seconds of CPU; OpenSSL verifies none */
	DKIM_KEY_HASH_MAX = 32,
	DKIM_KEY_PRIVATE_OCTETS_MAX = 65536, /* of a file with a private key */
};

struct dkim_key; /* a public key */

/** libcrypto is loaded when it is needed: is it there? What follows loads it by itself, and without it is -ELIBACC. */
bool dkim_key_load(void);

/**
 * The octets of p=: an RSA key as SubjectPublicKeyInfo, as everybody writes it, or as RSAPublicKey, as RFC 6376 3.6.1 does; the
 * 32 octets of an Ed25519 key (RFC 8463 4).
 * @param ret_why  what is wrong with it, on -EBADMSG.
 * @return 0, ret_key to be freed; -EBADMSG; -ENOMEM.
 */
int dkim_key_read(enum dkim_key_kind kind, struct span octets, struct dkim_key **ret_key, const char **ret_why);
/** The public half of a private key: PEM, or base64 of the 32 octets of an Ed25519 one. The same. */
int dkim_key_read_private(struct span text, enum dkim_key_kind *ret_kind, struct dkim_key **ret_key,
			  const char **ret_why);
/** NULL is taken. */
void dkim_key_free(struct dkim_key *key);
unsigned int dkim_key_bits(const struct dkim_key *key);
bool dkim_key_equal(const struct dkim_key *a, const struct dkim_key *b);
/** The value of p= for it, base64. @return 0; errors of `out`, -ENOMEM. */
int dkim_key_add(const struct dkim_key *key, struct buf *out);
/** @return 1: the signature is this key's over the data; 0: it is not; -ENOMEM. */
int dkim_key_verifies(const struct dkim_key *key, bool sha256, struct span data, struct span signature);

struct dkim_hash;

/** NULL: no memory, or no libcrypto. */
struct dkim_hash *dkim_hash_new(bool sha256);
void dkim_hash_add(struct dkim_hash *h, struct span octets);
/** Ends and frees it. @return octets written; 0: it failed. */
size_t dkim_hash_end(struct dkim_hash *h, uint8_t ret_digest[DKIM_KEY_HASH_MAX]);

#endif
