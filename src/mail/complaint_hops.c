/* SPDX-License-Identifier: BSD-2-Clause */
/* Received lines (RFC 5321 4.4) of a message that is complained about, newest first. The one that the complainer's server
 * wrote names our address behind "from"; the next one below is ours, and it has our queue id. */
#include "base/ascii.h"
#include "mail/complaint_parts.h"
#include "mail/header.h"

enum { HOPS_MAX = 50 };

struct hop {
	struct span from, by, id, date, all;
};

struct span complaint_word(struct span text)
{
	size_t len = 0;
	while (text.len && (ascii_is_space(text.at[0]) || memchr("[<(\"'", text.at[0], 5)))
		text = span_from(text, 1);
	while (len < text.len && !ascii_is_space(text.at[len]) && !memchr("]>)\"',;", text.at[len], 7))
		len++;
	while (len && memchr(".:", text.at[len - 1], 2))
		len--;
	return span_of(text.at, len);
}

/* Four numbers up to 255. @return the first two of them, -1: it is no such address. */
static int dotted(struct span text, unsigned int *ret_second)
{
	unsigned int octets[4] = {0}, count = 0, digits = 0;
	for (size_t i = 0; i <= text.len; i++) {
		if (i == text.len || text.at[i] == '.') {
			if (digits == 0 || digits > 3 || octets[count] > 255 || (++count == 4 && i < text.len))
				return -1;
			digits = 0;
		} else if (ascii_is_digit(text.at[i]) && digits++ < 3) {
			octets[count] = octets[count] * 10 + (unsigned int)(text.at[i] - '0');
		} else {
			return -1;
		}
	}
	*ret_second = octets[1];
	return count == 4 ? (int)octets[0] : -1;
}

bool complaint_is_address(struct span text)
{
	unsigned int second;
	size_t colons = 0;
	if (dotted(text, &second) >= 0)
		return true;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = ascii_lower(text.at[i]);
		colons += c == ':';
		if (c != ':' && c != '.' && !ascii_is_digit(c) && !(c >= 'a' && c <= 'f'))
			return false;
	}
	return colons >= 2 && text.len <= 45;
}

/* Of inside networks (RFC 1918, RFC 5735). */
static bool is_inside(int first, unsigned int second)
{
	return first == 10 || first == 127 || first == 0 || (first == 192 && second == 168) ||
	       (first == 172 && second >= 16 && second < 32) || (first == 169 && second == 254);
}

struct span complaint_any_address(struct span text)
{
	for (size_t at = 0; at < text.len; at++) {
		size_t len = 0;
		unsigned int second = 0;
		int first;
		if ((at && (ascii_is_digit(text.at[at - 1]) || text.at[at - 1] == '.')) || !ascii_is_digit(text.at[at]))
			continue;
		while (at + len < text.len && (ascii_is_digit(text.at[at + len]) || text.at[at + len] == '.'))
			len++;
		while (len && text.at[at + len - 1] == '.')
			len--;
		first = dotted(span_of(text.at + at, len), &second);
		if (first >= 0 && !is_inside(first, second))
			return span_of(text.at + at, len);
	}
	return (struct span){0};
}

/* The word behind " by ", " id " outside comments. */
static struct span clause(struct span line, const char *word)
{
	int depth = 0;
	size_t len = strlen(word);
	if (span_begins_nocase(line, word + 1)) /* at its beginning */
		return complaint_word(span_from(line, len - 1));
	for (size_t at = 0; at + len < line.len; at++) {
		depth += line.at[at] == '(' ? 1 : line.at[at] == ')' ? -1 : 0;
		if (depth <= 0 && span_begins_nocase(span_from(line, at), word))
			return complaint_word(span_from(line, at + len));
	}
	return (struct span){0};
}

