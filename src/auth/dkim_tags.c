/* SPDX-License-Identifier: BSD-2-Clause */
#include "auth/dkim_tags.h"

#include <errno.h>

#include "base/ascii.h"

static struct span trimmed(struct span s)
{
	while (s.len && dkim_tags_space(s.at[0]))
		s = span_from(s, 1);
	while (s.len && dkim_tags_space(s.at[s.len - 1]))
		s.len--;
	return s;
}

static bool is_name(struct span s)
{
	if (s.len == 0 || !ascii_is_alpha(s.at[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!ascii_is_alpha(s.at[i]) && !ascii_is_digit(s.at[i]) && s.at[i] != '_')
			return false;
	return true;
}

/* Printable, white space between (3.2); RFC 8616 adds UTF-8. */
static bool is_value(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.at[i] < 0x21 && !dkim_tags_space(s.at[i])) || s.at[i] == 0x7f)
			return false;
	return true;
}

static bool wrong(struct dkim_tags *tags, const char *why)
{
	tags->why = why;
	return false;
}

static bool add(struct dkim_tags *tags, struct span spec)
{
	size_t equals = span_find(spec, '=');
	struct dkim_tag tag = {.name = trimmed(span_of(spec.at, equals)), .room = span_from(spec, equals + 1)};
	if (equals == spec.len)
		return wrong(tags, trimmed(spec).len ? "a tag without \"=\"" : "nothing between two \";\"");
	if (!tag.room.at)
		tag.room = span_of(spec.at + spec.len, 0); /* a place to cut at, also where nothing stands */
	tag.value = trimmed(tag.room);
	if (!is_name(tag.name))
		return wrong(tags, "a tag whose name is none");
	if (!is_value(tag.value))
		return wrong(tags, "a control character in a value");
	for (size_t i = 0; i < tags->count; i++)
		if (span_equal(tags->at[i].name, tag.name))
			return wrong(tags, "a tag that stands twice");
	if (tags->count == DKIM_TAGS_MAX)
		return wrong(tags, "more tags than anybody needs");
	tags->at[tags->count++] = tag;
	return true;
}

bool dkim_tags_read(struct span text, struct dkim_tags *ret_tags)
{
	struct span rest = text;
	ret_tags->count = 0;
	ret_tags->why = NULL;
	if (trimmed(text).len == 0)
		return wrong(ret_tags, "it is empty");
	while (trimmed(rest).len) {
		size_t end = span_find(rest, ';');
		if (!add(ret_tags, span_of(rest.at, end)))
			return false;
		rest = span_from(rest, end + 1);
	}
	return true;
}

const struct dkim_tag *dkim_tags_find(const struct dkim_tags *tags, const char *name)
{
	for (size_t i = 0; i < tags->count; i++)
		if (span_equal(tags->at[i].name, span_str(name)))
			return &tags->at[i];
	return NULL;
}

bool dkim_tags_part(struct span *rest, struct span *ret_part)
{
	size_t end;
	if (!rest->at)
		return false;
	end = span_find(*rest, ':');
	*ret_part = trimmed(span_of(rest->at, end));
	if (end == rest->len)
		rest->at = NULL;
	else
		*rest = span_of(rest->at + end + 1, rest->len - end - 1);
	return true;
}

static int digit(uint8_t c)
{
	if (ascii_is_upper(c))
		return c - 'A';
	if (ascii_is_alpha(c))
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int dkim_tags_base64(struct span text, struct arena *arena, struct span *ret_octets)
{
	uint8_t *out = arena_alloc(arena, text.len / 4 * 3 + 3, 1);
	size_t len = 0, digits = 0, pads = 0;
	uint32_t word = 0;
	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < text.len; i++) {
		int value = digit(text.at[i]);
		if (dkim_tags_space(text.at[i]))
			continue;
		pads += text.at[i] == '=';
		if ((value < 0 && text.at[i] != '=') || (value >= 0 && pads))
			return -EBADMSG;
		word = word << 6 | (value < 0 ? 0 : (uint32_t)value);
		if (++digits % 4)
			continue;
		for (int shift = 16; shift >= 0; shift -= 8)
			out[len++] = (uint8_t)(word >> shift);
		word = 0;
	}
	if (digits % 4 || pads > 2)
		return -EBADMSG;
	*ret_octets = span_of(out, len - pads);
	return 0;
}
