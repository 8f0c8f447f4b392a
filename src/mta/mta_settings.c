/* SPDX-License-Identifier: BSD-2-Clause */
/* "name = value" settings, logical lines, $name. */
#include "mta/mta_settings.h"

#include <errno.h>

#include "base/ascii.h"
#include "base/buf.h"

enum { EXPAND_DEPTH_MAX = 8, EXPAND_NAMES_MAX = 4096, LINE_MAX_OCTETS = 1 << 20 };

struct mta_settings mta_settings_make(struct finder *f)
{
	struct mta_settings s = {.row = arena_alloc(f->arena, SETTINGS_MAX, sizeof(*s.row))};
	if (!s.row)
		f->error = -ENOMEM;
	return s;
}

static struct mta_setting *find(const struct mta_settings *s, struct span name)
{
	for (size_t i = 0; i < s->count; i++)
		if (span_equal(s->row[i].name, name))
			return &s->row[i];
	return NULL;
}

void mta_settings_set(struct mta_settings *s, struct span name, struct span value)
{
	struct mta_setting *old = s->row ? find(s, name) : NULL;
	if (old)
		old->value = value;
	else if (s->row && s->count < SETTINGS_MAX)
		s->row[s->count++] = (struct mta_setting){name, value};
}

struct span mta_settings_get(const struct mta_settings *s, const char *name)
{
	const struct mta_setting *found = find(s, span_str(name));
	return found ? found->value : (struct span){NULL, 0};
}

bool mta_settings_has(const struct mta_settings *s, const char *name)
{
	return find(s, span_str(name)) != NULL;
}

bool mta_setting_split(struct span line, struct mta_setting *ret_setting)
{
	size_t equal = span_find(line, '=');
	if (equal == line.len)
		return false;
	ret_setting->name = span_trim(span_of(line.at, equal));
	ret_setting->value = span_trim(span_from(line, equal + 1));
	return ret_setting->name.len > 0;
}

static bool is_comment(struct span line)
{
	line = span_trim(line);
	return line.len == 0 || line.at[0] == '#';
}

/** Is the line after `rest`'s comments one that goes on? */
static bool goes_on(struct span rest)
{
	return rest.len && (rest.at[0] == ' ' || rest.at[0] == '\t');
}

bool mta_settings_line_next(struct finder *f, struct span *rest, struct span *ret_line)
{
	struct buf joined = buf_make(LINE_MAX_OCTETS);
	struct span line = {NULL, 0}, look, more;
	while (finder_line_next(rest, &line) && is_comment(line))
		line = (struct span){NULL, 0};
	if (is_comment(line))
		return false;
	buf_add(&joined, span_trim(line));
	look = *rest;
	while (finder_line_next(&look, &more)) {
		if (is_comment(more)) {
			continue;
		} else if (!goes_on(more)) {
			break;
		}
		buf_add_char(&joined, ' ');
		buf_add(&joined, span_trim(more));
		*rest = look;
	}
	*ret_line = span_str(finder_copy(f, buf_span(&joined)));
	buf_release(&joined);
	return f->error == 0;
}

/** The name after a '$' and how many octets it takes with its brackets. */
static struct span macro_name(struct span s, size_t *ret_octets)
{
	bool bracket = s.len && (s.at[0] == '{' || s.at[0] == '(');
	size_t from = bracket, end = from;
	while (end < s.len && (ascii_is_alpha(s.at[end]) || ascii_is_digit(s.at[end]) || s.at[end] == '_'))
		end++;
	*ret_octets = end + (bracket && end < s.len);
	return span_of(s.at + from, end - from);
}

struct expansion {
	const struct mta_settings *settings;
	struct buf out;
	unsigned left; /* names that may still be looked up: values that name each other would go on for ever */
};

static void expand(struct expansion *e, struct span value, unsigned depth)
{
	struct span name;
	const struct mta_setting *found;
	size_t octets;
	for (size_t i = 0; i < value.len && !e->out.error; i++) {
		if (value.at[i] != '$') {
			buf_add_char(&e->out, (char)value.at[i]);
			continue;
		}
		name = macro_name(span_from(value, i + 1), &octets);
		found = name.len && e->left ? find(e->settings, name) : NULL;
		e->left -= e->left > 0;
		if (found && depth < EXPAND_DEPTH_MAX)
			expand(e, found->value, depth + 1);
		i += octets;
	}
}

struct span mta_settings_expand(struct finder *f, const struct mta_settings *s, struct span value)
{
	struct expansion e = {.settings = s, .out = buf_make(SETTING_VALUE_MAX), .left = EXPAND_NAMES_MAX};
	struct span result;
	expand(&e, value, 0);
	result = span_str(finder_copy(f, buf_span(&e.out)));
	buf_release(&e.out);
	return result;
}
