/* SPDX-License-Identifier: BSD-2-Clause */
/* The verification: each signature by itself; its result is settled as soon as nothing more has to be asked. */
#include <errno.h>
#include <stdlib.h>

#include "auth/dkim_parts.h"
#include "base/ascii.h"

enum { NAME_OCTETS_MAX = 253 };

static const int64_t skew_s = 300; /* clocks of two servers may differ by so much */

const char *dkim_result_text(enum dkim_result result)
{
	static const char *const texts[] = {"none", "pass", "fail", "policy", "neutral", "temperror", "permerror"};
	return texts[result];
}

static void settle(struct dkim_verdict *v, enum dkim_result result, const char *why)
{
	v->result = result;
	v->why = why;
}

/* ---- signatures ---- */

static void hash_sink(void *context, struct span octets)
{
	dkim_hash_add(context, octets);
}

static const char *copied(const struct dkim *d, struct span text, const char *before)
{
	return arena_printf(d->arena, "%s%.*s", before, (int)text.len, text.len ? (const char *)text.at : "");
}

static int ask_name(const struct dkim *d, struct dkim_check *c)
{
	char *name = arena_printf(d->arena, "%.*s._domainkey.%.*s", (int)c->signature.selector.len,
				  (const char *)c->signature.selector.at, (int)c->signature.domain.len,
				  (const char *)c->signature.domain.at);
	if (!name)
		return -ENOMEM;
	ascii_lower_all(name);
	c->question = name;
	return 0;
}

static int begin_check(struct dkim *d, struct dkim_check *c, struct dkim_verdict *v)
{
	const struct dkim_field *f = &d->head.fields[c->field];
	struct dkim_signature *s = &c->signature;
	int rc = dkim_signature_read(span_from(f->whole, span_find(f->whole, ':') + 1), d->arena, s);
	if (rc < 0)
		return rc;
	v->signature = s;
	v->domain = copied(d, s->domain, "");
	v->selector = copied(d, s->selector, "");
	v->identity = s->identity.len ? copied(d, s->identity, "") : copied(d, s->domain, "@");
	v->algorithm = copied(d, s->algorithm_text, "");
	if (!v->domain || !v->selector || !v->identity || !v->algorithm)
		return -ENOMEM;
	if (s->problem) {
		c->settled = true;
		settle(v, s->without_from ? DKIM_PERMERROR : DKIM_NEUTRAL, s->problem);
		return 0;
	}
	c->hash = dkim_hash_new(s->algorithm != DKIM_RSA_SHA1);
	if (!c->hash)
		return -ENOMEM;
	dkim_canon_begin(&c->canon, s->body_relaxed, s->has_length ? s->length : UINT64_MAX, hash_sink, c->hash);
	return ask_name(d, c);
}

int dkim_begin(struct span head, int64_t now_s, struct arena *arena, struct dkim **ret_dkim)
{
	struct dkim *d = arena_alloc(arena, 1, sizeof(*d));
	int rc = d ? 0 : -ENOMEM;
	if (rc < 0)
		return rc;
	d->arena = arena;
	d->now_s = now_s;
	d->report.verdicts = d->verdicts;
	rc = dkim_head_read(head, arena, &d->head);
	for (size_t i = 0; rc == 0 && i < d->head.count; i++) {
		if (!span_equal_nocase(d->head.fields[i].name, span_str("DKIM-Signature")))
			continue;
		if (d->report.count == DKIM_SIGNATURES_MAX) {
			d->report.left_out++;
			continue;
		}
		d->checks[d->report.count].field = i;
		rc = begin_check(d, &d->checks[d->report.count], &d->verdicts[d->report.count]);
		d->report.count++;
	}
	if (rc < 0)
		dkim_free(d);
	else
		*ret_dkim = d;
	return rc;
}

void dkim_body(struct dkim *d, struct span octets)
{
	for (size_t i = 0; i < d->report.count; i++)
		if (d->checks[i].hash)
			dkim_canon_feed(&d->checks[i].canon, octets);
}

void dkim_body_end(struct dkim *d)
{
	uint8_t digest[DKIM_KEY_HASH_MAX];
	for (size_t i = 0; i < d->report.count; i++) {
		struct dkim_check *c = &d->checks[i];
		if (!c->hash)
			continue;
		dkim_canon_end(&c->canon);
		c->body_right = span_equal(span_of(digest, dkim_hash_end(c->hash, digest)), c->signature.body_hash);
		c->hash = NULL;
		d->verdicts[i].body_octets = c->canon.octets;
	}
}

void dkim_free(struct dkim *d)
{
	uint8_t digest[DKIM_KEY_HASH_MAX];
	for (size_t i = 0; d && i < d->report.count; i++) {
		if (d->checks[i].hash)
			dkim_hash_end(d->checks[i].hash, digest);
		d->checks[i].hash = NULL;
	}
}

/* ---- keys ---- */

