/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of records over the lists below them. */
#include "lists/loader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "lists/build.h"

enum { ZONE_SIZE = 272, PART_OF_DEPTH_MAX = 8, PART_OF_STEPS_MAX = 256 };

struct loaded {
	struct list list;
	const struct record *record;
	struct loaded *next;
	size_t number; /* in order of the files */
};

static int by_zone(const void *a, const void *b)
{
	const struct list *const *left = a, *const *right = b;
	return strcmp((*left)->zone, (*right)->zone);
}

static const struct list *find_exact(const struct list *const *lists, size_t count, const char *zone)
{
	const struct list probe = {.zone = zone}, *key = &probe;
	const struct list *const *hit = count ? bsearch(&key, lists, count, sizeof(*lists), by_zone) : NULL;
	return hit ? *hit : NULL;
}

const struct list *loader_find(const struct list *const *lists, size_t count, const char *zone)
{
	char name[ZONE_SIZE], keyed[ZONE_SIZE + 8];
	size_t len = strlen(zone);
	const struct list *l;
	const char *dot;
	if (len && zone[len - 1] == '.')
		len--;
	if (len == 0 || len >= sizeof(name))
		return NULL;
	memcpy(name, zone, len);
	name[len] = '\0';
	ascii_lower_all(name);
	l = find_exact(lists, count, name);
	if (l)
		return l;
	snprintf(keyed, sizeof(keyed), "{key}.%s", name);
	l = find_exact(lists, count, keyed);
	dot = strchr(name, '.');
	if (l || !dot || dot == name)
		return l;
	snprintf(keyed, sizeof(keyed), "{key}.%s", dot + 1);
	return find_exact(lists, count, keyed);
}

/* A record stands on the list whose zone it names, keyed or not; a label in the key's place is another zone. */
static const struct list *find_base(const struct loader *l, const char *zone)
{
	char keyed[ZONE_SIZE + 8];
	const char *plain = record_plain_zone(zone);
	const struct list *base = find_exact(l->base, l->base_count, plain);
	snprintf(keyed, sizeof(keyed), "{key}.%s", plain);
	return base ? base : find_exact(l->base, l->base_count, keyed);
}

static int add_record(struct loader *l, const struct record_file *file, const struct record *r, const char *name)
{
	struct build b = {.record = r, .file = name, .arena = l->arena, .faults = l->faults};
	struct loaded *loaded = arena_alloc(l->arena, 1, sizeof(*loaded));
	int rc;
	if (!loaded)
		return -ENOMEM;
	b.operator= present(&file->seen, FILE_ROW_OPERATOR) ? &file->operator: NULL;
	b.base = r->v.zone ? find_base(l, r->v.zone) : NULL;
	rc = build_list(&b, &loaded->list);
	if (rc < 0 || !r->v.zone)
		return rc;
	loaded->record = r;
	loaded->number = l->count;
	loaded->next = l->records;
	l->records = loaded;
	l->count++;
	return 0;
}

int loader_add(struct loader *l, struct span text, const char *file)
{
	struct record_file content = {0};
	const char *name = arena_copy(l->arena, span_str(file));
	int rc = name ? schema_read(&record_file_schema, text, name, l->arena, l->faults, &content) : -ENOMEM;
	if (rc == -ENOMEM)
		return rc;
	for (size_t i = 0; i < content.list_count; i++) {
		rc = add_record(l, &content, &content.lists[i], name);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int by_plain_zone(const void *a, const void *b)
{
	const struct loaded *const *left = a, *const *right = b;
	int order = strcmp(record_plain_zone((*left)->list.zone), record_plain_zone((*right)->list.zone));
	/* as they stand in the files, so that the second one is called the second */
	return order ? order : (*left)->number < (*right)->number ? -1 : 1;
}

static void check_twice(struct loader *l, struct loaded **sorted)
{
	for (size_t i = 1; i < l->count; i++) {
		const struct list *a = &sorted[i - 1]->list, *b = &sorted[i]->list;
		if (strcmp(record_plain_zone(a->zone), record_plain_zone(b->zone)) == 0)
			schema_fault(l->faults, b->file, schema_at(&record_schema, sorted[i]->record, "zone"), "zone",
				     "\"%s\" stands twice, also at %s:%d", b->zone, a->file, a->line);
	}
}

/* A list inside itself would never be asked. The steps bound what a hostile file can make of this. */
static bool circular(const struct list *const *lists, size_t count, const struct list *start, const struct list *at,
		     int depth, int *steps)
{
	for (size_t i = 0; i < at->part_of.count && --*steps > 0; i++) {
		const struct list *up = loader_find(lists, count, at->part_of.at[i]);
		if (up == start)
			return true;
		if (up && up != at && depth > 1 && circular(lists, count, start, up, depth - 1, steps))
			return true;
	}
	return false;
}

static void check_references(const struct loader *l, const struct loaded *loaded, const struct list *const *lists,
			     size_t count)
{
	const struct list *of = &loaded->list;
	const struct record *r = loaded->record;
	const struct record_closed *closed = &r->closed;
	int steps = PART_OF_STEPS_MAX;
	for (size_t i = 0; i < r->v.part_of.count; i++)
		if (!loader_find(lists, count, r->v.part_of.at[i]))
			schema_fault(l->faults, of->file, r->part_of_at[i], "part_of",
				     "\"%s\" is no zone of the catalogue", r->v.part_of.at[i]);
	if (r->v.part_of.count &&
	    circular(lists, count, loader_find(lists, count, of->zone), of, PART_OF_DEPTH_MAX, &steps))
		schema_fault(l->faults, of->file, schema_at(&record_schema, r, "part_of"), "part_of",
			     "goes in a circle: the list would hold itself");
	if (closed->instead && !loader_find(lists, count, closed->instead))
		schema_fault(l->faults, of->file, closed->seen.at[CLOSED_ROW_INSTEAD], "instead",
			     "\"%s\" is no zone of the catalogue", closed->instead);
}

static size_t merge(const struct loader *l, struct loaded *const *sorted, const struct list **lists)
{
	size_t count = 0;
	for (size_t i = 0; i < l->count; i++)
		if (i == 0 || strcmp(sorted[i]->list.zone, sorted[i - 1]->list.zone) != 0)
			lists[count++] = &sorted[i]->list;
	qsort(lists, count, sizeof(*lists), by_zone);
	for (size_t i = 0, own = count; i < l->base_count; i++)
		if (!find_exact(lists, own, l->base[i]->zone))
			lists[count++] = l->base[i];
	qsort(lists, count, sizeof(*lists), by_zone);
	return count;
}

int loader_finish(struct loader *l, const struct list *const **ret_lists, size_t *ret_count)
{
	struct loaded **order = arena_alloc(l->arena, l->count, sizeof(struct loaded *));
	struct loaded **sorted = arena_alloc(l->arena, l->count, sizeof(struct loaded *));
	const struct list **lists = arena_alloc(l->arena, l->count + l->base_count, sizeof(struct list *));
	size_t count;
	if (!order || !sorted || !lists)
		return -ENOMEM;
	for (struct loaded *at = l->records; at; at = at->next)
		sorted[at->number] = order[at->number] = at;
	if (l->count)
		qsort(sorted, l->count, sizeof(struct loaded *), by_plain_zone);
	check_twice(l, sorted);
	count = merge(l, sorted, lists);
	for (size_t i = 0; i < l->count; i++)
		check_references(l, order[i], lists, count);
	*ret_lists = lists;
	*ret_count = count;
	return 0;
}
