/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parts of Postfix' lines that hold what strangers wrote: addresses, HELO names. info_log_address_format (3.5 and later)
 * writes a local part with special characters as "..", so that what is inside the quotes is passed over. Where two
 * readings are possible the first legal one is taken.
 */
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/ascii.h"
#include "logparse/postfix.h"

enum { ENVELOPES_MAX = 256 }; /* places that look like one: a command of 2048 octets has no more */

struct span postfix_id_after(struct span text, const char *words)
{
	const uint8_t *found = part_find_last(text, words);
	struct span id;
	size_t len = 0;
	if (!found)
		return (struct span){NULL, 0};
	id = span_from(part_from(text, found), strlen(words));
	while (len < id.len && (ascii_is_alpha(id.at[len]) || ascii_is_digit(id.at[len])))
		len++;
	return span_of(id.at, len);
}

void postfix_client(struct span peer, struct mail_event *e)
{
	uint16_t port;
	part_peer(peer, &e->client_name, &e->client, &port);
	if (span_equal(e->client_name, span_str("unknown")))
		e->client_name = (struct span){NULL, 0};
}

/* A ';' in the reply's words ends them only where the envelope follows, or nothing. */
static bool envelope_follows(struct span s)
{
	return s.len == 1 || span_starts(s, "; from=<") || span_starts(s, "; to=<") || span_starts(s, "; proto=");
}

/* The first '<' or ';' from there on; text.len: there is none. */
static size_t next_mark(struct span text, size_t from)
{
#ifdef __SSE2__
	const __m128i open = _mm_set1_epi8('<'), semicolon = _mm_set1_epi8(';');
	for (; from + 16 <= text.len; from += 16) {
		__m128i w = _mm_loadu_si128((const __m128i *)(const void *)(text.at + from));
		__m128i hit = _mm_or_si128(_mm_cmpeq_epi8(w, open), _mm_cmpeq_epi8(w, semicolon));
		unsigned int bits = (unsigned int)_mm_movemask_epi8(hit);
		if (bits)
			return from + (size_t)__builtin_ctz(bits);
	}
#endif
	while (from < text.len && text.at[from] != '<' && text.at[from] != ';')
		from++;
	return from;
}

static const uint8_t *next_envelope(struct span text, size_t from)
{
	for (size_t i = next_mark(text, from); i < text.len; i = next_mark(text, i + 1)) {
		if (text.at[i] == '<')
			i += part_quoted(span_from(text, i + 1));
		else if (text.at[i] == ';' && envelope_follows(span_from(text, i)))
			return text.at + i;
	}
	return NULL;
}

/* After an address: the next field, with a comma (postscreen) or without, or the end. */
static bool field_follows(struct span s)
{
	if (!s.len)
		return true;
	if (s.at[0] == ',')
		s = span_from(s, 1);
	return span_starts(s, " to=<") || span_starts(s, " proto=") || span_starts(s, " helo=<") ||
	       span_starts(s, " sasl_method=") || span_starts(s, ": ");
}

/* "KEY=<ADDRESS>" at the start of *rest, which then begins after it. */
static bool take(struct span *rest, const char *key, struct span *ret_address)
{
	struct span value;
	if (!span_starts(*rest, key))
		return false;
	value = span_from(*rest, strlen(key));
	for (size_t i = part_quoted(value); i < value.len; i++) {
		if (value.at[i] != '>' || !field_follows(span_from(value, i + 1)))
			continue;
		*ret_address = part_address(span_of(value.at, i));
		*rest = span_from(value, i + 1);
		return true;
	}
	return false;
}

static struct span skip_separator(struct span s)
{
	if (s.len && s.at[0] == ',')
		s = span_from(s, 1);
	return s.len && s.at[0] == ' ' ? span_from(s, 1) : s;
}

