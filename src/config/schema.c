/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks a YAML document along a table of rows. Recursion is as deep as the tables are nested, whatever the file says. */
#include "config/schema.h"

#include <assert.h>
#include <errno.h>

#include "base/ascii.h"
#include "config/reader.h"

enum { NEAREST_CHANGES_MAX = 3, NAME_OCTETS_MAX = 40 };

static bool read_map(struct reader *r, const struct schema *s, void *base);

uint64_t schema_bit(const struct schema *schema, const char *key)
{
	for (size_t i = 0; i < schema->count; i++)
		if (strcmp(schema->rows[i].key, key) == 0)
			return UINT64_C(1) << i;
	assert(!"no such row");
	return 0;
}

struct schema_place schema_at(const struct schema *schema, const void *of, const char *key)
{
	const struct schema_seen *seen = of;
	uint64_t bit = schema_bit(schema, key);
	struct schema_place at = seen->at && bit ? seen->at[__builtin_ctzll(bit)] : seen->start;
	return at.line ? at : seen->start;
}

size_t schema_distance(struct span a, struct span b, size_t limit)
{
	size_t row[NAME_OCTETS_MAX + 1];
	if (a.len > NAME_OCTETS_MAX || b.len > NAME_OCTETS_MAX)
		return limit + 1;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 0; i < a.len; i++) {
		size_t corner = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < b.len; j++) {
			size_t change = corner + (ascii_lower(a.at[i]) != ascii_lower(b.at[j]));
			size_t shift = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
			corner = row[j + 1];
			row[j + 1] = change < shift ? change : shift;
		}
	}
	return row[b.len] > limit ? limit + 1 : row[b.len];
}

static const char *nearest_key(const struct schema *s, struct span name)
{
	const char *best = NULL;
	size_t least = NEAREST_CHANGES_MAX + 1;
	for (size_t i = 0; i < s->count; i++) {
		struct span key = span_str(s->rows[i].key);
		size_t changes = schema_distance(name, key, NEAREST_CHANGES_MAX);
		/* "url" is not a slip of "zone": half of it must be right */
		if (changes < least && changes * 2 <= key.len) {
			least = changes;
			best = s->rows[i].key;
		}
	}
	return best;
}

static void wrong_kind(struct reader *r, const struct schema_row *row, const char *expected)
{
	static const char *const kinds[] = {[YAML_SCALAR_EVENT] = "a single value",
					    [YAML_SEQUENCE_START_EVENT] = "a list",
					    [YAML_MAPPING_START_EVENT] = "a map"};
	if (r->event.type != YAML_ALIAS_EVENT) /* told already */
		schema_fault(r->faults, r->file, reader_place(r), row->key, "is %s, expected %s", kinds[r->event.type],
			     expected);
	reader_skip(r);
}

/* The items of a list in order, while their number is not known. */
struct item {
	struct item *next;
	struct schema_place at;
	_Alignas(max_align_t) unsigned char data[];
};

struct items {
	struct item *first, **end;
	size_t count;
};

static struct item *add_item(struct reader *r, const struct schema_row *row, struct items *items, size_t size)
{
	struct item *item;
	size_t max = row->type == SCHEMA_PAIRS ? SCHEMA_PAIRS_MAX : SCHEMA_ITEMS_MAX;
	if (items->count >= max) {
		schema_fault(r->faults, r->file, reader_place(r), row->key, "has more than %zu items", max);
		r->error = -EBADMSG;
		return NULL;
	}
	item = arena_alloc(r->arena, 1, sizeof(*item) + size);
	if (!item) {
		r->error = -ENOMEM;
		return NULL;
	}
	item->at = reader_place(r);
	*items->end = item;
	items->end = &item->next;
	items->count++;
	return item;
}

static bool read_item(struct reader *r, const struct schema_row *row, struct items *items)
{
	struct item *item;
	const char *text;
	if (row->type == SCHEMA_MAPS) {
		if (r->event.type != YAML_MAPPING_START_EVENT) {
			wrong_kind(r, row, row->map->name);
			return false;
		}
		item = add_item(r, row, items, row->map->size);
		return item && read_map(r, row->map, item->data);
	}
	if (r->event.type != YAML_SCALAR_EVENT) {
		wrong_kind(r, row, "a single value");
		return false;
	}
	text = reader_text(r, row, reader_scalar(r), reader_place(r));
	if (text && row->accept && !row->accept(span_str(text), NULL)) {
		char shown[READER_SHOWN_SIZE];
		schema_fault(r->faults, r->file, reader_place(r), row->key, "\"%s\", expected %s",
			     reader_shown(span_str(text), shown), row->expected);
		return false;
	}
	item = text ? add_item(r, row, items, sizeof(text)) : NULL;
	if (item)
		memcpy(item->data, &text, sizeof(text));
	return item != NULL;
}

