/* SPDX-License-Identifier: BSD-2-Clause */
/* offlist.check/1 as it was printed or kept, to listings. */
#include "cli/check_read.h"

#include <errno.h>
#include <jansson.h>

#include "cli/moment.h"
#include "verdict/status.h"

/* Copies live in the arena; NULL for what is no text. */
static const char *text_of(struct arena *arena, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? arena_copy(arena, span_str(text)) : NULL;
}

static uint32_t suggests_of(const json_t *reason)
{
	const json_t *words = json_object_get(reason, "suggests"), *word;
	uint32_t bits = 0;
	size_t i;
	json_array_foreach(words, i, word)
	{
		const char *text = json_string_value(word);
		for (unsigned c = 0; text && c < CAUSE_COUNT; c++)
			if (strcmp(text, cause_text((enum cause)c)) == 0)
				bits |= 1u << c;
	}
	return bits;
}

static enum list_class class_of(const json_t *object)
{
	const char *text = json_string_value(json_object_get(object, "class"));
	for (int c = CLASS_BLOCK; text && c <= CLASS_INFORMATION; c++)
		if (strcmp(text, list_class_text((enum list_class)c)) == 0)
			return (enum list_class)c;
	return CLASS_BLOCK;
}

static enum impact impact_of(const json_t *object)
{
	const char *text = json_string_value(json_object_get(object, "impact"));
	for (int i = IMPACT_LOW; text && i <= IMPACT_HIGH; i++)
		if (strcmp(text, impact_text((enum impact)i)) == 0)
			return (enum impact)i;
	return IMPACT_LOW;
}

static int add(struct check_listings *l, struct arena *arena, const struct case_listing *one)
{
	if (l->count >= CHECK_READ_LISTINGS_MAX)
		return -E2BIG;
	if (l->count == l->size) {
		size_t size = l->size ? l->size * 2 : 16;
		struct case_listing *at = arena_alloc(arena, size, sizeof(*at));
		if (!at)
			return -ENOMEM;
		if (l->count)
			memcpy(at, l->at, l->count * sizeof(*at));
		l->at = at;
		l->size = size;
	}
	l->at[l->count++] = *one;
	return 0;
}

/* White, score and information entries block nobody (verdict rule 2). */
static bool lists_somebody(enum list_class class)
{
	return class == CLASS_BLOCK || class == CLASS_POLICY || class == CLASS_DOMAIN || class == CLASS_URL;
}

static int read_reasons(const json_t *row, struct case_listing one, struct arena *arena, struct check_listings *l)
{
	const json_t *reasons = json_object_get(row, "reasons"), *reason;
	size_t i;
	int r = 0;
	json_array_foreach(reasons, i, reason)
	{
		one.class = class_of(reason);
		one.impact = impact_of(reason);
		one.code = text_of(arena, reason, "code");
		one.list = text_of(arena, reason, "list");
		one.meaning = text_of(arena, reason, "meaning");
		one.suggests = suggests_of(reason);
		one.neighbour = json_is_true(json_object_get(json_object_get(reason, "scope"), "neighbour"));
		if (r == 0 && lists_somebody(one.class))
			r = add(l, arena, &one);
	}
	return r;
}

static int read_rows(const json_t *check, const struct case_listing *of, struct arena *arena, struct check_listings *l)
{
	const json_t *rows = json_object_get(check, "lists"), *row;
	size_t i;
	int r = 0;
	json_array_foreach(rows, i, row)
	{
		const char *status = json_string_value(json_object_get(row, "status"));
		struct case_listing one = *of;
		if (r < 0 || !status || strcmp(status, status_text(STATUS_LISTED)) != 0)
			continue;
		one.zone = text_of(arena, row, "zone");
		one.name = text_of(arena, row, "name");
		one.class = class_of(row);
		one.impact = impact_of(row);
		if (!one.zone)
			continue;
		if (!one.name)
			one.name = one.zone;
		r = json_array_size(json_object_get(row, "reasons")) ? read_reasons(row, one, arena, l)
								     : add(l, arena, &one);
	}
	return r;
}

static int read_object(const json_t *object, struct arena *arena, struct check_listings *l)
{
	const struct moment_rules utc = {.zone_needed = true};
	const char *schema = json_string_value(json_object_get(object, "schema"));
	const char *at = json_string_value(json_object_get(object, "checked_at"));
	struct case_listing one = {.checked_ms = CASE_TIME_NONE, .from_ms = CASE_TIME_NONE, .to_ms = CASE_TIME_NONE};
	if (schema && strcmp(schema, "offlist.check.summary/1") == 0)
		return 0;
	one.target = text_of(arena, object, "target");
	if (!schema || strcmp(schema, "offlist.check/1") != 0 || !one.target)
		return -EBADMSG;
	if (at && moment_parse(at, &utc, &one.checked_ms, NULL) < 0)
		return -EBADMSG;
	if (one.checked_ms > l->checked_ms || l->checks == 0)
		l->checked_ms = one.checked_ms;
	l->checks++;
	if (json_is_true(json_object_get(object, "not_yours"))) /* the smarthost's: its log is elsewhere */
		return 0;
	return read_rows(object, &one, arena, l);
}

static int line_at(struct span text, size_t octets)
{
	int line = 1;
	for (size_t i = 0; i < octets && i < text.len; i++)
		line += text.at[i] == '\n';
	return line;
}

int listings_read(struct span text, const char *name, struct arena *arena, struct check_listings *l, struct error *err)
{
	struct span rest = span_trim(text);
	if (rest.len == 0)
		return error_set(err, -EBADMSG, "%s: empty; it should hold what offlist check --json printed", name);
	while (rest.len) {
		json_error_t fault;
		json_t *object = json_loadb((const char *)rest.at, rest.len, JSON_DISABLE_EOF_CHECK, &fault);
		int r = object ? read_object(object, arena, l) : -EBADMSG;
		size_t octets = object ? (size_t)fault.position : 0;
		json_decref(object);
		if (r == -EBADMSG)
			return error_set(err, r, "%s:%d: no object of offlist check --json", name,
					 line_at(text, (size_t)(rest.at - text.at)));
		if (r < 0)
			return error_set(err, r, "%s: %s", name, r == -E2BIG ? "too many listings" : "out of memory");
		rest = span_trim(span_from(rest, octets));
	}
	return 0;
}
