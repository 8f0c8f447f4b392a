/* SPDX-License-Identifier: BSD-2-Clause */
/* The pieces of Exim's records. Source: the specification's chapter "Log files", and the logs of Exim's own tests. */
#include "maillog/exim.h"

#include "base/ascii.h"

enum {
	ID_SHORT = 16,       /* 6-6-2 */
	ID_LONG = 23,        /* 6-11-4, from 4.97 */
	HELO_TRIES_MAX = 16, /* places where a HELO may end that are looked at */
};

/* base 62, or base 36 in capitals where file names know no case */
static bool id_part(const uint8_t *at, size_t len)
{
	static const bool digit[256] = {['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true};
	bool all = true;
	for (size_t i = 0; i < len; i++)
		all &= digit[at[i]];
	return all;
}

size_t exim_id(struct span s)
{
	size_t len;
	if (s.len < ID_SHORT || s.at[6] != '-')
		return 0;
	if (s.at[13] == '-')
		len = ID_SHORT;
	else if (s.len >= ID_LONG && s.at[18] == '-')
		len = ID_LONG;
	else
		return 0;
	if (s.len > len && s.at[len] != ' ')
		return 0;
	if (!id_part(s.at, 6))
		return 0;
	if (len == ID_SHORT)
		return id_part(s.at + 7, 6) && id_part(s.at + 14, 2) ? len : 0;
	return id_part(s.at + 7, 11) && id_part(s.at + 19, 4) ? len : 0;
}

struct span exim_quoted(struct exim_rest *r)
{
	const uint8_t *from = r->at, *to;
	if (from < r->end && *from == '"')
		from++;
	for (to = from; to < r->end && *to != '"'; to++)
		if (*to == '\\' && to + 1 < r->end)
			to++;
	r->at = to < r->end ? to + 1 : to;
	return span_of(from, (size_t)(to - from));
}

/* Where an address with quotes ends: outside quotes at `stop`, or at the end; NULL: a quote has no partner. */
static const uint8_t *quoted_end(const uint8_t *at, const uint8_t *end, uint8_t stop)
{
	bool quoted = false;
	for (; at < end; at++) {
		if (*at == '\\' && quoted && at + 1 < end)
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (*at == stop && !quoted)
			break;
	}
	return quoted ? NULL : at;
}

struct span exim_address(struct exim_rest *r)
{
	const uint8_t *from, *to, *end = r->end;
	exim_skip_blanks(r);
	from = r->at;
	if (from < end && *from == '<') {
		to = exim_either(from, end, '>', '"');
		if (to < end && *to == '"')
			to = quoted_end(from + 1, end, '>');
		if (!to || to == end) { /* no partner: what stands there up to the blank */
			r->at = exim_blank(from, end);
			return span_of(from + 1, (size_t)(r->at - from - 1));
		}
		r->at = to + 1;
		return span_of(from + 1, (size_t)(to - from - 1));
	}
	to = exim_either(from, end, ' ', '"');
	if (to < end && *to == '"') {
		const uint8_t *whole = quoted_end(from, end, ' ');
		to = whole ? whole : exim_blank(to, end);
	}
	r->at = to;
	return span_of(from, (size_t)(to - from));
}

/* "[ip]:port" at `at`: the octet after it; NULL: none. An address that is none (a test's "V4NET.1.2.3") is passed over. */
static const uint8_t *bracket(const uint8_t *at, const uint8_t *end, struct addr *ret_addr, uint16_t *ret_port)
{
	const uint8_t *close;
	uint32_t port = 0;
	struct addr a;
	if (at >= end || *at != '[')
		return NULL;
	close = memchr(at, ']', (size_t)(end - at));
	if (!close)
		return NULL;
	if (addr_parse(span_of(at + 1, (size_t)(close - at - 1)), &a) == 0)
		*ret_addr = a;
	at = close + 1;
	if (end - at >= 2 && *at == ':' && ascii_is_digit(at[1]))
		for (at++; at < end && *at != ' ' && *at != ':' && *at != '*' && *at != ','; at++)
			port = ascii_is_digit(*at) && port < 100000 ? port * 10 + *at - '0' : 100000;
	if (port > 0 && port < 65536)
		*ret_port = (uint16_t)port;
	return at;
}

/* The words a client cannot write into its HELO end here: what comes after may be forged as well (subject, reply). */
static const uint8_t *helo_limit(const uint8_t *at, const uint8_t *end)
{
	static const char *const stops[] = {" id=", " T=\"", " C=\"", " rejected ", ": "};
	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		const uint8_t *hit = memmem(at, (size_t)(end - at), stops[i], strlen(stops[i]));
		if (hit)
			end = hit;
	}
	return end;
}

/*
 * A HELO with blanks or brackets in it ("helo_allow_chars", "helo_accept_junk_hosts") may look like a closed HELO with
 * an address behind it. The true address is the last one of the field.
 */
static const uint8_t *helo_end(const uint8_t *at, const uint8_t *end)
{
	const uint8_t *blank = exim_blank(at, end), *hit, *limit, *next;
	bool plain = end - blank >= 2 && blank[-1] == ')' && blank[1] == '[';
	if (plain && !memchr(blank, ')', (size_t)(end - blank)))
		return blank - 1;
	hit = memmem(at, (size_t)(end - at), ") [", 3);
	if (!hit)
		return NULL;
	next = memmem(hit + 1, (size_t)(end - hit - 1), ") [", 3);
	if (!next && plain)
		return hit;
	limit = helo_limit(at, end);
	if (hit >= limit)
		return NULL;
	for (int i = 0; next && next < limit && i < HELO_TRIES_MAX; i++) {
		struct addr a = {0};
		uint16_t port;
		if (bracket(next + 2, limit, &a, &port) && a.family)
			hit = next;
		next = memmem(next + 1, (size_t)(end - next - 1), ") [", 3);
	}
	return hit;
}

void exim_host(struct exim_rest *r, struct span *ret_name, struct span *ret_helo, struct addr *ret_addr,
	       uint16_t *ret_port)
{
	const uint8_t *at = r->at, *to;
	if (at < r->end && *at != '(' && *at != '[') {
		struct span name = exim_token(r);
		if (name.len && name.at[name.len - 1] == ':') /* "H=name: text": no more of it */
			name.len--, r->at--;
		*ret_name = name;
		at = r->at < r->end && *r->at == ' ' ? r->at + 1 : r->at;
	}
	if (at < r->end && *at == '(') {
		to = helo_end(at, r->end);
		if (!to) { /* no address after it */
			r->at = exim_blank(at, r->end);
			return;
		}
		*ret_helo = span_of(at + 1, (size_t)(to - at - 1));
		at = to + 2;
	}
	to = bracket(at, r->end, ret_addr, ret_port);
	if (!to)
		return;
	r->at = to;
	if (r->at < r->end && *r->at == '*') /* a connection that was kept open */
		r->at++;
}

bool exim_skip_field(struct exim_rest *r)
{
	const uint8_t *at = r->at;
	while (at < r->end && (ascii_is_alpha(*at) || ascii_is_digit(*at)) && at - r->at < 8)
		at++;
	if (at == r->at || at >= r->end || *at != '=')
		return false;
	r->at = at + 1;
	if (r->at < r->end && *r->at == '"')
		exim_quoted(r);
	r->at = exim_blank(r->at, r->end);
	return true;
}

uint32_t exim_interval_ms(struct span s)
{
	uint64_t total = 0, number = 0, fraction = 0, scale = 1000;
	bool point = false;
	for (size_t i = 0; i < s.len && i < 24; i++) {
		uint8_t c = s.at[i];
		uint64_t unit = c == 's'   ? 1
				: c == 'm' ? 60
				: c == 'h' ? 3600
				: c == 'd' ? 86400
				: c == 'w' ? 604800
					   : 0;
		if (c == '.') {
			point = true;
		} else if (ascii_is_digit(c) && point) {
			scale /= 10;
			fraction += scale * (c - '0');
		} else if (ascii_is_digit(c) && number < 100000000) {
			number = number * 10 + c - '0';
		} else if (unit) {
			total += number * unit * 1000;
			number = 0;
		} else {
			break;
		}
	}
	total += fraction;
	return total > UINT32_MAX ? UINT32_MAX : (uint32_t)total;
}

/* ---- replies ---- */

static bool status_text(struct span s, size_t *ret_len)
{
	size_t i = 2, dots = 1, digits = 0;
	if (s.len < 5 || s.at[0] < '2' || s.at[0] > '5' || s.at[1] != '.')
		return false;
	for (; i < s.len && i < 10; i++) {
		if (ascii_is_digit(s.at[i]) && digits < 3) {
			digits++;
		} else if (s.at[i] == '.' && dots == 1 && digits) {
			dots++;
			digits = 0;
		} else {
			break;
		}
	}
	*ret_len = i;
	return dots == 2 && digits && (i == s.len || !ascii_is_alpha(s.at[i]));
}

void exim_reply(struct span reply, struct mail_event *e)
{
	size_t len;
	e->reply = reply;
	if (reply.len < 3 || reply.at[0] < '2' || reply.at[0] > '5' || !ascii_is_digit(reply.at[1]) ||
	    !ascii_is_digit(reply.at[2]) || (reply.len > 3 && reply.at[3] != ' ' && reply.at[3] != '-'))
		return;
	e->code = (uint16_t)((reply.at[0] - '0') * 100 + (reply.at[1] - '0') * 10 + reply.at[2] - '0');
	reply = span_from(reply, 4);
	if (status_text(reply, &len))
		e->status = span_of(reply.at, len);
}
