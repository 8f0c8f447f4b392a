/* SPDX-License-Identifier: BSD-2-Clause */
/* Domain names as targets: U-labels to A-labels (libidn2), the registrable domain (libpsl). */
#include "check/target_parts.h"

#include <errno.h>
#include <idn2.h>
#include <libpsl.h>

#include "base/ascii.h"

enum {
	NAME_TEXT_MAX = 253,    /* RFC 1035 3.1: 255 octets of wire form */
	LABEL_MAX = 63,         /* RFC 1035 2.3.4 */
	UNICODE_TEXT_MAX = 1024 /* octets of UTF-8 given to libidn2; no name that fits 253 octets needs more */
};

static bool is_ascii(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] >= 0x80)
			return false;
	return true;
}

static int fault(struct span text, const char *why, struct error *err)
{
	char shown[TARGET_SHOWN_SIZE];
	return error_set(err, -EINVAL, "%s: not a domain name: %s", target_shown(text, shown), why);
}

/**
 * Letters, digits, hyphen and underscore. Hyphens may stand anywhere: RFC 1123 forbids them at the ends of a label,
 * but names that have them resolve, send mail and get listed.
 */
static const char *label_reason(struct span label)
{
	if (label.len == 0)
		return "a label is empty (two dots in a row, or a dot in front)";
	if (label.len > LABEL_MAX)
		return "a label is longer than 63 octets";
	for (size_t i = 0; i < label.len; i++)
		if (!ascii_is_alpha(label.at[i]) && !ascii_is_digit(label.at[i]) && label.at[i] != '-' &&
		    label.at[i] != '_')
			return "only letters, digits, hyphens, underscores and dots may stand in one";
	return NULL;
}

static const char *name_reason(struct span name)
{
	struct span rest = name;
	size_t labels = 0, dot;
	const char *why;
	if (name.len > NAME_TEXT_MAX)
		return "it is longer than 253 octets";
	for (bool more = true; more; labels++) {
		dot = span_find(rest, '.');
		more = dot < rest.len;
		why = label_reason(span_of(rest.at, dot));
		if (why)
			return why;
		rest = span_from(rest, dot + 1);
	}
	if (labels < 2)
		return "one label alone; write it in full, as in mail.example.com";
	return NULL;
}

/** UTS 46, non-transitional ("faß.example" stays itself), as browsers and RFC 5891 lookups do. */
static int to_ascii(struct span text, struct arena *arena, char **ret_name, struct error *err)
{
	char *utf8, *ascii = NULL;
	int r;
	if (text.len > UNICODE_TEXT_MAX)
		return fault(text, "it is longer than 253 octets", err);
	utf8 = arena_copy(arena, text);
	if (!utf8)
		return -ENOMEM;
	r = idn2_to_ascii_8z(utf8, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (r == IDN2_MALLOC)
		return -ENOMEM;
	if (r != IDN2_OK)
		return fault(text, idn2_strerror(r), err);
	*ret_name = arena_copy(arena, span_str(ascii));
	idn2_free(ascii);
	return *ret_name ? 0 : -ENOMEM;
}

static bool has_a_label(const char *name)
{
	for (const char *at = name; at; at = strchr(at, '.')) {
		at += *at == '.';
		if (strncmp(at, "xn--", 4) == 0)
			return true;
	}
	return false;
}

/**
 * The form for people. Decoding alone checks nothing, so only what encodes back to the very same name is shown: a
 * forged A-label cannot bring control or direction characters to the screen.
 */
static int to_unicode(const char *name, struct arena *arena, const char **ret_unicode)
{
	char *unicode = NULL, *again = NULL;
	int r = 0;
	*ret_unicode = NULL;
	if (!has_a_label(name))
		return 0;
	if (idn2_to_unicode_8z8z(name, &unicode, IDN2_NONTRANSITIONAL) == IDN2_OK &&
	    idn2_to_ascii_8z(unicode, &again, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK &&
	    strcmp(again, name) == 0 && strcmp(unicode, name) != 0) {
		*ret_unicode = arena_copy(arena, span_str(unicode));
		r = *ret_unicode ? 0 : -ENOMEM;
	}
	idn2_free(unicode);
	idn2_free(again);
	return r;
}

/**
 * Private suffixes (github.io, blogspot.com) count as suffixes: lists name the customer (alice.github.io), as SURBL's
 * two-level-tlds and Spamhaus DBL do, and asking for the host's own domain would blame alice for it or miss her. The
 * list compiled into libpsl is used: no file to read at start, and the distribution keeps it current.
 */
static const char *registrable_of(const char *name)
{
	const psl_ctx_t *psl = psl_builtin();
	return psl ? psl_registrable_domain(psl, name) : NULL;
}

int target_domain(struct span text, struct arena *arena, struct target *t, struct error *err)
{
	const char *why;
	struct span given = text;
	char *name = NULL;
	int r;
	if (text.len && text.at[text.len - 1] == '.')
		text.len--;
	if (text.len == 0)
		return fault(given, "it is empty", err);
	if (is_ascii(text)) {
		name = arena_copy(arena, text);
		r = name ? 0 : -ENOMEM;
	} else {
		r = to_ascii(text, arena, &name, err);
	}
	if (r < 0)
		return r;
	ascii_lower_all(name);
	/* UTS 46 maps the ideographic full stop to a dot: a final one is seen only now */
	if (name[0] && name[strlen(name) - 1] == '.')
		name[strlen(name) - 1] = '\0';
	why = name_reason(span_str(name));
	if (why)
		return fault(given, why, err);
	if (target_looks_ip4(span_str(name)))
		return fault(given, "none ends in a number", err);
	r = to_unicode(name, arena, &t->unicode);
	if (r < 0)
		return r;
	t->name = name;
	t->registrable = registrable_of(name);
	return 0;
}
