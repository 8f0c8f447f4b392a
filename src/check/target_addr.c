/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses and prefixes as targets: addr_parse() says no, this file says why and what to write instead. */
#include "check/target_parts.h"

#include <errno.h>

#include "base/ascii.h"

enum { IP6_GROUPS = 8, IP6_GROUP_DIGITS = 4 };

/** Length of the UTF-8 sequence at s (0: none, or a C1 control character, which terminals obey). */
static size_t utf8_length(struct span s)
{
	size_t n = s.at[0] >= 0xf0 ? 4 : s.at[0] >= 0xe0 ? 3 : 2;
	if (s.at[0] < 0xc2 || s.at[0] > 0xf4 || n > s.len || (s.at[0] == 0xc2 && s.at[1] < 0xa0))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s.at[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

const char *target_shown(struct span text, char shown[TARGET_SHOWN_SIZE])
{
	const size_t room = TARGET_SHOWN_SIZE - sizeof("...");
	size_t out = 0, n;
	for (size_t i = 0; i < text.len; i += n) {
		n = 1;
		if (text.at[i] >= 0x80)
			n = utf8_length(span_from(text, i));
		if (out + (n ? n : 1) > room) {
			memcpy(shown + out, "...", 3);
			out += 3;
			break;
		}
		if (n && text.at[i] >= ' ' && text.at[i] != 0x7f)
			memcpy(shown + out, text.at + i, n);
		else
			shown[out] = '?';
		out += n ? n : 1;
		n = n ? n : 1;
	}
	shown[out] = '\0';
	return shown;
}

bool target_looks_ip4(struct span text)
{
	size_t i = text.len;
	while (i && ascii_is_digit(text.at[i - 1]))
		i--;
	return i < text.len && (i == 0 || text.at[i - 1] == '.');
}

static int fault4_octet(struct span octet, const char *shown, struct error *err)
{
	char part[TARGET_SHOWN_SIZE];
	uint64_t value;
	int r = ascii_parse_u64(octet, 255, &value);
	target_shown(octet, part);
	if (octet.len == 0)
		return error_set(err, -EINVAL, "%s: not an IPv4 address: a number is missing between its dots", shown);
	if (r == -ERANGE)
		return error_set(err, -EINVAL, "%s: not an IPv4 address: %s is above 255", shown, part);
	if (r < 0)
		return error_set(err, -EINVAL,
				 "%s: not an IPv4 address: \"%s\" is not a number, and no domain name ends in one",
				 shown, part);
	if (octet.len > 1 && octet.at[0] == '0')
		return error_set(err, -EINVAL, "%s: not an IPv4 address: %s could be meant as octal; write %u", shown,
				 part, (unsigned)value);
	return 0;
}

int target_addr4(struct span text, struct addr *ret_addr, struct error *err)
{
	char shown[TARGET_SHOWN_SIZE];
	struct span rest = text;
	size_t count = 0, dot;
	int r;
	if (addr_parse(text, ret_addr) == 0)
		return 0;
	target_shown(text, shown);
	for (bool more = true; more; count++) {
		dot = span_find(rest, '.');
		more = dot < rest.len;
		r = fault4_octet(span_of(rest.at, dot), shown, err);
		if (r < 0)
			return r;
		rest = span_from(rest, dot + 1);
	}
	return error_set(err, -EINVAL, "%s: not an IPv4 address: it has %zu number%s; write four, as in 192.0.2.1",
			 shown, count, count == 1 ? "" : "s");
}

static int fault6(struct span text, const char *why, struct error *err)
{
	char shown[TARGET_SHOWN_SIZE];
	return error_set(err, -EINVAL, "%s: not an IPv6 address: %s", target_shown(text, shown), why);
}

static bool is_hex(uint8_t c)
{
	return ascii_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* What stands between the colons of an IPv6 address. */
struct groups6 {
	size_t count, gaps, longest;
	bool dotted, odd; /* an octet that is none of an address */
};

static struct groups6 count_groups6(struct span text)
{
	struct groups6 g = {0};
	size_t digits = 0;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i], before = i ? text.at[i - 1] : ':';
		g.dotted |= c == '.';
		g.odd |= !is_hex(c) && c != '.' && c != ':';
		g.gaps += i && c == ':' && before == ':';
		g.count += c != ':' && before == ':';
		digits = c == ':' ? 0 : digits + 1;
		if (digits > g.longest && !g.dotted)
			g.longest = digits;
	}
	return g;
}

/** Why addr_parse() refused. */
static const char *reason6(struct span text)
{
	struct groups6 g = count_groups6(text);
	if (g.odd)
		return "only digits, a to f and colons may stand in one";
	if (g.longest > IP6_GROUP_DIGITS)
		return "a group has more than four digits";
	if (memmem(text.at, text.len, ":::", 3))
		return "three colons in a row";
	if (g.gaps > 1)
		return "\"::\" stands in it twice";
	if (g.dotted)
		return "the IPv4 address at its end is wrong";
	if (g.count > IP6_GROUPS || (g.gaps && g.count == IP6_GROUPS))
		return "it has too many groups; write eight, or fewer with \"::\"";
	if (!g.gaps && g.count < IP6_GROUPS)
		return "it has too few groups; write eight, or \"::\" for the zeros";
	return "it begins or ends with a single colon";
}

int target_addr6(struct span text, struct addr *ret_addr, struct error *err)
{
	char shown[TARGET_SHOWN_SIZE];
	size_t zone = span_find(text, '%');
	if (addr_parse(text, ret_addr) == 0)
		return 0;
	if (zone < text.len)
		return error_set(err, -EINVAL,
				 "%s: blocklists know no interfaces; write it without the %% and what follows",
				 target_shown(text, shown));
	return fault6(text, reason6(text), err);
}

/** Clear all bits of `a` from bit `bits` on. */
static void mask(struct addr *a, unsigned bits)
{
	for (unsigned i = 0; i < sizeof(a->octets); i++) {
		unsigned keep = bits <= i * 8 ? 0 : bits - i * 8;
		if (keep < 8)
			a->octets[i] &= (uint8_t)(0xff00u >> keep);
	}
}

int target_prefix(struct span text, struct prefix *ret_prefix, struct error *err)
{
	char shown[TARGET_SHOWN_SIZE], right[PREFIX_TEXT_SIZE];
	size_t slash = span_find(text, '/');
	struct span left = span_of(text.at, slash), length = span_from(text, slash + 1);
	struct prefix p = {0};
	uint64_t bits;
	int r = span_find(left, ':') < left.len ? target_addr6(left, &p.addr, err) : target_addr4(left, &p.addr, err);
	if (r < 0)
		return r;
	target_shown(text, shown);
	r = ascii_parse_u64(length, p.addr.family == 4 ? 32 : 128, &bits);
	if (r == -ERANGE)
		return error_set(err, -EINVAL, "%s: not a prefix: its length is above %d", shown,
				 p.addr.family == 4 ? 32 : 128);
	if (r < 0)
		return error_set(err, -EINVAL, "%s: not a prefix: write a length after the slash, as in %s", shown,
				 p.addr.family == 4 ? "192.0.2.0/24" : "2001:db8::/32");
	p.bits = (uint8_t)bits;
	mask(&p.addr, p.bits);
	r = prefix_parse(text, ret_prefix);
	if (r == 0)
		return 0;
	prefix_text(&p, right);
	if (r == -EDOM)
		return error_set(err, -EINVAL, "%s: host bits are set; write %s", shown, right);
	return error_set(err, -EINVAL, "%s: not a prefix; write %s", shown, right);
}
