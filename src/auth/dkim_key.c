/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/dkim_key.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "auth/dkim_tags.h"
#include "sys/loaded.h"

enum { ED25519_OCTETS = 32, ED25519_SPKI_OCTETS = 44, DER_SEQUENCE = 0x30, P_OCTETS_MAX = 8192 };

#define FUNCTIONS(X)                                                                                                   \
	X(BIO_free)                                                                                                    \
	X(BIO_new_mem_buf)                                                                                             \
	X(CRYPTO_free)                                                                                                 \
	X(ERR_clear_error)                                                                                             \
	X(EVP_Digest)                                                                                                  \
	X(EVP_DigestFinal_ex)                                                                                          \
	X(EVP_DigestInit_ex)                                                                                           \
	X(EVP_DigestUpdate)                                                                                            \
	X(EVP_DigestVerify)                                                                                            \
	X(EVP_DigestVerifyInit)                                                                                        \
	X(EVP_EncodeBlock)                                                                                             \
	X(EVP_MD_CTX_free)                                                                                             \
	X(EVP_MD_CTX_new)                                                                                              \
	X(EVP_PKEY_eq)                                                                                                 \
	X(EVP_PKEY_free)                                                                                               \
	X(EVP_PKEY_get_base_id)                                                                                        \
	X(EVP_PKEY_get_bits)                                                                                           \
	X(EVP_PKEY_get_raw_public_key)                                                                                 \
	X(EVP_PKEY_new_raw_private_key)                                                                                \
	X(EVP_PKEY_new_raw_public_key)                                                                                 \
	X(EVP_sha1)                                                                                                    \
	X(EVP_sha256)                                                                                                  \
	X(OPENSSL_cleanse)                                                                                             \
	X(PEM_read_bio_PrivateKey)                                                                                     \
	X(d2i_AutoPrivateKey)                                                                                          \
	X(d2i_PUBKEY)                                                                                                  \
	X(d2i_PublicKey)                                                                                               \
	X(i2d_PUBKEY)

static struct {
#define X(name) __typeof__(name) *name;
	FUNCTIONS(X)
#undef X
	void *library;
} c;

/* libcrypto costs some milliseconds, which most runs of the program need not spend. */
bool dkim_key_load(void)
{
	static const struct loaded_symbol symbols[] = {
#define X(name) {#name, offsetof(__typeof__(c), name)},
		FUNCTIONS(X)
#undef X
			{NULL, 0}};
	static const struct loaded_library library = {"libcrypto", "libcrypto.so.3", symbols};
	return c.library || loaded_open(&library, &c, &c.library, NULL) == 0;
}

/* A struct dkim_key is an EVP_PKEY under another name, a struct dkim_hash an EVP_MD_CTX. */
static EVP_PKEY *pkey(const struct dkim_key *key)
{
	return (EVP_PKEY *)(uintptr_t)key;
}

static int unread(const char **ret_why, const char *why)
{
	c.ERR_clear_error(); /* the thread's queue is nobody else's business */
	*ret_why = why;
	return -EBADMSG;
}

/* ---- public keys ---- */

/* Octets that the outermost DER value says it has, its head included; 0: it is none. */
static size_t der_octets(struct span der)
{
	size_t len, bytes;
	if (der.len < 2 || der.at[0] != DER_SEQUENCE)
		return 0;
	if (der.at[1] < 0x80)
		return 2 + (size_t)der.at[1];
	bytes = der.at[1] & 0x7f;
	if (bytes == 0 || bytes > 2 || der.len < 2 + bytes)
		return 0;
	len = bytes == 1 ? der.at[2] : (size_t)der.at[2] << 8 | der.at[3];
	return 2 + bytes + len;
}

static bool is_private(struct span der)
{
	const unsigned char *at = der.at;
	EVP_PKEY *key = c.d2i_AutoPrivateKey(NULL, &at, (long)der.len);
	c.EVP_PKEY_free(key);
	c.ERR_clear_error();
	return key != NULL;
}

