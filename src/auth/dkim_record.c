/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/dkim_record.h"

#include <errno.h>

#include "auth/dkim_tags.h"

enum { STRING_OCTETS = 255 /* of one string of a TXT record (RFC 1035 3.3) */ };

const char *dkim_record_kind_text(enum dkim_key_kind kind)
{
	static const char *const texts[] = {"rsa", "ed25519", "unknown"};
	return texts[kind];
}

static void note(struct dkim_record *r, const char *text)
{
	if (r->note_count < DKIM_RECORD_NOTES_MAX)
		r->notes[r->note_count++] = text;
}

static void broken(struct dkim_record *r, const char *problem)
{
	if (r->problem)
		return;
	r->state = DKIM_RECORD_BROKEN;
	r->problem = problem;
}

static bool lists(const struct dkim_tag *tag, const char *one, const char *other)
{
	struct span rest = tag->value, part;
	while (dkim_tags_part(&rest, &part))
		if (span_equal(part, span_str(one)) || (other && span_equal(part, span_str(other))))
			return true;
	return false;
}

/* What people paste into a name server's form: each such record was meant to be a key. */
static const char *pasted(struct span text)
{
	if (span_contains_nocase(text, "-----begin"))
		return "it has the lines of a PEM file in it: only what is between them belongs into p=";
	if (span_find(text, '"') < text.len)
		return "it has quotation marks in it: the strings were not put together when it was published";
	if (span_find(text, '\\') < text.len)
		return "it has a backslash in it, which belongs into a zone file but not into the record";
	return NULL;
}

static void read_version(struct dkim_record *r, struct span text, const struct dkim_tags *tags)
{
	const struct dkim_tag *v = dkim_tags_find(tags, "v");
	if (!v)
		return;
	if (!span_equal(v->value, span_str("DKIM1")))
		broken(r, pasted(text) ? pasted(text) : "its version (v=) is not DKIM1");
	else if (v != &tags->at[0])
		broken(r, "v=DKIM1 does not come first (RFC 6376 3.6.1)");
}

static void read_use(struct dkim_record *r, const struct dkim_tags *tags)
{
	const struct dkim_tag *k = dkim_tags_find(tags, "k"), *h = dkim_tags_find(tags, "h");
	const struct dkim_tag *s = dkim_tags_find(tags, "s"), *t = dkim_tags_find(tags, "t");
	const struct dkim_tag *n = dkim_tags_find(tags, "n");
	r->kind = !k || span_equal(k->value, span_str("rsa")) ? DKIM_KEY_RSA
		  : span_equal(k->value, span_str("ed25519")) ? DKIM_KEY_ED25519
							      : DKIM_KEY_OTHER;
	r->sha256 = !h || lists(h, "sha256", NULL);
	r->sha1 = !h || lists(h, "sha1", NULL);
	r->email = !s || lists(s, "email", "*");
	r->testing = t && lists(t, "y", NULL);
	r->strict = t && lists(t, "s", NULL);
	if (n)
		r->remark = n->value;
}

static void judge_use(struct dkim_record *r, const struct dkim_tags *tags)
{
	if (r->kind == DKIM_KEY_OTHER)
		broken(r, "its type (k=) is neither rsa nor ed25519");
	else if (!r->sha256 && !r->sha1)
		broken(r, "its hashes (h=) are none that DKIM has");
	else if (!r->email)
		broken(r, "it is not for mail: s= names neither email nor *");
	if (!r->sha256 && r->sha1)
		note(r,
		     "h= allows SHA-1 alone, which is no longer valid (RFC 8301 3.1): no signature of this key counts");
	if (r->testing)
		note(r, "t=y says that the domain is testing: receivers treat its signatures as if there were none");
	if (dkim_tags_find(tags, "g"))
		note(r, "g= has no meaning any more (RFC 6376 replaced RFC 4871); some old receivers still obey it");
}

static int read_key(struct dkim_record *r, struct span text, struct span p, struct arena *arena)
{
	const char *why = NULL;
	struct span octets;
	int rc = dkim_tags_base64(p, arena, &octets);
	if (rc == 0)
		rc = dkim_key_read(r->kind, octets, &r->key, &why);
	if (rc != -EBADMSG)
		return rc;
	if (pasted(text))
		broken(r, pasted(text));
	else if (text.len == STRING_OCTETS)
		broken(r, "the record is cut at 255 octets: publish it as several strings of one TXT record");
	else
		broken(r, why ? why : "its key (p=) is not base64");
	return 0;
}

static void judge_key(struct dkim_record *r)
{
	if (!r->key)
		return;
	r->bits = dkim_key_bits(r->key);
	if (r->kind != DKIM_KEY_RSA)
		return;
	if (r->bits < DKIM_KEY_BITS_MIN && !r->problem) {
		r->state = DKIM_RECORD_SHORT;
		r->problem = "the RSA key is shorter than 1024 bits, which receivers must not take (RFC 8301 3.2)";
	} else if (r->bits < DKIM_KEY_BITS_GOOD)
		note(r, "its RSA key is shorter than the 2048 bits that it should have (RFC 8301 3.2)");
}

/* Was it meant to be one? A text of another kind may stand at the name by a wildcard. */
static bool is_meant(struct span text, const struct dkim_tags *tags)
{
	return dkim_tags_find(tags, "p") || span_begins_nocase(span_trim(text), "v=dkim") ||
	       span_begins_nocase(span_trim(text), "k=rsa") || span_begins_nocase(span_trim(text), "k=ed25519") ||
	       span_contains_nocase(text, "p=mi");
}

int dkim_record_read(struct span text, struct arena *arena, struct dkim_record *ret_record)
{
	struct dkim_tags tags;
	const struct dkim_tag *p;
	struct dkim_record *r = ret_record;
	bool right = dkim_tags_read(text, &tags);
	int rc = 0;
	*r = (struct dkim_record){.kind = DKIM_KEY_RSA, .email = true};
	if (!is_meant(text, &tags)) {
		r->state = DKIM_RECORD_NONE;
		r->problem = text.len ? "it is no key record, but another text" : "it is empty";
		return 0;
	}
	if (!right) {
		broken(r, pasted(text) ? pasted(text) : arena_printf(arena, "it has %s", tags.why));
		return r->problem ? 0 : -ENOMEM;
	}
	read_version(r, text, &tags);
	read_use(r, &tags);
	judge_use(r, &tags);
	p = dkim_tags_find(&tags, "p");
	if (!p)
		broken(r, "it has no key: p= is missing");
	else if (p->value.len == 0 && !r->problem) {
		r->state = DKIM_RECORD_REVOKED;
		r->problem = "the key is revoked: p= is empty";
	} else if (r->kind != DKIM_KEY_OTHER)
		rc = read_key(r, text, p->value, arena);
	judge_key(r);
	return rc;
}

void dkim_record_release(struct dkim_record *r)
{
	dkim_key_free(r->key);
	r->key = NULL;
}
