/* SPDX-License-Identifier: BSD-2-Clause */
/* Options by table. What a value means is the command's business; here only its words are held to. */
#include "cli/options.h"

#include <errno.h>

#include "base/ascii.h"
#include "cli/nearest.h"

struct option_value {
	const struct option_row *row;
	const char *value; /* NULL: a switch */
	struct option_value *next;
};

struct options {
	struct arena *arena;
	struct option_value *first, **end;
};

struct options *options_new(struct arena *arena)
{
	struct options *o = arena_alloc(arena, 1, sizeof(*o));
	if (!o)
		return NULL;
	o->arena = arena;
	o->end = &o->first;
	return o;
}

const char *options_nth(const struct options *o, const char *name, size_t n)
{
	for (const struct option_value *v = o->first; v; v = v->next)
		if (strcmp(v->row->name, name) == 0 && n-- == 0)
			return v->value;
	return NULL;
}

size_t options_count(const struct options *o, const char *name)
{
	size_t n = 0;
	for (const struct option_value *v = o->first; v; v = v->next)
		n += strcmp(v->row->name, name) == 0;
	return n;
}

bool options_has(const struct options *o, const char *name)
{
	return options_count(o, name) > 0;
}

const char *options_value(const struct options *o, const char *name)
{
	const char *value = NULL;
	for (const struct option_value *v = o->first; v; v = v->next)
		if (strcmp(v->row->name, name) == 0)
			value = v->value;
	return value;
}

const struct option_row *options_row(const struct option_row *const *tables, struct span name)
{
	for (; *tables; tables++)
		for (const struct option_row *row = *tables; row->name; row++)
			if (span_equal(span_str(row->name), name))
				return row;
	return NULL;
}

static const struct option_row *row_of_letter(const struct option_row *const *tables, char letter)
{
	for (; *tables; tables++)
		for (const struct option_row *row = *tables; row->name; row++)
			if (row->letter && row->letter == letter)
				return row;
	return NULL;
}

/* Is `value` one of "a|b|WORD"? A word in capitals stands for anything. */
static bool words_take(const char *words, const char *value)
{
	struct span rest = span_str(words);
	while (rest.len) {
		size_t bar = span_find(rest, '|');
		struct span word = span_of(rest.at, bar);
		if ((word.len && ascii_is_upper(word.at[0])) || span_equal(word, span_str(value)))
			return true;
		rest = span_from(rest, bar + 1);
	}
	return false;
}

int options_add(struct options *o, const struct option_row *row, const char *value, struct error *err)
{
	struct option_value *v;
	if (row->value && row->words && !words_take(row->words, value))
		return error_set(err, -EINVAL, "--%s: %s is none of %s", row->name, value, row->words);
	v = arena_alloc(o->arena, 1, sizeof(*v));
	if (!v)
		return error_set(err, -ENOMEM, "out of memory");
	v->row = row;
	v->value = row->value ? value : NULL;
	*o->end = v;
	o->end = &v->next;
	return 0;
}

static int unknown_long(const struct option_row *const *tables, const char *given, size_t len, struct error *err)
{
	char name[128];
	struct nearest near;
	if (len >= sizeof(name))
		return error_set(err, -EINVAL, "unknown option --%.100s...", given);
	memcpy(name, given, len);
	name[len] = '\0';
	near = nearest_to(name);
	for (; *tables; tables++)
		for (const struct option_row *row = *tables; row->name; row++)
			nearest_try(&near, row->name);
	if (near.name)
		return error_set(err, -EINVAL, "unknown option --%s; did you mean --%s?", name, near.name);
	return error_set(err, -EINVAL, "unknown option --%s", name);
}

static int next_long(struct options *o, const struct option_row *const *tables, int argc, char **argv, int *at,
		     struct error *err)
{
	const char *text = argv[*at] + 2;
	size_t len = span_find(span_str(text), '=');
	const char *value = text[len] ? text + len + 1 : NULL;
	const struct option_row *row = options_row(tables, span_of(text, len));
	if (!row)
		return unknown_long(tables, text, len, err);
	if (value && !row->value)
		return error_set(err, -EINVAL, "--%s takes no value", row->name);
	++*at;
	if (row->value && !value) {
		if (*at == argc)
			return error_set(err, -EINVAL, "--%s needs a value: %s", row->name,
					 row->words ? row->words : row->value);
		value = argv[(*at)++];
	}
	return options_add(o, row, value, err);
}

static int next_short(struct options *o, const struct option_row *const *tables, int argc, char **argv, int *at,
		      struct error *err)
{
	const char *text = argv[(*at)++] + 1;
	for (; *text; text++) {
		const struct option_row *row = row_of_letter(tables, *text);
		const char *value = NULL;
		int r;
		if (!row)
			return error_set(err, -EINVAL, "unknown option -%c", *text);
		if (row->value && text[1])
			value = text + 1;
		else if (row->value && *at < argc)
			value = argv[(*at)++];
		else if (row->value)
			return error_set(err, -EINVAL, "-%c needs a value: %s", *text, row->value);
		r = options_add(o, row, value, err);
		if (r < 0 || value)
			return r;
	}
	return 0;
}

int options_next(struct options *o, const struct option_row *const *tables, int argc, char **argv, int *at,
		 struct error *err)
{
	const char *arg;
	if (*at >= argc)
		return OPTIONS_END;
	arg = argv[*at];
	if (arg[0] != '-' || !arg[1]) /* "-" alone is standard input */
		return OPTIONS_ARGUMENT;
	if (arg[1] == '-' && !arg[2]) {
		++*at;
		return OPTIONS_END;
	}
	return arg[1] == '-' ? next_long(o, tables, argc, argv, at, err) : next_short(o, tables, argc, argv, at, err);
}
