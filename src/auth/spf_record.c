/* SPDX-License-Identifier: BSD-2-Clause */
/* The grammar of RFC 7208 section 12: a syntax error anywhere in a record is one of the whole record (4.6). */
#include <string.h>

#include "auth/spf_parts.h"
#include "base/ascii.h"

bool spf_is_record(struct span text)
{
	return span_begins_nocase(text, "v=spf1") && (text.len == 6 || text.at[6] == ' ');
}

size_t spf_name_labels(struct span name)
{
	size_t label = 0, labels = 0;
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	if (name.len == 0 || name.len > SPF_NAME_MAX)
		return 0;
	for (size_t i = 0; i <= name.len; i++) {
		if (i < name.len && name.at[i] != '.') {
			label++;
			continue;
		}
		if (label == 0 || label > 63)
			return 0;
		labels++;
		label = 0;
	}
	return labels;
}

bool spf_domain_valid(struct span name)
{
	return spf_name_labels(name) > 1;
}

/* "/24", "//64", "/24//64" at the end of a term (5.3), taken off it. @return whether what looks like one is one. */
static bool number(struct span digits, unsigned int max, unsigned int *ret)
{
	uint64_t value;
	if (digits.len == 0 || (digits.len > 1 && digits.at[0] == '0') || ascii_parse_u64(digits, max, &value) < 0)
		return false;
	*ret = (unsigned int)value;
	return true;
}

static size_t digits_at_end(struct span text)
{
	size_t at = text.len;
	while (at && ascii_is_digit(text.at[at - 1]))
		at--;
	return at;
}

static bool take_cidr(struct span *text, struct spf_directive *d)
{
	size_t at = digits_at_end(*text);
	if (at >= 2 && text->at[at - 1] == '/' && text->at[at - 2] == '/') {
		if (!number(span_from(*text, at), 128, &d->bits6))
			return false;
		text->len = at - 2;
		at = digits_at_end(*text);
		if (at == text->len)
			return true; /* "a//64" */
	}
	if (at >= 1 && text->at[at - 1] == '/') {
		if (!number(span_from(*text, at), 32, &d->bits4))
			return false;
		text->len = at - 1;
	}
	return true;
}

/* ip4-network, ip6-network, with their prefix lengths (5.6) */
static bool take_network(struct span text, struct spf_directive *d)
{
	unsigned int family = d->kind == SPF_IP4 ? 4 : 6, max = family == 4 ? 32 : 128, bits = max;
	size_t slash = span_find(text, '/');
	if (slash < text.len && !number(span_from(text, slash + 1), max, &bits))
		return false;
	text.len = slash;
	/* one that is mapped into IPv6 is read as IPv4: "ip6:::ffff:192.0.2.1" is none of IPv6's then */
	if (addr_parse(text, &d->network.addr) < 0)
		return false;
	if (family == 6 && d->network.addr.family == 4 && span_find(text, ':') < text.len) {
		struct addr mapped = {.family = 6, .octets = {[10] = 0xff, [11] = 0xff}};
		memcpy(mapped.octets + 12, d->network.addr.octets, 4);
		d->network.addr = mapped;
	}
	d->network.bits = (uint8_t)bits;
	return d->network.addr.family == family;
}

static const struct {
	const char *name;
	enum spf_mechanism kind;
	enum { BEHIND_NOTHING, BEHIND_DOMAIN, BEHIND_OPTIONAL, BEHIND_CIDR, BEHIND_NETWORK } behind;
} mechanisms[] = {
	{"all", SPF_ALL, BEHIND_NOTHING}, {"include", SPF_INCLUDE, BEHIND_DOMAIN}, {"a", SPF_A, BEHIND_CIDR},
	{"mx", SPF_MX, BEHIND_CIDR},      {"ptr", SPF_PTR, BEHIND_OPTIONAL},       {"ip4", SPF_IP4, BEHIND_NETWORK},
	{"ip6", SPF_IP6, BEHIND_NETWORK}, {"exists", SPF_EXISTS, BEHIND_DOMAIN},
};

