/* SPDX-License-Identifier: BSD-2-Clause */
/* The pieces of Exim's records. Source: the specification's chapter "Log files", and the logs of Exim's own tests. */
#include "logparse/exim.h"

#include "base/ascii.h"

enum {
	ID_SHORT = 16, /* 6-6-2 */
	ID_LONG = 23,  /* 6-11-4, from 4.97 */
	NO_PORT = 100000,
	HELO_TRIES_MAX = 1024, /* places where a HELO may end: a command of 2048 octets has no more */
};

/* Eight octets at a time, the high bit of each where it is no letter or digit (base 62, or base 36 in capitals where file names
 * know no case). Sums stay within their octets as long as no octet has its high bit set, and where one has it, that is told. */
static uint64_t no_digits62(uint64_t octets)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones * 0x80;
	uint64_t low = octets & ~highs, small = low | ones * 0x20, number = low ^ ones * '0';
	uint64_t letter = (small + ones * (0x80 - 'a')) & ~(small + ones * (0x80 - ('z' + 1)));
	uint64_t digit = ~(number + ones * (0x80 - 10));
	return (octets | ~(letter | digit)) & highs;
}

/* For a '-' of the id, where it has been seen, a digit. */
static uint64_t without_dash(uint64_t octets, const char *dash)
{
	return octets ^ octets_load8(dash);
}

#define DASH_TO_DIGIT "\x1d" /* '-' ^ '0' */

size_t exim_id(struct span s)
{
	size_t len = ID_SHORT;
	uint64_t bad;
	if (s.len < ID_SHORT || s.at[6] != '-')
		return 0;
	bad = no_digits62(without_dash(octets_load8(s.at), "\0\0\0\0\0\0" DASH_TO_DIGIT "\0"));
	if (s.at[13] == '-') {
		bad |= no_digits62(without_dash(octets_load8(s.at + 8), "\0\0\0\0\0" DASH_TO_DIGIT "\0\0"));
	} else if (s.len >= ID_LONG && s.at[18] == '-') {
		len = ID_LONG;
		bad |= no_digits62(octets_load8(s.at + 8));
		bad |= no_digits62(without_dash(octets_load8(s.at + 15), "\0\0\0" DASH_TO_DIGIT "\0\0\0\0"));
	} else {
		return 0;
	}
	return bad || (s.len > len && s.at[len] != ' ') ? 0 : len;
}

const uint8_t *exim_quoted_at(const uint8_t *at, const uint8_t *end, struct span *ret_text)
{
	const uint8_t *to;
	if (at < end && *at == '"')
		at++;
	for (to = exim_either(at, end, '"', '\\'); to < end && *to == '\\';)
		to = end - to > 2 ? exim_either(to + 2, end, '"', '\\') : end;
	*ret_text = span_of(at, (size_t)(to - at));
	return to < end ? to + 1 : to;
}

/* Where an address ends: at a `stop` that is neither quoted nor behind a backslash, or at the end; NULL: a quote has no
 * partner. */
static const uint8_t *address_end(const uint8_t *at, const uint8_t *end, uint8_t stop)
{
	bool quoted = false;
	for (; at < end; at++) {
		if (*at == '\\' && at + 1 < end)
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (*at == stop && !quoted)
			break;
	}
	return quoted ? NULL : at;
}

const uint8_t *exim_address_with_quotes(const uint8_t *at, const uint8_t *end, struct span *ret_address)
{
	const uint8_t *to;
	if (at < end && *at == '<') {
		to = address_end(at + 1, end, '>');
		if (to && to < end) {
			*ret_address = span_of(at + 1, (size_t)(to - at - 1));
			return to + 1;
		}
		to = exim_blank(at, end); /* no partner: what stands there up to the blank */
		at++;
	} else {
		to = address_end(at, end, ' ');
		if (!to)
			to = exim_blank(exim_either(at, end, '"', '"'), end);
	}
	*ret_address = span_of(at, (size_t)(to - at));
	return to;
}

static bool ends_port(uint8_t c)
{
	return c == ' ' || c == ':' || c == '*' || c == ',';
}

