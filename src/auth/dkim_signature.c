/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/dkim_signature.h"

#include <errno.h>

#include "base/ascii.h"

enum { NAME_OCTETS_MAX = 253, LABEL_OCTETS_MAX = 63, SELECTOR_OCTETS_MAX = NAME_OCTETS_MAX };

static const uint64_t time_max = UINT64_C(999999999999); /* 12 digits (3.5, t=) */

static int wrong(struct dkim_signature *s, const char *problem)
{
	if (!s->problem)
		s->problem = problem;
	return 0;
}

/* Labels of what names have (RFC 5321 4.1.2, RFC 8616), the underscore that selectors are seen with included. */
static bool is_domain(struct span name, size_t max)
{
	size_t label = 0;
	if (name.len == 0 || name.len > max)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.at[i];
		bool dot = c == '.';
		if ((dot && label == 0) || (!dot && ++label > LABEL_OCTETS_MAX))
			return false;
		if (dot)
			label = 0;
		else if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' && c != '_' && c < 0x80)
			return false;
	}
	return label > 0;
}

bool dkim_signature_within(struct span name, struct span domain)
{
	if (name.len < domain.len)
		return false;
	return span_equal_nocase(span_of(name.at + name.len - domain.len, domain.len), domain) &&
	       (name.len == domain.len || name.at[name.len - domain.len - 1] == '.');
}

/* 0 where there is none; its own text where there is. */
static bool number(const struct dkim_tags *tags, const char *name, uint64_t max, uint64_t *ret, bool *ret_has)
{
	const struct dkim_tag *tag = dkim_tags_find(tags, name);
	*ret_has = tag != NULL;
	*ret = 0;
	return !tag || ascii_parse_u64(tag->value, max, ret) == 0;
}

static void read_numbers(struct dkim_signature *s, const struct dkim_tags *tags)
{
	uint64_t made, ends;
	if (!number(tags, "l", UINT64_MAX - 1, &s->length, &s->has_length))
		wrong(s, "l= is no number");
	if (!number(tags, "t", time_max, &made, &s->has_time))
		wrong(s, "t= is no time");
	if (!number(tags, "x", time_max, &ends, &s->has_expiry))
		wrong(s, "x= is no time");
	s->time_s = (int64_t)made;
	s->expiry_s = (int64_t)ends;
	if (!s->problem && s->has_time && s->has_expiry && ends <= made)
		wrong(s, "it expires (x=) before it is made (t=)");
}

static void read_algorithm(struct dkim_signature *s, const struct dkim_tags *tags)
{
	static const char *const names[] = {"rsa-sha256", "rsa-sha1", "ed25519-sha256"};
	const struct dkim_tag *a = dkim_tags_find(tags, "a");
	s->algorithm = DKIM_OTHER_ALGORITHM;
	if (!a) {
		wrong(s, "a= is missing");
		return;
	}
	s->algorithm_text = a->value;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (span_equal(a->value, span_str(names[i])))
			s->algorithm = (enum dkim_algorithm)i;
	if (s->algorithm == DKIM_OTHER_ALGORITHM)
		wrong(s, "its algorithm (a=) is none that DKIM has");
}

static bool is_form(struct span text, bool *ret_relaxed)
{
	*ret_relaxed = span_equal(text, span_str("relaxed"));
	return *ret_relaxed || span_equal(text, span_str("simple"));
}

static void read_forms(struct dkim_signature *s, const struct dkim_tags *tags)
{
	const struct dkim_tag *c = dkim_tags_find(tags, "c"), *q = dkim_tags_find(tags, "q");
	struct span rest, part;
	bool dns = !q;
	if (c) {
		size_t slash = span_find(c->value, '/');
		if (!is_form(span_of(c->value.at, slash), &s->header_relaxed) ||
		    (slash < c->value.len && !is_form(span_from(c->value, slash + 1), &s->body_relaxed)))
			wrong(s, "its canonical form (c=) is neither simple nor relaxed");
	}
	for (rest = q ? q->value : (struct span){0}; dkim_tags_part(&rest, &part);)
		dns |= span_equal(part, span_str("dns/txt")) || span_equal(part, span_str("dns"));
	if (!dns)
		wrong(s, "its key is not asked for by DNS (q=)");
}

/* 16: it is no digit. */
static unsigned int hex(uint8_t c)
{
	return ascii_is_digit(c) ? c - 48U : c >= 'A' && c <= 'F' ? c - 55U : 16;
}