static int read_rsa(struct span der, struct dkim_key **ret_key, const char **ret_why)
{
	const unsigned char *at = der.at;
	size_t told = der_octets(der);
	EVP_PKEY *key = c.d2i_PUBKEY(NULL, &at, (long)der.len);
	if (!key) {
		at = der.at;
		key = c.d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)der.len);
	}
	if (key && (c.EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || at != der.at + der.len)) {
		c.EVP_PKEY_free(key);
		return unread(ret_why, at != der.at + der.len ? "there is more behind the key than belongs to it"
							      : "it is no RSA key, which k= says it is");
	}
	if (key && c.EVP_PKEY_get_bits(key) > DKIM_KEY_BITS_MAX) {
		c.EVP_PKEY_free(key);
		return unread(ret_why, "it is longer than anybody verifies");
	}
	*ret_key = (struct dkim_key *)key;
	if (key)
		return 0;
	if (told > der.len)
		return unread(ret_why, "the key is cut short: its end is missing");
	return unread(ret_why, is_private(der) ? "it is a PRIVATE key, which everybody can read now: make a new pair"
			       : der.len == ED25519_OCTETS ? "it is no RSA key; an Ed25519 key needs k=ed25519"
							   : "it is no RSA key");
}

static int read_ed25519(struct span octets, struct dkim_key **ret_key, const char **ret_why)
{
	if (octets.len == ED25519_SPKI_OCTETS && octets.at[0] == DER_SEQUENCE)
		return unread(ret_why,
			      "it has the key inside a SubjectPublicKeyInfo; RFC 8463 4 wants its 32 octets alone, "
			      "the last 32 of these");
	if (octets.len != ED25519_OCTETS)
		return unread(ret_why, "an Ed25519 key has 32 octets, this one has not");
	*ret_key = (struct dkim_key *)c.EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, octets.at, octets.len);
	return *ret_key ? 0 : unread(ret_why, "it is no Ed25519 key");
}

int dkim_key_read(enum dkim_key_kind kind, struct span octets, struct dkim_key **ret_key, const char **ret_why)
{
	if (!dkim_key_load())
		return -ELIBACC;
	if (kind == DKIM_KEY_OTHER)
		return unread(ret_why, "its type (k=) is neither rsa nor ed25519");
	return kind == DKIM_KEY_RSA ? read_rsa(octets, ret_key, ret_why) : read_ed25519(octets, ret_key, ret_why);
}

void dkim_key_free(struct dkim_key *key)
{
	if (key)
		c.EVP_PKEY_free((EVP_PKEY *)key);
}

unsigned int dkim_key_bits(const struct dkim_key *key)
{
	/* that of Ed25519 is the length of its points */
	return c.EVP_PKEY_get_base_id(pkey(key)) == EVP_PKEY_RSA ? (unsigned int)c.EVP_PKEY_get_bits(pkey(key)) : 256;
}

bool dkim_key_equal(const struct dkim_key *a, const struct dkim_key *b)
{
	return c.EVP_PKEY_eq(pkey(a), pkey(b)) == 1;
}

static int add_base64(const unsigned char *octets, size_t len, struct buf *out)
{
	unsigned char text[P_OCTETS_MAX / 3 * 4 + 5];
	if (len > P_OCTETS_MAX)
		return -E2BIG;
	buf_add(out, span_of(text, (size_t)c.EVP_EncodeBlock(text, octets, (int)len)));
	return out->error;
}

int dkim_key_add(const struct dkim_key *key, struct buf *out)
{
	unsigned char raw[ED25519_OCTETS], *der = NULL;
	size_t len = sizeof(raw);
	int rc, size;
	if (c.EVP_PKEY_get_base_id(pkey(key)) != EVP_PKEY_RSA)
		return c.EVP_PKEY_get_raw_public_key(pkey(key), raw, &len) == 1 ? add_base64(raw, len, out) : -ENOMEM;
	size = c.i2d_PUBKEY(pkey(key), &der);
	if (size <= 0)
		return -ENOMEM;
	rc = add_base64(der, (size_t)size, out);
	c.CRYPTO_free(der, __FILE__, __LINE__);
	return rc;
}

/* ---- private keys ---- */

static int no_password(char *buf, int size, int rwflag, void *arg)
{
	*(bool *)arg = true;
	return -1;
}