/* "[ip]:port" at `at`: the octet after it; NULL: none. An address that is none (a test's "V4NET.1.2.3") is passed over. */
static const uint8_t *bracket(const uint8_t *at, const uint8_t *end, struct addr *ret_addr, uint16_t *ret_port)
{
	const uint8_t *close;
	uint32_t port = 0;
	struct addr a;
	if (at >= end || *at != '[')
		return NULL;
	close = exim_either(at, end, ']', ']');
	if (close == end)
		return NULL;
	if (addr_parse(span_of(at + 1, (size_t)(close - at - 1)), &a) == 0)
		*ret_addr = a;
	at = close + 1;
	if (end - at < 2 || *at != ':' || !ascii_is_digit(at[1]))
		return at;
	for (at++; at < end && ascii_is_digit(*at); at++)
		port = port < NO_PORT ? port * 10 + *at - '0' : NO_PORT;
	for (; at < end && !ends_port(*at); at++)
		port = NO_PORT;
	if (port > 0 && port < 65536)
		*ret_port = (uint16_t)port;
	return at;
}

/* The first ") [" in [at, end); NULL: none. */
static const uint8_t *close_of_helo(const uint8_t *at, const uint8_t *end)
{
	for (; end - at >= 3; at++) {
		at = memchr(at, ')', (size_t)(end - at) - 2);
		if (!at || (at[1] == ' ' && at[2] == '['))
			return at;
	}
	return NULL;
}

/* What may stand behind a host: a field, a text, words; never brackets. */
static bool goes_on(const uint8_t *at, const uint8_t *end)
{
	const uint8_t *to;
	if (at == end || *at == ':' || *at == '*' || *at == ',')
		return true;
	at = exim_past_blanks(at, end);
	for (to = at; to < end && *to != ' ' && *to != '='; to++)
		if (memchr("()[]", *to, 4))
			return false;
	return true;
}

/*
 * A HELO is closed by the first ")" before an address, and as it comes Exim lets nothing into it that looks so. Where an
 * administrator lets more in (helo_allow_chars, helo_accept_junk_hosts), what follows tells: the n-th place counts of
 * those where a record goes on.
 */
static const uint8_t *helo_end(const uint8_t *at, const uint8_t *end, int n)
{
	const uint8_t *first = close_of_helo(at, end), *hit = first, *after;
	const bool any = n == 0;
	for (int i = 0; hit && i < HELO_TRIES_MAX; i++) {
		struct addr a = {0};
		uint16_t port;
		after = bracket(hit + 2, end, &a, &port);
		if (after && a.family && goes_on(after, end) && n-- == 0)
			return hit;
		hit = close_of_helo(hit + 1, end);
	}
	return any ? first : NULL;
}

/* The name before "(helo)" or "[ip]". @param ret_rest  what follows the name where nothing else of a host does. @return what
 * follows its blank. */
static const uint8_t *host_name(const uint8_t *at, const uint8_t *end, struct span *ret_name, const uint8_t **ret_rest)
{
	const uint8_t *rest;
	at = exim_past_blanks(at, end);
	rest = exim_blank(at, end);
	if (rest > at && rest[-1] == ':') /* "H=name: text": no more of it */
		rest--;
	*ret_name = span_of(at, (size_t)(rest - at));
	*ret_rest = rest;
	return rest < end && *rest == ' ' ? rest + 1 : rest;
}

const uint8_t *exim_host_again(const uint8_t *at, const uint8_t *end, int n, struct span *ret_name,
			       struct span *ret_helo, struct addr *ret_addr, uint16_t *ret_port)
{
	const uint8_t *rest = at, *to;
	if (at < end && *at != '(' && *at != '[')
		at = host_name(at, end, ret_name, &rest);
	if (at < end && *at == '(') {
		to = helo_end(at, end, n);
		if (!to) /* no address after it */
			return n ? NULL : exim_blank(at, end);
		*ret_helo = span_of(at + 1, (size_t)(to - at - 1));
		at = to + 2;
	} else if (n) {
		return NULL;
	}
	to = bracket(at, end, ret_addr, ret_port);
	if (!to)
		return rest;
	return to < end && *to == '*' ? to + 1 : to; /* '*': a connection that was kept open */
}