/* What follows the name: ":" and a domain-spec or network, a prefix length. */
static bool take_argument(struct spf_directive *d, int behind, struct span rest)
{
	if (behind == BEHIND_CIDR && !take_cidr(&rest, d))
		return false;
	if (rest.len == 0)
		return behind == BEHIND_NOTHING || behind == BEHIND_OPTIONAL || behind == BEHIND_CIDR;
	if (rest.at[0] != ':' || behind == BEHIND_NOTHING)
		return false;
	d->spec = span_from(rest, 1);
	if (behind == BEHIND_NETWORK)
		return take_network(d->spec, d);
	return spf_macro_valid(d->spec, true, false);
}

static bool take_mechanism(struct span term, struct spf_directive *d)
{
	static const char qualifiers[] = "+-~?";
	static const enum spf_result results[] = {SPF_PASS, SPF_FAIL, SPF_SOFTFAIL, SPF_NEUTRAL};
	const char *qualifier = term.len ? memchr(qualifiers, term.at[0], 4) : NULL;
	size_t len = 0;
	d->result = qualifier ? results[qualifier - qualifiers] : SPF_PASS;
	term = span_from(term, qualifier != NULL);
	while (len < term.len && term.at[len] != ':' && term.at[len] != '/')
		len++;
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(*mechanisms); i++) {
		if (!span_equal_nocase(span_of(term.at, len), span_str(mechanisms[i].name)))
			continue;
		d->kind = mechanisms[i].kind;
		return take_argument(d, (int)mechanisms[i].behind, span_from(term, len));
	}
	return false;
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ). @return its octets when "=" follows; 0: no modifier. */
static size_t modifier_name(struct span term)
{
	size_t len = 0;
	while (len < term.len && (ascii_is_alpha(term.at[len]) ||
				  (len && (ascii_is_digit(term.at[len]) || memchr("-_.", term.at[len], 3)))))
		len++;
	return len < term.len && term.at[len] == '=' ? len : 0;
}

static bool take_modifier(struct span term, size_t name_len, struct spf_directive *d, struct spf_record *r)
{
	struct span name = span_of(term.at, name_len);
	const struct spf_directive **once = NULL;
	d->spec = span_from(term, name_len + 1);
	d->kind = SPF_UNKNOWN_MODIFIER;
	if (span_equal_nocase(name, span_str("redirect"))) {
		d->kind = SPF_REDIRECT;
		once = &r->redirect;
	} else if (span_equal_nocase(name, span_str("exp"))) {
		d->kind = SPF_EXP;
		once = &r->exp;
	}
	if (once && *once) {
		r->why = "stands there twice";
		return false;
	}
	if (once)
		*once = d;
	return spf_macro_valid(d->spec, once != NULL, false);
}

static bool take_term(struct span term, struct spf_record *r)
{
	struct spf_directive *d = &r->at[r->count];
	size_t name = modifier_name(term);
	*d = (struct spf_directive){.text = term, .bits4 = 32, .bits6 = 128};
	r->count++;
	return name ? take_modifier(term, name, d, r) : take_mechanism(term, d);
}

size_t spf_record_terms(struct span text)
{
	size_t count = 1;
	for (size_t i = 1; i < text.len; i++)
		count += text.at[i] == ' ' && text.at[i - 1] != ' ';
	return count < SPF_TERMS_MAX ? count : SPF_TERMS_MAX;
}

bool spf_record_read(struct span text, struct spf_record *ret_record)
{
	struct spf_record *r = ret_record;
	r->count = 0;
	r->redirect = r->exp = NULL;
	r->why = "is no term of SPF";
	for (struct span rest = span_from(text, 6); rest.len;) {
		size_t len = span_find(rest, ' ');
		struct span term = span_of(rest.at, len);
		rest = span_from(rest, len + 1);
		if (len == 0)
			continue;
		r->wrong = term;
		if (r->count == r->room) {
			r->why = "is one term more than is read";
			return false;
		}
		if (!take_term(term, r))
			return false;
	}
	r->wrong = (struct span){0};
	return true;
}
