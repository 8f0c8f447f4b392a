/* SPDX-License-Identifier: BSD-2-Clause */
/* The key file: a map of key name to key. */
#include "lists/keys.h"

#include <errno.h>
#include <stdlib.h>

#include "base/ascii.h"

enum { OTHERS_MAY_READ = 0007 };

static const struct schema_row pair_rows[] = {
	{"key", SCHEMA_PAIRS, offsetof(struct keys, at), .count_offset = offsetof(struct keys, count),
	 .expected = "a key"},
};

static const struct schema pair_schema = {"a key", NULL, 0, sizeof(struct schema_pair), false};

static bool is_label(const char *text)
{
	size_t len = strlen(text);
	if (len < KEY_OCTETS_MIN || len > KEY_OCTETS_MAX || text[0] == '-' || text[len - 1] == '-')
		return false;
	for (; *text; text++)
		if (!ascii_is_alpha((uint8_t)*text) && !ascii_is_digit((uint8_t)*text) && *text != '-' && *text != '_')
			return false;
	return true;
}

static bool is_wanted(const struct list *const *lists, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (lists[i]->key && strcmp(lists[i]->key, name) == 0)
			return true;
	return false;
}

static void check_pair(const struct schema_pair *pair, const char *file, const struct list *const *lists, size_t count,
		       struct schema_faults *faults)
{
	/* the unknown name is not shown: somebody may have written key and name the wrong way round */
	if (!is_wanted(lists, count, pair->key))
		schema_fault(faults, file, pair->at, NULL,
			     "no list needs a key of this name (offlist lists shows them)");
	else if (!is_label(pair->value))
		schema_fault(faults, file, pair->at, pair->key,
			     "not a key, expected %d to %d letters, digits, hyphens and underscores", KEY_OCTETS_MIN,
			     KEY_OCTETS_MAX);
}

static int longest_first(const void *a, const void *b)
{
	const struct schema_pair *left = a, *right = b;
	size_t l = strlen(left->value), r = strlen(right->value);
	return l < r ? 1 : l > r ? -1 : 0;
}

int keys_read(struct span text, const char *file, unsigned int mode, const struct list *const *lists, size_t count,
	      struct arena *arena, struct schema_faults *faults, struct keys *ret_keys)
{
	struct schema_row rows[1] = {pair_rows[0]};
	struct schema schema = {"the key file", rows, 1, sizeof(struct keys), false};
	struct keys keys = {0};
	int rc;
	rows[0].map = &pair_schema;
	if (mode & OTHERS_MAY_READ)
		schema_fault(faults, file, (struct schema_place){0}, NULL,
			     "has mode %04o, expected nothing for others (chmod 0640)", mode);
	rc = schema_read(&schema, text, file, arena, faults, &keys);
	if (rc == -ENOMEM)
		return rc;
	for (size_t i = 0; i < keys.count; i++)
		check_pair(&keys.at[i], file, lists, count, faults);
	if (keys.count)
		qsort(keys.at, keys.count, sizeof(*keys.at), longest_first);
	*ret_keys = keys;
	return 0;
}

const char *keys_find(const struct keys *keys, const char *name)
{
	for (size_t i = 0; i < keys->count; i++)
		if (strcmp(keys->at[i].key, name) == 0)
			return keys->at[i].value;
	return NULL;
}

void keys_redact(const struct keys *keys, char *text)
{
	for (size_t i = 0; i < keys->count; i++) {
		const char *key = keys->at[i].value;
		size_t len = strlen(key);
		char *from = text;
		while (len >= KEY_OCTETS_MIN && (from = strcasestr(from, key))) {
			memcpy(from, "{key}", 5);
			memmove(from + 5, from + len, strlen(from + len) + 1);
			from += 5;
		}
	}
}
