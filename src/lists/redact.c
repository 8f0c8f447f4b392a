/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys out of texts: those of the key file wherever they stand, and, since texts of others hold keys of others, the label in
 * a key's place of every zone that has one, in all forms that tools and files write names in. */
#include <strings.h>

#include "base/ascii.h"
#include "lists/keys.h"
#include "lists/lists.h"
#include "lists/record.h"

enum {
	MARK_OCTETS = 5, /* "{key}" */
	NAMES_MAX = 512,
	SIBLING_KEY_OCTETS_MIN = 16, /* before a zone that no record has: Spamhaus gives 26, Abusix 32 */
};

/* A dot as names are written with: in URLs, expressions, DNS and JSON escapes, and made harmless. */
static const char *const dots[] = {".", "\\.", "%2e", "\\x2e", "\\046", "\\u002e", "[.]", "\\\\.", "(dot)"};

/* @return the octets of the dot at `at`; 0: none stands there. */
static size_t dot_at(const char *at)
{
	for (size_t i = 0; i < sizeof(dots) / sizeof(*dots); i++)
		if (strncasecmp(at, dots[i], strlen(dots[i])) == 0)
			return strlen(dots[i]);
	return 0;
}

/* @return the octets of the dot that ends before `at`; 0: none does. */
static size_t dot_before(const char *text, const char *at)
{
	size_t best = 0;
	for (size_t i = 0; i < sizeof(dots) / sizeof(*dots); i++) {
		size_t len = strlen(dots[i]);
		if ((size_t)(at - text) >= len && len > best && strncasecmp(at - len, dots[i], len) == 0)
			best = len;
	}
	return best;
}

/* Whether the zone's name stands at `at`, whatever its dots look like. */
static bool name_at(const char *at, const char *zone)
{
	while (*zone) {
		size_t len = *zone == '.' ? dot_at(at) : ascii_lower((uint8_t)*at) == (uint8_t)*zone;
		if (len == 0)
			return false;
		at += len;
		zone++;
	}
	return !ascii_is_alpha((uint8_t)*at) && !ascii_is_digit((uint8_t)*at) && *at != '-';
}

static bool is_label_octet(char c)
{
	return ascii_is_alpha((uint8_t)c) || ascii_is_digit((uint8_t)c) || c == '-' || c == '_';
}

/* The label before the name at `at`, where it is as long as a key. @return where the text goes on. */
static char *redact_before(char *text, char *at, size_t octets_min)
{
	size_t dot = dot_before(text, at), len;
	char *end = at - dot, *from = end;
	while (dot && from > text && is_label_octet(from[-1]))
		from--;
	len = (size_t)(end - from);
	if (len < octets_min) /* an octet or a nibble of the address that is asked about */
		return at;
	memcpy(from, "{key}", MARK_OCTETS);
	memmove(from + MARK_OCTETS, end, strlen(end) + 1);
	return from + MARK_OCTETS + dot;
}

/* Whether a dot in any form may end with this octet: a quick no for most. */
static bool ends_dot(char c)
{
	return c == '.' || c == 'e' || c == 'E' || c == '6' || c == ']' || c == ')';
}

/* A zone of the same operator that no record has: "KEY.hbl.dq.spamhaus.net". @param at  where "dq" begins. */
static char *redact_sibling(char *text, char *at)
{
	size_t dot = dot_before(text, at);
	char *label = at - dot, *to;
	while (dot && label > text && is_label_octet(label[-1]))
		label--;
	to = redact_before(text, label, SIBLING_KEY_OCTETS_MIN);
	return to == label ? at : to;
}

struct keyed {
	const char *name;
	bool parent; /* of a zone that has a key: any label may stand between */
};

/* The keyed zones and what they stand below. @return how many. */
static size_t keyed_names(const struct list *const *lists, size_t count, struct keyed names[NAMES_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < count && n + 1 < NAMES_MAX; i++) {
		const char *zone = record_plain_zone(lists[i]->zone), *dot = strchr(zone, '.');
		if (!lists[i]->key)
			continue;
		names[n++] = (struct keyed){zone, false};
		if (dot && strchr(dot + 1, '.'))
			names[n++] = (struct keyed){dot + 1, true};
	}
	return n;
}

/* @return where the text goes on: at `at` where no name stands there, or no key before it. */
static char *redact_name(char *text, char *at, const struct keyed *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (name_at(at, names[i].name))
			return names[i].parent ? redact_sibling(text, at) : redact_before(text, at, MARK_OCTETS);
	return at;
}

/* With which two octets a name may begin: for the first of them a bit for each second one, where octets that are 64 apart
 * share theirs. */
struct beginnings {
	uint64_t second[256];
};

static uint64_t either_case(uint8_t c)
{
	uint64_t bits = UINT64_C(1) << c % 64;
	return ascii_is_alpha(c) ? bits | UINT64_C(1) << (c ^ 0x20) % 64 : bits;
}

static void note_beginning(const char *name, struct beginnings *b)
{
	uint8_t first = (uint8_t)name[0];
	uint64_t bits = name[0] && name[1] && name[1] != '.' ? either_case((uint8_t)name[1]) : UINT64_MAX;
	b->second[first] |= bits;
	if (ascii_is_alpha(first))
		b->second[first ^ 0x20] |= bits;
}

/* One branch for the first: which it is cannot be foreseen. */
static bool may_begin(const struct beginnings *b, const bool ends[256], const char *at)
{
	uint64_t second = b->second[(uint8_t)at[1]];
	return (ends[(uint8_t)*at] & (second != 0)) && second >> (uint8_t)at[2] % 64 & 1;
}

void redact_zones(const struct list *const *lists, size_t count, char *text)
{
	struct keyed names[NAMES_MAX];
	struct beginnings begins = {0};
	bool ends[256];
	size_t name_count = keyed_names(lists, count, names);
	for (size_t i = 0; i < name_count; i++)
		note_beginning(names[i].name, &begins);
	begins.second[0] = 0; /* the text's end */
	for (int c = 0; c < 256; c++)
		ends[c] = ends_dot((char)c);
	for (char *at = text; name_count && *at; at++)
		if (may_begin(&begins, ends, at))
			at = redact_name(text, at + 1, names, name_count) - 1;
}