static bool store_items(struct reader *r, const struct schema_row *row, const struct items *items, void *base)
{
	size_t size = row->type == SCHEMA_MAPS ? row->map->size : sizeof(const char *), i = 0;
	char *array = arena_alloc(r->arena, items->count, size);
	struct schema_place *places = arena_alloc(r->arena, items->count, sizeof(*places));
	if (!array || !places) {
		r->error = -ENOMEM;
		return false;
	}
	for (const struct item *item = items->first; item; item = item->next, i++) {
		memcpy(array + i * size, item->data, size);
		places[i] = item->at;
	}
	memcpy((char *)base + row->offset, &array, sizeof(array));
	memcpy((char *)base + row->count_offset, &items->count, sizeof(items->count));
	if (row->places_offset)
		memcpy((char *)base + row->places_offset, &places, sizeof(places));
	return true;
}

static bool read_list(struct reader *r, const struct schema_row *row, void *base)
{
	struct items items = {0};
	bool good = true;
	items.end = &items.first;
	if (r->event.type != YAML_SEQUENCE_START_EVENT) {
		wrong_kind(r, row, "a list");
		return false;
	}
	while (reader_pull(r) && r->event.type != YAML_SEQUENCE_END_EVENT) {
		if (row->type == SCHEMA_WORDS && r->event.type != YAML_SCALAR_EVENT) {
			wrong_kind(r, row, "a word");
			good = false;
		} else if (row->type == SCHEMA_WORDS) {
			good &= reader_take_scalar(r, row, reader_scalar(r), reader_place(r), base);
		} else {
			good &= read_item(r, row, &items);
		}
	}
	if (r->error)
		return false;
	/* what is good of a list is kept, so that later checks tell their faults in the same run */
	return (row->type == SCHEMA_WORDS || store_items(r, row, &items, base)) && good;
}

static bool read_value(struct reader *r, const struct schema_row *row, void *base)
{
	switch (row->type) {
	case SCHEMA_WORDS:
	case SCHEMA_TEXTS:
	case SCHEMA_MAPS:
		return read_list(r, row, base);
	case SCHEMA_MAP:
		if (r->event.type == YAML_MAPPING_START_EVENT)
			return read_map(r, row->map, (char *)base + row->offset);
		if (!row->accept || r->event.type != YAML_SCALAR_EVENT) {
			wrong_kind(r, row, row->map->name);
			return false;
		}
		break;
	default:
		if (r->event.type != YAML_SCALAR_EVENT) {
			wrong_kind(r, row, "a single value");
			return false;
		}
	}
	return reader_take_scalar(r, row, reader_scalar(r), reader_place(r), base);
}