/* As take(), of an address that has special characters in quotes only. */
static bool take_strictly(struct span *rest, const char *key)
{
	const size_t n = strlen(key);
	struct span value, bare;
	size_t end;
	if (!span_starts(*rest, key))
		return false;
	value = span_from(*rest, n);
	value = span_from(value, part_quoted(value));
	end = span_find(value, '>');
	bare = span_of(value.at, end);
	if (end == value.len || memchr(value.at, ' ', end) || span_find(bare, '<') < bare.len ||
	    !field_follows(span_from(value, end + 1)))
		return false;
	*rest = skip_separator(span_from(value, end + 1));
	return true;
}

struct span postfix_past_envelope(struct span tail)
{
	take_strictly(&tail, "from=<");
	take_strictly(&tail, "to=<");
	return tail;
}

/* Has the text nothing but fields, to its end? A HELO is written without brackets and blanks; so are logins, nearly all. */
static bool is_envelope(struct span rest)
{
	struct span method;
	take_strictly(&rest, "from=<");
	take_strictly(&rest, "to=<");
	if (span_starts(rest, "proto="))
		rest = span_from(rest, span_find(rest, ' ') + 1);
	if (span_starts(rest, "helo=<")) {
		size_t end = span_find(rest, '>');
		if (end == rest.len || span_find(rest, ' ') < end)
			return false;
		rest = skip_separator(span_from(rest, end + 1));
	}
	method = rest;
	if (span_starts(rest, "sasl_method="))
		rest = (struct span){NULL, 0};
	return rest.len == 0 && span_find(method, '<') == method.len && span_find(method, '>') == method.len;
}

/* The reply's words may hold an address as the client gave it, without quotes, and so what looks like an envelope: the first
 * place counts behind which nothing but an envelope stands, and where there is none of that, the first. Of more places than a
 * client's command has none is known. */
const uint8_t *postfix_envelope_at(struct span text)
{
	const uint8_t *first = next_envelope(text, 0), *at = first;
	for (int i = 0; at && i < ENVELOPES_MAX; i++) {
		const uint8_t *next = next_envelope(text, (size_t)(at - text.at) + 1);
		if (!next && at == first)
			return first;
		if (is_envelope(span_from(part_from(text, at), 2)))
			return at;
		at = next;
	}
	return at ? NULL : first;
}

/* "sasl_method=PLAIN sasl_username=alice sasl_sender=xtext" */
static void take_login(struct span rest, struct mail_event *e)
{
	const uint8_t *user = part_find(rest, " sasl_username="), *sender = part_find_last(rest, " sasl_sender=");
	if (!span_starts(rest, "sasl_method="))
		return;
	e->method = span_from(user ? part_before(rest, user) : rest, 12);
	if (!user)
		return;
	e->login = span_from(part_from(rest, user), 15);
	if (sender && sender > user)
		e->login = span_from(span_of(user, (size_t)(sender - user)), 15);
}

/* A client may write anything in its HELO. A line that ends with '>' ends with that name, whatever it holds. */
static void take_helo(struct span rest, struct mail_event *e)
{
	const uint8_t *end = NULL;
	if (!span_starts(rest, "helo=<"))
		return;
	rest = span_from(rest, 6);
	if (!rest.len)
		return;
	if (rest.at[rest.len - 1] != '>') {
		end = part_find_last(rest, "> sasl_method=");
		if (end)
			take_login(span_from(part_from(rest, end), 2), e);
		else
			end = part_find(rest, ">: "); /* cleanup's own words follow */
	} else {
		end = rest.at + rest.len - 1;
	}
	if (end)
		e->helo = part_before(rest, end);
}

void postfix_envelope(struct span tail, struct mail_event *e)
{
	struct span rest = tail;
	if (take(&rest, "from=<", &e->sender)) {
		e->has_sender = true;
		rest = skip_separator(rest);
	}
	if (take(&rest, "to=<", &e->recipient))
		rest = skip_separator(rest);
	if (span_starts(rest, "proto=")) {
		size_t end = span_find(rest, ' ');
		rest = span_from(rest, end + 1);
	}
	take_helo(rest, e);
	take_login(rest, e);
}