/* A seed in base64, as dknewkey of dkimpy writes it. */
static EVP_PKEY *seed_key(struct span text)
{
	struct arena arena = arena_make(DKIM_KEY_PRIVATE_OCTETS_MAX);
	struct span seed = {0};
	EVP_PKEY *key = NULL;
	if (dkim_tags_base64(text, &arena, &seed) == 0 && seed.len == ED25519_OCTETS)
		key = c.EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed.at, seed.len);
	if (seed.at)
		c.OPENSSL_cleanse((void *)(uintptr_t)seed.at, seed.len);
	arena_release(&arena);
	return key;
}

int dkim_key_read_private(struct span text, enum dkim_key_kind *ret_kind, struct dkim_key **ret_key,
			  const char **ret_why)
{
	BIO *bio = NULL;
	bool locked = false;
	EVP_PKEY *key;
	int id;
	if (!dkim_key_load())
		return -ELIBACC;
	if (text.len && text.len <= DKIM_KEY_PRIVATE_OCTETS_MAX)
		bio = c.BIO_new_mem_buf(text.at, (int)text.len);
	key = bio ? c.PEM_read_bio_PrivateKey(bio, NULL, no_password, &locked) : NULL;
	c.BIO_free(bio);
	if (!key)
		key = seed_key(text);
	if (!key)
		return unread(ret_why, locked ? "it is locked by a password; unlock it: openssl pkey -in FILE"
					      : "no private key in PEM, nor 32 octets in base64");
	id = c.EVP_PKEY_get_base_id(key);
	if (id != EVP_PKEY_RSA && id != EVP_PKEY_ED25519) {
		c.EVP_PKEY_free(key);
		return unread(ret_why, "neither an RSA nor an Ed25519 key");
	}
	*ret_kind = id == EVP_PKEY_RSA ? DKIM_KEY_RSA : DKIM_KEY_ED25519;
	*ret_key = (struct dkim_key *)key;
	c.ERR_clear_error();
	return 0;
}

/* ---- signatures and hashes ---- */

int dkim_key_verifies(const struct dkim_key *key, bool sha256, struct span data, struct span signature)
{
	EVP_MD_CTX *md = c.EVP_MD_CTX_new();
	bool rsa = c.EVP_PKEY_get_base_id(pkey(key)) == EVP_PKEY_RSA;
	unsigned char digest[DKIM_KEY_HASH_MAX];
	unsigned int len = 0;
	bool good;
	if (!md)
		return -ENOMEM;
	if (!rsa && c.EVP_Digest(data.at, data.len, digest, &len, c.EVP_sha256(), NULL) == 1)
		data = span_of(digest, len); /* what Ed25519 signs is the hash (RFC 8463 3) */
	good = c.EVP_DigestVerifyInit(md, NULL,
				      !rsa     ? NULL
				      : sha256 ? c.EVP_sha256()
					       : c.EVP_sha1(),
				      NULL, pkey(key)) == 1 &&
	       c.EVP_DigestVerify(md, signature.at, signature.len, data.at, data.len) == 1;
	c.EVP_MD_CTX_free(md);
	c.ERR_clear_error();
	return good;
}

struct dkim_hash *dkim_hash_new(bool sha256)
{
	EVP_MD_CTX *md = dkim_key_load() ? c.EVP_MD_CTX_new() : NULL;
	if (md && c.EVP_DigestInit_ex(md, sha256 ? c.EVP_sha256() : c.EVP_sha1(), NULL) != 1) {
		c.EVP_MD_CTX_free(md);
		md = NULL;
	}
	return (struct dkim_hash *)md;
}

void dkim_hash_add(struct dkim_hash *h, struct span octets)
{
	c.EVP_DigestUpdate((EVP_MD_CTX *)h, octets.at, octets.len);
}

size_t dkim_hash_end(struct dkim_hash *h, uint8_t ret_digest[DKIM_KEY_HASH_MAX])
{
	unsigned int len = 0;
	if (c.EVP_DigestFinal_ex((EVP_MD_CTX *)h, ret_digest, &len) != 1)
		len = 0;
	c.EVP_MD_CTX_free((EVP_MD_CTX *)h);
	return len;
}
