/* SPDX-License-Identifier: BSD-2-Clause */
/* The last check of a target beside this one. */
#include "cli/changes.h"

#include <jansson.h>

#include "cli/moment.h"

enum { KEPT_OCTETS_MAX = 1 << 22 };

static const char *text_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* The status that a list had then; NULL: it was no row. */
static const char *status_then(const json_t *rows, const char *zone)
{
	const json_t *row;
	size_t i;
	json_array_foreach(rows, i, row)
	{
		const char *name = text_at(row, "zone");
		if (name && strcmp(name, zone) == 0)
			return text_at(row, "status");
	}
	return NULL;
}

static bool lists_of(const struct check_result *now, struct arena *arena, struct changes_lists *ret_lists)
{
	ret_lists->at = arena_alloc(arena, now->row_count + 1, sizeof(*ret_lists->at));
	return ret_lists->at;
}

static bool compare(const json_t *object, const struct check_result *now, struct arena *arena, struct changes *c)
{
	const struct moment_rules utc = {.zone_needed = true};
	const char *schema = text_at(object, "schema"), *at = text_at(object, "checked_at");
	const json_t *rows = json_object_get(object, "lists");
	if (!schema || strcmp(schema, "offlist.check/1") != 0 || !at ||
	    moment_parse(at, &utc, &c->since_ms, NULL) < 0 || !lists_of(now, arena, &c->listed) ||
	    !lists_of(now, arena, &c->removed))
		return false;
	for (size_t i = 0; i < now->row_count; i++) {
		const struct list *list = now->rows[i].list;
		enum status status = now->rows[i].finding->status;
		const char *then = status_then(rows, list->zone);
		if (then && status == STATUS_LISTED && strcmp(then, status_text(STATUS_CLEAR)) == 0)
			c->listed.at[c->listed.count++] = list;
		else if (then && status == STATUS_CLEAR && strcmp(then, status_text(STATUS_LISTED)) == 0)
			c->removed.at[c->removed.count++] = list;
	}
	return true;
}

bool changes_read(struct span json, const struct check_result *now, struct arena *arena, struct changes *ret_changes)
{
	json_t *object = json_loadb((const char *)json.at, json.len, 0, NULL);
	bool whole;
	*ret_changes = (struct changes){0};
	whole = object && compare(object, now, arena, ret_changes);
	json_decref(object);
	return whole;
}

const char *changes_name(struct arena *arena, const char *target, const char *const *zones, size_t zone_count)
{
	const char *name = target;
	for (size_t i = 0; i < zone_count && name; i++)
		name = arena_printf(arena, "%s %s", name, zones[i]);
	return name;
}

static bool find_one(struct store *store, const char *name, const struct check_result *now, struct arena *arena,
		     struct changes *ret_changes)
{
	struct buf json = buf_make(KEPT_OCTETS_MAX);
	struct error err;
	int64_t at_ms;
	bool found = store_check_get(store, name, &json, &at_ms, &err) == 0 &&
		     changes_read(buf_span(&json), now, arena, ret_changes);
	buf_release(&json);
	return found;
}

bool changes_find(struct store *store, const char *name, const struct check_result *now, struct arena *arena,
		  struct changes *ret_changes)
{
	struct changes own;
	bool found = find_one(store, now->target->text, now, arena, ret_changes);
	if (strcmp(name, now->target->text) == 0 || !find_one(store, name, now, arena, &own) ||
	    (found && own.since_ms < ret_changes->since_ms))
		return found;
	*ret_changes = own;
	return true;
}
