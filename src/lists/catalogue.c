/* SPDX-License-Identifier: BSD-2-Clause */
/* The catalogue: the built-in lists, the administrator's above them, and the keys. */
#include <errno.h>
#include <stdlib.h>

#include "lists/builtin.h"
#include "lists/catalogue_files.h"
#include "lists/keys.h"
#include "lists/loader.h"

enum { CATALOGUE_OCTETS_MAX = 256 << 20 };

struct catalogue {
	struct arena arena;
	const struct list *const *lists;
	size_t count;
	struct keys keys;
	const char **query_zones; /* of keyed lists, by index; NULL: no key */
};

static int add_text(void *arg, struct span text, const char *path)
{
	return loader_add(arg, text, path);
}

static int add_keys(struct catalogue *c, const char *path, struct schema_faults *faults)
{
	struct span text;
	unsigned int mode;
	int rc = path ? catalogue_files_take(faults, path, &c->arena, &text, &mode) : -ENOENT;
	if (rc == -ENOENT)
		return 0;
	if (rc < 0)
		return catalogue_files_as_configuration(rc);
	return keys_read(text, path, mode, c->lists, c->count, &c->arena, faults, &c->keys);
}

static int fill_query_zones(struct catalogue *c)
{
	c->query_zones = arena_alloc(&c->arena, c->count, sizeof(*c->query_zones));
	if (!c->query_zones)
		return -ENOMEM;
	for (size_t i = 0; i < c->count; i++) {
		const struct list *l = c->lists[i];
		const char *key = l->key ? keys_find(&c->keys, l->key) : NULL;
		if (!key)
			continue;
		c->query_zones[i] = arena_printf(&c->arena, "%s.%s", key, record_plain_zone(l->zone));
		if (!c->query_zones[i])
			return -ENOMEM;
	}
	return 0;
}

/* Index of a list, by its zone: the caller's may be a copy of ours. */
static size_t index_of(const struct catalogue *c, const struct list *l)
{
	size_t low = 0, high = c->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(c->lists[middle]->zone, l->zone) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->count && strcmp(c->lists[low]->zone, l->zone) == 0 ? low : c->count;
}

static int enable(struct catalogue *c, const struct catalogue_config *config, struct schema_faults *faults)
{
	const struct list **lists;
	if (config->enable_count == 0)
		return 0;
	lists = arena_alloc(&c->arena, c->count, sizeof(struct list *));
	if (!lists)
		return -ENOMEM;
	memcpy(lists, c->lists, c->count * sizeof(struct list *));
	c->lists = lists;
	for (size_t i = 0; i < config->enable_count; i++) {
		const struct list *l = catalogue_find(c, config->enable[i]);
		struct list *on = l ? arena_alloc(&c->arena, 1, sizeof(*on)) : NULL;
		if (!l) {
			schema_fault(faults, "check", (struct schema_place){0}, "enable",
				     "\"%s\" is no zone of the catalogue", config->enable[i]);
			continue;
		}
		if (!on)
			return -ENOMEM;
		*on = *l;
		on->enabled = true;
		lists[index_of(c, l)] = on;
	}
	return 0;
}

static struct loader loader_over_builtin(struct arena *arena, struct schema_faults *faults)
{
	return (struct loader){
		.arena = arena, .faults = faults, .base = catalogue_builtin, .base_count = catalogue_builtin_count};
}

static int load(struct catalogue *c, const struct catalogue_config *config, struct schema_faults *faults)
{
	struct loader l = loader_over_builtin(&c->arena, faults);
	int rc = config->lists_dir ? catalogue_files_each(config->lists_dir, faults, &c->arena, add_text, &l) : 0,
	    other;
	if (rc == -ENOMEM)
		return rc;
	c->lists = catalogue_builtin;
	c->count = catalogue_builtin_count;
	other = l.count ? loader_finish(&l, &c->lists, &c->count) : 0;
	if (other == 0)
		other = enable(c, config, faults);
	if (other == 0)
		other = add_keys(c, config->key_file, faults);
	if (other == 0)
		other = fill_query_zones(c);
	catalogue_files_worse(&rc, other);
	return rc == 0 && faults->count ? -EBADMSG : rc;
}

int catalogue_load(const struct catalogue_config *config, catalogue_fault_fn *on_fault, void *arg,
		   struct catalogue **ret_catalogue, struct error *err)
{
	struct schema_faults faults = {.on_fault = on_fault, .arg = arg, .err = err};
	struct catalogue *c = calloc(1, sizeof(*c));
	int rc;
	if (!c)
		return error_set(err, -ENOMEM, "out of memory");
	c->arena = arena_make(CATALOGUE_OCTETS_MAX);
	rc = load(c, config, &faults);
	if (rc < 0) {
		if (rc == -ENOMEM)
			error_set(err, rc, "the catalogue: out of memory");
		catalogue_free(c);
		return rc;
	}
	*ret_catalogue = c;
	return 0;
}

struct catalogue *catalogue_free(struct catalogue *c)
{
	if (c)
		arena_release(&c->arena);
	free(c);
	return NULL;
}

int catalogue_lint(const char *const *paths, size_t count, catalogue_fault_fn *on_fault, void *arg)
{
	struct schema_faults faults = {.on_fault = on_fault, .arg = arg};
	struct arena arena = arena_make(CATALOGUE_OCTETS_MAX);
	struct loader l = loader_over_builtin(&arena, &faults);
	const struct list *const *lists;
	size_t list_count;
	int rc = 0, one;
	for (size_t i = 0; i < count && rc != -ENOMEM; i++) {
		one = catalogue_files_one(paths[i], &faults, &arena, add_text, &l);
		if (one < 0 && (rc == 0 || one == -ENOMEM))
			rc = one;
	}
	if (rc != -ENOMEM) {
		one = loader_finish(&l, &lists, &list_count);
		rc = one < 0 ? one : rc;
	}
	arena_release(&arena);
	return rc == 0 && faults.count ? -EBADMSG : rc;
}

size_t catalogue_count(const struct catalogue *c)
{
	return c->count;
}

const struct list *catalogue_at(const struct catalogue *c, size_t i)
{
	return i < c->count ? c->lists[i] : NULL;
}

const struct list *catalogue_find(const struct catalogue *c, const char *zone)
{
	return loader_find(c->lists, c->count, zone);
}

const char *catalogue_query_zone(const struct catalogue *c, const struct list *l)
{
	size_t i = l->key ? index_of(c, l) : c->count;
	return !l->key ? l->zone : i < c->count ? c->query_zones[i] : NULL;
}

void catalogue_redact(const struct catalogue *c, char *text)
{
	keys_redact(&c->keys, text);
	redact_zones(c->lists, c->count, text);
}

bool list_is_part_of(const struct list *l, const struct list *whole)
{
	for (size_t i = 0; i < l->part_of.count; i++)
		if (strcmp(l->part_of.at[i], whole->zone) == 0)
			return true;
	return false;
}

bool list_holds_names(const struct list *l)
{
	return l->class == CLASS_DOMAIN || l->class == CLASS_URL || !(l->query & (QUERY_IP4 | QUERY_IP6));
}