/* "[ip]", "[ip]:port" or "[ip]:" up to a blank at `to`. @return what follows it; NULL: it is something else. */
static const uint8_t *bracket_alone(const uint8_t *at, const uint8_t *to, const uint8_t *end, struct addr *ret_addr,
				    uint16_t *ret_port)
{
	const uint8_t *close = exim_either(at, end, ']', ']');
	uint32_t port;
	if (close >= to || addr_parse(span_of(at + 1, (size_t)(close - at - 1)), ret_addr) < 0)
		return NULL;
	*ret_port = 0;
	if (close + 1 == to)
		return to;
	if (close[1] != ':')
		return NULL;
	if (close + 2 == to)
		return close + 1; /* the ':' begins a text */
	if (exim_digits(close + 2, end, &port) != (size_t)(to - close - 2) || port - 1 >= UINT16_MAX)
		return NULL;
	*ret_port = (uint16_t)port;
	return to;
}

/* Nearly all are "name (helo) [ip]:port" or "name [ip]", with a blank behind them. */
static const uint8_t *usual_host(const uint8_t *at, const uint8_t *end, struct span *ret_name, struct span *ret_helo,
				 struct addr *ret_addr, uint16_t *ret_port)
{
	const uint8_t *to = at;
	ret_name->len = ret_helo->len = 0;
	if (at < end && *at != '(' && *at != '[' && *at != ' ') {
		to = exim_blank(at, end);
		if (to == end || to[-1] == ':')
			return NULL;
		*ret_name = span_of(at, (size_t)(to - at));
		at = to + 1;
	}
	if (at < end && *at == '(') {
		to = exim_blank(at, end);
		if (to == end || to[-1] != ')' || memchr(to, ')', (size_t)(end - to)))
			return NULL;
		*ret_helo = span_of(at + 1, (size_t)(to - at - 2));
		at = to + 1;
	}
	if (at >= end || *at != '[')
		return NULL;
	to = exim_blank(at, end);
	return bracket_alone(at, to, end, ret_addr, ret_port);
}

const uint8_t *exim_host_at(const uint8_t *at, const uint8_t *end, struct span *ret_name, struct span *ret_helo,
			    struct addr *ret_addr, uint16_t *ret_port)
{
	struct span name, helo;
	struct addr addr;
	uint16_t port;
	const uint8_t *to = usual_host(at, end, &name, &helo, &addr, &port);
	if (!to)
		return exim_host_again(at, end, 0, ret_name, ret_helo, ret_addr, ret_port);
	if (name.len)
		*ret_name = name;
	if (helo.len)
		*ret_helo = helo;
	*ret_addr = addr;
	if (port)
		*ret_port = port;
	return to;
}

void exim_host_alone(struct exim_rest *r, struct mail_event *e)
{
	uint16_t port;
	exim_host(r, &e->client_name, &e->helo, &e->client, &port);
	if (!e->helo.len || !close_of_helo(r->at, r->end))
		return;
	e->client = (struct addr){0};
	e->client_name = e->helo = (struct span){0};
	r->at = r->end;
}

const uint8_t *exim_past_field(const uint8_t *at, const uint8_t *end)
{
	const uint8_t *to = at;
	while (to < end && (ascii_is_alpha(*to) || ascii_is_digit(*to)) && to - at < 8)
		to++;
	if (to == at || to >= end || *to != '=')
		return NULL;
	to++;
	if (to < end && *to == '"') {
		struct span text;
		to = exim_quoted_at(to, end, &text);
	}
	return exim_blank(to, end);
}

static uint32_t any_interval_ms(struct span s)
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

uint32_t exim_interval_ms(struct span s)
{
	uint32_t seconds;
	size_t count = exim_digits(s.at, s.at + s.len, &seconds);
	/* "2s" */
	if (count + 1 == s.len && count < 6 && s.at[count] == 's')
		return seconds * 1000;
	return any_interval_ms(s);
}

/* ---- replies ---- */

/* "5.7.1" and up to three digits each; behind the class and its dot. */
static bool any_status(struct span s, size_t *ret_len)
{
	size_t i = 2, dots = 1, digits = 0;
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

static bool status_text(struct span s, size_t *ret_len)
{
	if (s.len < 5 || s.at[0] < '2' || s.at[0] > '5' || s.at[1] != '.')
		return false;
	if (s.len > 5 && s.at[3] == '.' && s.at[5] == ' ' && ascii_is_digit(s.at[2]) && ascii_is_digit(s.at[4])) {
		*ret_len = 5; /* nearly all */
		return true;
	}
	return any_status(s, ret_len);
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