static struct hop hop_of(struct span line)
{
	size_t semicolon = line.len, by = 0;
	while (semicolon && line.at[semicolon - 1] != ';')
		semicolon--;
	struct hop hop = {.by = clause(line, " by "), .id = clause(line, " id "), .all = line};
	while (by < line.len && !span_begins_nocase(span_from(line, by), " by "))
		by++;
	if (!span_begins_nocase(line, "by "))
		hop.from = span_of(line.at, by);
	if (semicolon)
		hop.date = span_trim(span_from(line, semicolon));
	return hop;
}

/* All fields of that name, in order. */
static size_t find_hops(struct span head, struct arena *arena, struct hop *hops)
{
	struct span rest = head, line;
	size_t count = 0;
	while (count < HOPS_MAX && rest.len) {
		struct span here = rest, value;
		if (!header_line_next(&rest, &line))
			break;
		if (!span_begins_nocase(line, "received:"))
			continue;
		value = header_field(here, "received", arena);
		if (value.len)
			hops[count++] = hop_of(value);
	}
	return count;
}

static bool holds(struct span text, struct span part)
{
	return part.len && text.len >= part.len && memmem(text.at, text.len, part.at, part.len);
}

/* @return the index of ours; count: none. */
static size_t ours_of(const struct hop *hops, size_t count, struct span address)
{
	for (size_t i = 0; i + 1 < count; i++)
		if (holds(hops[i].from, address))
			return i + 1;
	/* the complainer's own lines are cut off, or the address is not told: the newest one that has a login or an id */
	for (size_t i = 0; i < count; i++)
		if (span_contains_nocase(hops[i].all, "authenticated sender") ||
		    span_contains_nocase(hops[i].all, "esmtpsa") || span_contains_nocase(hops[i].all, "from userid") ||
		    span_contains_nocase(hops[i].all, "esmtpa"))
			return i;
	return count == 1 && !holds(hops[0].from, address) ? 0 : count;
}

/* "(Authenticated sender: anna)", "(from userid 33)": the word behind. */
static struct span behind_word(struct span line, const char *word)
{
	for (size_t at = 0; at < line.len; at++)
		if (span_begins_nocase(span_from(line, at), word))
			return complaint_word(span_from(line, at + strlen(word)));
	return (struct span){0};
}

static void take(struct span *field, struct span value)
{
	if (!field->len)
		*field = value;
}

/* Fields that panels and PHP put in: "33:mail.php", "host: authenticated_id: anna". */
static void fields_of_sender(struct span head, struct arena *arena, struct complaint *c)
{
	struct span script = header_field(head, "x-php-originating-script", arena);
	struct span via = header_field(head, "x-get-message-sender-via", arena);
	struct span sender = header_field(head, "x-authenticated-sender", arena);
	size_t colon = span_find(script, ':');
	if (script.len && colon < script.len) {
		take(&c->user_id, span_trim(span_of(script.at, colon)));
		script = span_trim(span_from(script, colon + 1));
	}
	take(&c->script, script);
	take(&c->script, header_field(head, "x-php-script", arena));
	take(&c->login, behind_word(via, "authenticated_id:"));
	colon = span_find(sender, ':');
	take(&c->login, span_trim(span_from(sender, colon < sender.len ? colon + 1 : 0)));
}

void complaint_hops(struct span head, struct arena *arena, struct complaint *c)
{
	struct hop hops[HOPS_MAX];
	size_t count = find_hops(head, arena, hops), ours = ours_of(hops, count, c->address);
	if (ours < count) {
		c->host = hops[ours].by;
		c->queue_id = hops[ours].id;
		take(&c->login, behind_word(hops[ours].all, "authenticated sender:"));
		take(&c->user_id, behind_word(hops[ours].all, "from userid "));
		if (hops[ours].date.len)
			c->at = hops[ours].date;
	}
	for (size_t i = 0; i < count && !c->address.len; i++)
		c->address = i + 1 == ours ? complaint_any_address(hops[i].from) : (struct span){0};
	fields_of_sender(head, arena, c);
}
