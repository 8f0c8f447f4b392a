/* SPDX-License-Identifier: BSD-2-Clause */
/* A server in the making: addresses, names, notes, each bounded and each once. */
#include "mta/finder.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/ascii.h"

enum { NAME_TEXT_MAX = 253, LABEL_MAX = 63, ORIGIN_MAX = 160 /* octets; more places say nothing more */ };

const char *finder_copy(struct finder *f, struct span text)
{
	const char *copy = arena_copy(f->arena, text);
	if (copy)
		return copy;
	f->error = -ENOMEM;
	return "";
}

void finder_note(struct finder *f, const char *format, ...)
{
	char text[512];
	va_list args;
	if (f->note_count == FINDER_NOTES_MAX)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	f->notes[f->note_count++] = finder_copy(f, span_str(text));
}

static void add_origin(struct finder *f, struct server_address *a, const char *origin)
{
	const char *both;
	if (strstr(a->origin, origin) || strlen(a->origin) + strlen(origin) > ORIGIN_MAX)
		return;
	both = arena_printf(f->arena, "%s, %s", a->origin, origin);
	if (both)
		a->origin = both;
	else
		f->error = -ENOMEM;
}

void finder_address(struct finder *f, const struct addr *a, const char *origin)
{
	enum addr_kind kind = addr_kind(a);
	struct server *s = &f->server;
	if (kind != ADDR_PUBLIC && kind != ADDR_DOCUMENTATION)
		return;
	for (size_t i = 0; i < s->address_count; i++)
		if (addr_equal(&s->addresses[i].addr, a)) {
			add_origin(f, &s->addresses[i], origin);
			return;
		}
	if (s->address_count < FINDER_ADDRESSES_MAX)
		s->addresses[s->address_count++] =
			(struct server_address){.addr = *a, .origin = finder_copy(f, span_str(origin))};
}

void finder_address_text(struct finder *f, struct span text, const char *origin)
{
	struct addr a;
	size_t end;
	text = span_trim(text);
	if (text.len && text.at[0] == '[') {
		end = span_find(text, ']');
		text = span_of(text.at + 1, end - 1);
	}
	if (text.len > 5 && span_equal_nocase(span_of(text.at, 5), span_str("ipv6:")))
		text = span_from(text, 5);
	if (addr_parse(text, &a) == 0) {
		finder_address(f, &a, origin);
		return;
	}
	/* "192.0.2.1:25", Exim's "192.0.2.1.25" is left to it */
	end = span_find(text, ':');
	if (end < text.len && addr_parse(span_of(text.at, end), &a) == 0)
		finder_address(f, &a, origin);
}

bool finder_is_name(struct span text)
{
	size_t label = 0, dots = 0;
	bool letter = false;
	if (text.len == 0 || text.len > NAME_TEXT_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		if (c == '.') {
			if (label == 0)
				return false;
			dots++;
			label = 0;
			letter = false;
			continue;
		}
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' && c != '_')
			return false;
		letter |= !ascii_is_digit(c);
		if (++label > LABEL_MAX)
			return false;
	}
	return dots > 0 && label > 0 && letter;
}

/** A lower-case copy without a final dot; NULL where it is no name. */
static const char *name_copy(struct finder *f, struct span text)
{
	char *copy;
	text = span_trim(text);
	if (text.len && text.at[text.len - 1] == '.')
		text.len--;
	if (!finder_is_name(text))
		return NULL;
	copy = arena_copy(f->arena, text);
	if (copy)
		ascii_lower_all(copy);
	else
		f->error = -ENOMEM;
	return copy;
}

static bool is_local(const char *name)
{
	static const char *const tails[] = {".localdomain", ".localhost", ".local"};
	size_t len = strlen(name), n;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		n = strlen(tails[i]);
		if (len > n && strcmp(name + len - n, tails[i]) == 0)
			return true;
	}
	return strncmp(name, "localhost.", 10) == 0;
}

void finder_domain(struct finder *f, struct span text)
{
	const char *name = name_copy(f, text);
	struct server *s = &f->server;
	if (!name || is_local(name))
		return;
	for (size_t i = 0; i < s->domain_count; i++)
		if (strcmp(s->domains[i], name) == 0)
			return;
	if (s->domain_count < FINDER_DOMAINS_MAX)
		s->domains[s->domain_count++] = name;
	else if (s->domain_count == FINDER_DOMAINS_MAX)
		finder_note(f, "more than %d domains; the rest is left out", FINDER_DOMAINS_MAX);
}

void finder_network(struct finder *f, struct span text)
{
	char plain[PREFIX_TEXT_SIZE];
	struct server *s = &f->server;
	size_t n = 0;
	if (text.len >= sizeof(plain))
		return;
	for (size_t i = 0; i < text.len; i++) /* IPv6 stands in brackets: "[2001:db8::]/32" */
		if (text.at[i] != '[' && text.at[i] != ']')
			plain[n++] = (char)text.at[i];
	if (s->network_count < FINDER_NETWORKS_MAX &&
	    prefix_parse(span_of(plain, n), &s->networks[s->network_count]) == 0)
		s->network_count++;
}

void finder_host_name(struct finder *f, struct span text)
{
	const char *name = name_copy(f, text);
	if (name && !is_local(name) && !f->server.host_name)
		f->server.host_name = name;
}

/** The part behind the last of `marks` before any '[' and its end. */
static struct span after_last(struct span text, uint8_t mark)
{
	for (size_t i = text.len; i; i--)
		if (text.at[i - 1] == mark)
			return span_from(text, i);
	return text;
}

void finder_smarthost(struct finder *f, struct span text)
{
	struct span rest, word = {0};
	size_t end;
	rest = span_trim(text);
	if (f->server.smarthost || !finder_word_next(&rest, " \t,;", &word))
		return;
	for (size_t i = 0; i + 3 < word.len; i++)
		if (memcmp(word.at + i, "://", 3) == 0)
			word = span_from(word, i + 3);
	word = after_last(word, '@');
	end = span_find(word, '[');
	if (end < word.len) {
		word = span_from(word, end + 1);
		word.len = span_find(word, ']');
		if (word.len > 5 && span_equal_nocase(span_of(word.at, 5), span_str("ipv6:")))
			word = span_from(word, 5);
	} else {
		word.len = span_find(word, ':');
	}
	if (word.len)
		f->server.smarthost = finder_copy(f, word);
}

void finder_queue(struct finder *f, struct span path, const char *settings)
{
	struct server *s = &f->server;
	path = span_trim(path);
	if (!span_starts(path, "/") || s->queue_count == FINDER_QUEUES_MAX)
		return;
	s->queues[s->queue_count++] = (struct server_queue){finder_copy(f, path), settings};
}

bool finder_line_next(struct span *rest, struct span *ret_line)
{
	size_t end = span_find(*rest, '\n');
	if (rest->len == 0)
		return false;
	*ret_line = span_of(rest->at, end);
	*rest = span_from(*rest, end + 1);
	return true;
}

bool finder_word_next(struct span *rest, const char *separators, struct span *ret_word)
{
	size_t from = 0, end;
	while (from < rest->len && (rest->at[from] == 0 || strchr(separators, rest->at[from])))
		from++;
	end = from;
	while (end < rest->len && rest->at[end] && !strchr(separators, rest->at[end]))
		end++;
	if (from == end)
		return false;
	*ret_word = span_of(rest->at + from, end - from);
	*rest = span_from(*rest, end);
	return true;
}