/* Why the key may not sign this; NULL: it may (6.1.2). */
static const char *unfit(const struct dkim_record *r, const struct dkim_signature *s)
{
	bool rsa = s->algorithm != DKIM_ED25519_SHA256, sha1 = s->algorithm == DKIM_RSA_SHA1;
	struct span host = s->identity;
	if (!r->key || (r->state != DKIM_RECORD_GOOD && r->state != DKIM_RECORD_SHORT))
		return r->problem;
	if (rsa != (r->kind == DKIM_KEY_RSA))
		return "the key is of another type (k=) than the signature (a=)";
	if (sha1 ? !r->sha1 : !r->sha256)
		return "the key may not be used with this hash (h= of the key record)";
	while (host.len && span_find(host, '@') < host.len)
		host = span_from(host, span_find(host, '@') + 1);
	if (r->strict && host.len && !span_equal_nocase(host, s->domain))
		return "the key is for the domain alone (t=s), and i= is below it";
	return NULL;
}

/* What holds, but is not to be taken. NULL: nothing. */
static const char *unacceptable(const struct dkim *d, const struct dkim_record *r, const struct dkim_signature *s)
{
	if (s->algorithm == DKIM_RSA_SHA1)
		return "rsa-sha1 is no longer valid (RFC 8301 3.1): sign with rsa-sha256";
	if (r->state == DKIM_RECORD_SHORT)
		return r->problem;
	if (s->has_expiry && s->expiry_s < d->now_s)
		return "it has expired (x=)";
	if (s->has_time && s->time_s > d->now_s + skew_s)
		return "it was made in the future (t=), which receivers may ignore (RFC 6376 3.5): look at the clocks";
	return NULL;
}

static const char *untrue_body(const struct dkim_check *c)
{
	if (c->signature.has_length && c->signature.length > c->canon.octets)
		return "l= says more octets than the body has: something was cut off";
	return c->body_right ? NULL : "the body was changed on the way, or is another (bh=)";
}

/* @return 0; -ENOMEM. */
static int verify(const struct dkim *d, const struct dkim_check *c, const struct dkim_record *r, struct dkim_verdict *v)
{
	const struct dkim_signature *s = &c->signature;
	struct buf text = buf_make(DKIM_SIGNED_OCTETS_MAX);
	const char *why = unfit(r, s);
	int rc = 0;
	if (why) {
		settle(v, DKIM_PERMERROR, why);
		return 0;
	}
	rc = dkim_head_signed(&d->head, c, &text);
	if (rc == 0)
		rc = dkim_key_verifies(r->key, s->algorithm != DKIM_RSA_SHA1, buf_span(&text), s->octets);
	buf_release(&text);
	if (rc < 0)
		return -ENOMEM;
	why = untrue_body(c);
	v->intact = rc == 1 && !why;
	if (why)
		settle(v, DKIM_FAIL, why);
	else if (rc == 0)
		settle(v, DKIM_FAIL, "a signed field was changed on the way, or another key has signed (b=)");
	else if ((why = unacceptable(d, r, s)))
		settle(v, DKIM_POLICY, why);
	else
		settle(v, DKIM_PASS, NULL);
	return 0;
}

/* Of several records one that verifies is enough (6.1.2). */
static int try_record(struct dkim *d, struct dkim_check *c, struct dkim_verdict *v, struct span text)
{
	const char *copy = arena_copy(d->arena, text);
	struct dkim_record r = {0};
	int rc = copy ? dkim_record_read(span_of(copy, text.len), d->arena, &r) : -ENOMEM;
	if (rc == 0 && r.state != DKIM_RECORD_NONE) {
		v->kind = r.kind;
		v->bits = r.bits;
		v->testing = r.testing;
		v->note_count = 0;
		for (size_t i = 0; i < r.note_count; i++)
			dkim_notes_one(v, r.notes[i]);
		rc = verify(d, c, &r, v);
	}
	dkim_record_release(&r);
	return rc;
}

int dkim_answer(struct dkim *d, const struct dkim_answer *answer)
{
	struct dkim_check *c = d->wanted;
	struct dkim_verdict *v;
	int rc = 0;
	if (!c)
		return 0;
	v = &d->verdicts[c - d->checks];
	settle(v, DKIM_PERMERROR,
	       answer->kind == DKIM_ANSWER_NO_NAME ? "there is no key: the DNS has no such name"
	       : answer->count                     ? "there is no key: what the name has is another text"
						   : "there is no key: the name has no TXT record");
	if (answer->kind == DKIM_ANSWER_FAILED)
		settle(v, DKIM_TEMPERROR, "the DNS gave no answer when asked for the key");
	for (size_t i = 0; rc == 0 && !v->intact && i < answer->count && i < DKIM_RECORDS_MAX; i++)
		rc = try_record(d, c, v, answer->texts[i]);
	if (answer->count > 1)
		dkim_notes_one(
			v, "the selector has several TXT records: receivers may take any of them (RFC 6376 3.6.2.2)");
	c->settled = true;
	d->wanted = NULL;
	return rc;
}

int dkim_step(struct dkim *d, const char **ret_name)
{
	int rc = 0;
	for (size_t i = 0; i < d->report.count; i++) {
		if (d->checks[i].settled)
			continue;
		d->wanted = &d->checks[i];
		*ret_name = d->checks[i].question;
		return 0;
	}
	for (size_t i = 0; rc == 0 && i < d->report.count; i++)
		if (!d->verdicts[i].covers)
			rc = dkim_notes_add(d, &d->checks[i], &d->verdicts[i]);
	return rc < 0 ? rc : 1;
}

const struct dkim_report *dkim_report(const struct dkim *d)
{
	return &d->report;
}