/* dkim-quoted-printable (2.11): "=2E", and white space that does not count. Empty: no memory. */
static struct span unquoted(struct span text, struct arena *arena)
{
	uint8_t *out = arena_alloc(arena, text.len + 1, 1);
	size_t len = 0;
	for (size_t i = 0; out && i < text.len; i++) {
		uint8_t c = text.at[i];
		if (c == '=' && i + 2 < text.len && hex(text.at[i + 1]) < 16 && hex(text.at[i + 2]) < 16) {
			c = (uint8_t)(hex(text.at[i + 1]) << 4 | hex(text.at[i + 2]));
			i += 2;
		} else if (dkim_tags_space(c)) {
			continue;
		}
		out[len++] = c;
	}
	return span_of(out, out ? len : 0);
}

static void read_identity(struct dkim_signature *s, struct span value, struct arena *arena)
{
	size_t at = 0;
	s->identity = unquoted(value, arena);
	for (size_t i = 0; i < s->identity.len; i++)
		if (s->identity.at[i] == '@')
			at = i + 1;
	if (at == 0 || !dkim_signature_within(span_from(s->identity, at), s->domain))
		wrong(s, "its identity (i=) is not of the domain that signs (d=)");
}

static void read_signer(struct dkim_signature *s, const struct dkim_tags *tags, struct arena *arena)
{
	const struct dkim_tag *v = dkim_tags_find(tags, "v"), *d = dkim_tags_find(tags, "d");
	const struct dkim_tag *sel = dkim_tags_find(tags, "s"), *i = dkim_tags_find(tags, "i");
	if (!v || !span_equal(v->value, span_str("1")))
		wrong(s, v ? "its version (v=) is not 1" : "v= is missing");
	if (d)
		s->domain = d->value;
	if (sel)
		s->selector = sel->value;
	if (!d || !is_domain(d->value, NAME_OCTETS_MAX))
		wrong(s, d ? "its domain (d=) is no name" : "d= is missing");
	if (!sel || !is_domain(sel->value, SELECTOR_OCTETS_MAX))
		wrong(s, sel ? "its selector (s=) is no name" : "s= is missing");
	if (i)
		read_identity(s, i->value, arena);
}

/* Names of h=; one that is empty is a fault. */
static int read_names(struct dkim_signature *s, const struct dkim_tags *tags, struct arena *arena)
{
	const struct dkim_tag *h = dkim_tags_find(tags, "h");
	struct span rest = h ? h->value : (struct span){0}, part;
	bool from = false;
	struct span *names = arena_alloc(arena, DKIM_SIGNED_MAX, sizeof(*names));
	if (!names)
		return -ENOMEM;
	s->names = names;
	while (dkim_tags_part(&rest, &part)) {
		if (part.len == 0)
			return wrong(s, "a name in h= is empty");
		if (s->name_count == DKIM_SIGNED_MAX)
			return wrong(s, "h= has more names than anybody needs");
		names[s->name_count++] = part;
		from |= span_equal_nocase(part, span_str("from"));
	}
	if (!h || s->name_count == 0)
		return wrong(s, h ? "h= is empty" : "h= is missing");
	if (!from && !s->problem) {
		s->without_from = true;
		wrong(s, "From is not signed (h=), and it has to be (RFC 6376 5.4)");
	}
	return 0;
}

static int read_octets(struct dkim_signature *s, const struct dkim_tags *tags, struct arena *arena)
{
	const struct dkim_tag *b = dkim_tags_find(tags, "b"), *bh = dkim_tags_find(tags, "bh");
	int rc;
	if (!b || !bh)
		return wrong(s, b ? "bh= is missing" : "b= is missing");
	s->room = b->room;
	rc = dkim_tags_base64(b->value, arena, &s->octets);
	if (rc == 0)
		rc = dkim_tags_base64(bh->value, arena, &s->body_hash);
	if (rc == -EBADMSG)
		return wrong(s, "b= or bh= is not base64");
	return rc < 0 ? rc : s->octets.len == 0 ? wrong(s, "b= is empty") : 0;
}

int dkim_signature_read(struct span value, struct arena *arena, struct dkim_signature *ret_signature)
{
	struct dkim_signature *s = ret_signature;
	struct dkim_tags tags;
	bool right = dkim_tags_read(value, &tags);
	int rc;
	*s = (struct dkim_signature){.algorithm = DKIM_OTHER_ALGORITHM};
	if (!right) {
		s->problem = arena_printf(arena, "it has %s", tags.why);
		if (!s->problem)
			return -ENOMEM;
	}
	s->copied = dkim_tags_find(&tags, "z") != NULL;
	read_signer(s, &tags, arena);
	read_algorithm(s, &tags);
	read_forms(s, &tags);
	read_numbers(s, &tags);
	rc = read_octets(s, &tags, arena);
	return rc < 0 ? rc : read_names(s, &tags, arena);
}