static const struct schema_row *find_row(struct reader *r, const struct schema *s, struct span name)
{
	char shown[READER_SHOWN_SIZE];
	const char *near = nearest_key(s, name);
	for (size_t i = 0; i < s->count; i++)
		if (span_equal(name, span_str(s->rows[i].key)))
			return &s->rows[i];
	schema_fault(r->faults, r->file, reader_place(r), reader_shown(name, shown), "unknown key in %s%s%s%s", s->name,
		     near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return NULL;
}

/* The row of the key at hand, when its value is to be read; an unknown or second one is told. */
static const struct schema_row *take_key(struct reader *r, const struct schema *s, const struct schema_place *at)
{
	const struct schema_row *row;
	int line;
	if (r->event.type != YAML_SCALAR_EVENT) {
		if (r->event.type != YAML_ALIAS_EVENT)
			schema_fault(r->faults, r->file, reader_place(r), NULL, "a key that is no text, in %s",
				     s->name);
		reader_skip(r);
		return NULL;
	}
	row = find_row(r, s, reader_scalar(r));
	line = row ? at[row - s->rows].line : 0;
	if (line)
		schema_fault(r->faults, r->file, reader_place(r), row->key, "given twice, first on line %d", line);
	return line ? NULL : row;
}

/* A pair's key, which no pair before it has. NULL: it is none; said. */
static const char *read_pair_key(struct reader *r, const struct schema_row *row, const struct items *items,
				 struct schema_place at, bool *good)
{
	const char *key;
	if (r->event.type != YAML_SCALAR_EVENT) {
		wrong_kind(r, row, "a name");
		return NULL;
	}
	key = reader_text(r, row, reader_scalar(r), at);
	for (const struct item *item = items->first; item && key; item = item->next)
		if (strcmp(((const struct schema_pair *)item->data)->key, key) == 0) {
			schema_fault(r->faults, r->file, at, key, "given twice, first on line %d", item->at.line);
			*good = false;
		}
	return key;
}

static bool read_pairs(struct reader *r, const struct schema_row *row, void *base)
{
	const struct schema_row any = {.key = row->key,
				       .type = SCHEMA_MAPS,
				       .map = row->map,
				       .offset = row->offset,
				       .count_offset = row->count_offset};
	struct items items = {0};
	bool good = true;
	items.end = &items.first;
	while (reader_pull(r) && r->event.type != YAML_MAPPING_END_EVENT) {
		struct schema_pair pair = {.at = reader_place(r)};
		struct schema_row of = *row;
		struct item *item;
		pair.key = read_pair_key(r, row, &items, pair.at, &good);
		if (!reader_pull(r))
			break;
		of.key = pair.key ? pair.key : row->key;
		of.type = SCHEMA_TEXT;
		of.offset = offsetof(struct schema_pair, value);
		good &= pair.key && read_value(r, &of, &pair);
		item = pair.value ? add_item(r, row, &items, sizeof(pair)) : NULL;
		if (item) {
			item->at = pair.at;
			memcpy(item->data, &pair, sizeof(pair));
		}
	}
	return !r->error && store_items(r, &any, &items, base) && good;
}

static bool read_map(struct reader *r, const struct schema *s, void *base)
{
	struct schema_seen seen = {.start = reader_place(r)};
	struct schema_place *at = arena_alloc(r->arena, s->count, sizeof(*at));
	size_t before = r->faults->count;
	if (!at) {
		r->error = -ENOMEM;
		return false;
	}
	if (s->count == 1 && s->rows[0].type == SCHEMA_PAIRS)
		return read_pairs(r, s->rows, base);
	while (reader_pull(r) && r->event.type != YAML_MAPPING_END_EVENT) {
		const struct schema_row *row = take_key(r, s, at);
		if (!reader_pull(r))
			break;
		if (!row) {
			reader_skip(r);
			continue;
		}
		at[row - s->rows] = reader_place(r);
		if (read_value(r, row, base))
			seen.given |= UINT64_C(1) << (row - s->rows);
	}
	for (size_t i = 0; i < s->count && !r->error; i++)
		if (s->rows[i].required && !at[i].line)
			schema_fault(r->faults, r->file, seen.start, s->rows[i].key, "missing in %s", s->name);
	seen.at = at;
	if (s->seen)
		memcpy(base, &seen, sizeof(seen));
	return !r->error && r->faults->count == before;
}

static void read_document(struct reader *r, const struct schema *s, void *ret_struct)
{
	if (!reader_pull(r) || !reader_pull(r)) /* stream start; document start, or stream end of an empty file */
		return;
	if (r->event.type == YAML_DOCUMENT_START_EVENT) {
		if (!reader_pull(r))
			return;
		if (r->event.type == YAML_MAPPING_START_EVENT) {
			read_map(r, s, ret_struct);
		} else {
			const struct schema_row whole = {.key = NULL};
			wrong_kind(r, &whole, s->name);
		}
		if (!reader_pull(r) || !reader_pull(r)) /* document end, stream end */
			return;
		if (r->event.type != YAML_STREAM_END_EVENT)
			schema_fault(r->faults, r->file, reader_place(r), NULL,
				     "a second document, expected one a file");
		return;
	}
	for (size_t i = 0; i < s->count; i++)
		if (s->rows[i].required)
			schema_fault(r->faults, r->file, (struct schema_place){1, 1}, s->rows[i].key, "missing in %s",
				     s->name);
}

int schema_read(const struct schema *schema, struct span text, const char *file, struct arena *arena,
		struct schema_faults *faults, void *ret_struct)
{
	struct reader r;
	size_t before = faults->count;
	int rc = reader_init(&r, text, file, arena, faults);
	assert(schema->count <= SCHEMA_ROWS_MAX);
	if (rc < 0)
		return rc;
	read_document(&r, schema, ret_struct);
	rc = r.error == -ENOMEM ? -ENOMEM : faults->count > before ? -EBADMSG : 0;
	reader_release(&r);
	return rc;
}

int schema_defaults(const struct schema *schema, struct arena *arena, void *ret_struct)
{
	struct schema_faults faults = {0};
	struct reader r = {.file = "", .arena = arena, .faults = &faults};
	for (size_t i = 0; i < schema->count; i++) {
		const struct schema_row *row = &schema->rows[i];
		if (row->type == SCHEMA_MAP) {
			int rc = schema_defaults(row->map, arena, (char *)ret_struct + row->offset);
			if (rc < 0)
				return rc;
		} else if (row->default_text && !reader_take_scalar(&r, row, span_str(row->default_text),
								    (struct schema_place){0}, ret_struct)) {
			return r.error ? r.error : -EINVAL;
		}
	}
	return 0;
}
